"""Arrays on the mesh."""
import ctypes

import numpy as np

from alpa import errors
from alpa._jax import jax
from alpa._library import lib

_DELETER = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class _Managed(ctypes.Structure):
    """DLManagedTensorVersioned up to its deleter."""
    _fields_ = [("version", ctypes.c_uint32 * 2), ("context", ctypes.c_void_p), ("deleter", ctypes.c_void_p)]


class Sharding:
    """How an array is split: for every dimension the axes of the mesh that split it."""
    __slots__ = ("mesh", "dims", "local_shape")

    def __init__(self, mesh, dims, local_shape):
        self.mesh, self.dims, self.local_shape = mesh, dims, local_shape

    @property
    def spec(self):
        """The same as JAX writes it, a PartitionSpec."""
        return jax.sharding.PartitionSpec(
            *(None if not axes else axes[0] if len(axes) == 1 else axes for axes in self.dims))

    @property
    def is_fully_replicated(self):
        """Whether every device holds all of the array."""
        return not any(self.dims)

    def __repr__(self):
        text = " | ".join(",".join(axes) or "-" for axes in self.dims)
        mesh = " x ".join(f"{name}={size}" for name, size in self.mesh)
        return f"Sharding([{text}] on {mesh})"


class Placement:
    """Type and place of an array: what a call compares.  Equal ones are one object (Session.placements)."""
    __slots__ = ("session", "program", "shape", "dtype", "weak_type", "sharding", "is_shared")

    def __init__(self, session, program, shape, dtype, weak_type, sharding):
        self.session, self.program = session, program
        self.shape, self.dtype, self.weak_type, self.sharding = shape, dtype, weak_type, sharding
        self.is_shared = False

    def copy_shared(self):
        """The placement of an array whose memory others see: it is equal to no argument's, so that a call which would
        take the array over takes a copy."""
        copy = Placement(self.session, self.program, self.shape, self.dtype, self.weak_type, self.sharding)
        copy.is_shared = True
        return copy


class Array(np.lib.mixins.NDArrayOperatorsMixin):
    """A tensor on the devices, as parallelized functions return it.

    It is fetched when it is used as an array (`np.asarray`, printing, arithmetic, DLPack) and passed on without a copy
    when it is an argument of the next call.  A call that takes it over (donation) leaves it empty.
    """
    # _handle: the alpa_array; once a call has taken the array over, the name of the function that was called.
    __slots__ = ("_handle", "_placement")

    def __init__(self, handle, placement):
        self._handle = handle
        self._placement = placement

    def __del__(self):
        if type(self._handle) is int:
            self._placement.session.garbage.append(self._handle)

    shape = property(lambda self: self._placement.shape, doc="The sizes of its dimensions.")
    dtype = property(lambda self: self._placement.dtype, doc="The type of its elements.")
    weak_type = property(lambda self: self._placement.weak_type, doc="Whether JAX lets another type win over its own.")
    sharding = property(lambda self: self._placement.sharding, doc="How it is split over the devices.")
    ndim = property(lambda self: len(self._placement.shape), doc="How many dimensions it has.")
    size = property(lambda self: int(np.prod(self._placement.shape)), doc="How many elements it has.")
    nbytes = property(lambda self: lib.alpa_array_global_bytes(self._use()), doc="Bytes of the whole tensor.")

    def is_deleted(self):
        """Whether a call has taken the array over."""
        return type(self._handle) is not int

    def block_until_ready(self):
        """The array itself: calls return when their results are there."""
        return self

    def _use(self):
        """The handle of an array that has data."""
        if type(self._handle) is not int:
            raise errors.DonatedArrayError(
                f"this array, {_describe(self)}, was donated to a call of '{self._handle}' and has no data any more: "
                "use what that call returned, or pass donate_argnums=() to alpa.parallelize")
        if not self._placement.session.is_open:
            raise errors.UnavailableError(
                f"this array, {_describe(self)}, lies on devices that alpa.shutdown() or another alpa.init() ended: "
                "fetch it before (np.asarray)")
        return self._handle

    def _read(self):
        placement = self._placement
        handle = self._use()
        is_key = jax.dtypes.issubdtype(placement.dtype, jax.dtypes.prng_key)
        shape = placement
        if is_key:
            shape = jax.eval_shape(jax.random.key_data, jax.ShapeDtypeStruct(placement.shape, placement.dtype))
        data = np.empty(shape.shape, shape.dtype)
        context = placement.session.context
        with context.lock:
            context.check(lib.alpa_program_read_array(placement.program.handle, handle, data.ctypes.data))
        return data

    def __array__(self, dtype=None, copy=None):
        if copy is False:
            raise ValueError("an alpa.Array is fetched by a copy; np.from_dlpack shares memory where one device holds "
                             "all of it")
        data = self._read()
        return data if dtype is None else data.astype(dtype, copy=False)

    def __jax_array__(self):
        if jax.dtypes.issubdtype(self.dtype, jax.dtypes.prng_key):
            raise TypeError("an alpa.Array of keys: jax.random.wrap_key_data(np.asarray(array)) makes keys of it")
        return jax.numpy.asarray(self._read())

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        fetched = [np.asarray(x) if isinstance(x, Array) else x for x in inputs]
        return getattr(ufunc, method)(*fetched, **kwargs)

    def __dlpack_device__(self):
        return (1, 0)

    def __dlpack__(self, *, stream=None, max_version=None, dl_device=None, copy=None):
        """A view where one device holds the whole tensor, else a gathered copy."""
        del stream, dl_device
        if max_version is None or max_version[0] < 1 or copy:
            return np.asarray(self).__dlpack__()
        handle, session = self._use(), self._placement.session
        tensor = ctypes.c_void_p()
        with session.context.lock:
            session.context.check(lib.alpa_program_export_array(self._placement.program.handle, handle,
                                                                ctypes.byref(tensor)))
        self._placement = self._placement.copy_shared()
        return _make_capsule(tensor.value)

    __hash__ = object.__hash__
    __len__ = lambda self: len(np.empty(self.shape, np.bool_))
    __getitem__ = lambda self, index: np.asarray(self)[index]
    __iter__ = lambda self: iter(np.asarray(self))
    __float__ = lambda self: float(np.asarray(self))
    __int__ = lambda self: int(np.asarray(self))
    __bool__ = lambda self: bool(np.asarray(self))
    __index__ = lambda self: np.asarray(self).__index__()
    __format__ = lambda self, spec: format(np.asarray(self)[()], spec)
    item = lambda self, *index: np.asarray(self).item(*index)
    tolist = lambda self: np.asarray(self).tolist()

    def __repr__(self):
        if self.is_deleted():
            return f"alpa.Array({_describe(self)}, donated to a call of '{self._handle}')"
        text = np.array2string(np.asarray(self), separator=", ", prefix="alpa.Array(")
        return f"alpa.Array({text}, dtype={self.dtype}, {self.sharding!r})"

    __str__ = lambda self: str(np.asarray(self))


def _describe(array):
    return f"{np.dtype(array.dtype).name if isinstance(array.dtype, np.dtype) else array.dtype}{list(array.shape)}"


# ---- capsules: the name says whether a consumer has taken the tensor; if none has, it is deleted with the capsule ----

_NAME = b"dltensor_versioned"
_new = ctypes.pythonapi.PyCapsule_New
_new.restype, _new.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, _DELETER]
_is_valid = ctypes.pythonapi.PyCapsule_IsValid
_is_valid.restype, _is_valid.argtypes = ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p]
_get = ctypes.pythonapi.PyCapsule_GetPointer
_get.restype, _get.argtypes = ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_char_p]


@_DELETER
def _destroy(capsule):
    if _is_valid(capsule, _NAME):
        tensor = _get(capsule, _NAME)
        _DELETER(_Managed.from_address(tensor).deleter)(tensor)


def _make_capsule(tensor):
    return _new(tensor, _NAME, _destroy)
