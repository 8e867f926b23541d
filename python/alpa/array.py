"""Arrays on the mesh.

A call may return hundreds of them, and each step of a training loop takes over what the last one returned.  So that
this costs little, what belongs together is one Batch: its handles are one block of memory, which calls take and give as
a whole, and when the last of its arrays is dropped they are released together.  An Array is its place in a batch.
"""
import array as _packed
import ctypes
import itertools
import sys
import weakref

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


#: the first key of every batch; a key is an array's number in its batch more than that, and no two arrays' are equal
_first_keys = itertools.count(1 << 20, 1 << 20)
#: whether numbers of references tell who uses an object
COUNTS_REFERENCES = getattr(sys, "_is_gil_enabled", lambda: True)()


class Batch:
    """Handles of arrays that were made together, and their places."""
    __slots__ = ("session", "placements", "first", "keys", "block", "is_whole", "takers", "n_alive", "__weakref__")

    def __init__(self, session, placements, block):
        self.session = session
        self.placements = placements
        self.first = next(_first_keys)
        self.keys = list(range(self.first, self.first + len(placements)))
        self.fill(block)
        if len(placements) > 1 and COUNTS_REFERENCES:
            session.batches.append(weakref.ref(self))

    def fill(self, block):
        """Gives its arrays data: `block` has their handles."""
        self.block = block
        self.is_whole = True  # all handles are there
        self.takers = None  # once calls have taken arrays over: by number, or for all, the names of the functions
        self.n_alive = len(self.keys)

    def make_arrays(self):
        """Its arrays, once."""
        return [Array(self, key) for key in self.keys]

    def take_all(self, name):
        """The handles, of all arrays, for a function that empties them."""
        block = self.block
        self.block, self.is_whole, self.takers = _packed.array("Q", bytes(8 * len(block))), False, name
        return block

    def take(self, number, name):
        """One handle."""
        block = self.block[:]  # who has looked at the old one may compare
        handle, block[number] = block[number], 0
        if not isinstance(self.takers, dict):
            self.takers = {}
        self.block, self.is_whole, self.takers[number] = block, False, name
        return handle

    def get_taker(self, number):
        """The name of the function that has taken an array over."""
        return self.takers.get(number, "") if isinstance(self.takers, dict) else self.takers

    def release_dropped(self):
        """Releases what only dropped arrays had, while others of the batch are in use."""
        block = self.block[:]
        dropped = [i for i, n in enumerate(map(sys.getrefcount, self.keys)) if n <= HELD_ONCE and block[i]]
        self.session.garbage.append(_packed.array("Q", [block[i] for i in dropped]))
        for i in dropped:
            block[i] = 0
        self.block, self.is_whole = block, self.is_whole and not dropped

    def __del__(self):
        if self.takers is None or isinstance(self.takers, dict):
            self.session.garbage.append(self.block)


def _count(reference):
    """The references to what a weak one refers to; 0 where it is no more."""
    found = reference()
    return 0 if found is None else sys.getrefcount(found)


class _Probe:
    """To be counted."""
    __slots__ = ("__weakref__",)


_probes = [_Probe()]
_UNUSED = _count(weakref.ref(_probes[0])) - 1
#: what `map(sys.getrefcount, items)` gives for an item that nothing but its list refers to
HELD_ONCE = next(map(sys.getrefcount, _probes))


def release_dropped(batches):
    """Has all batches, which are given as weak references, release what only dropped arrays had; forgets the batches
    that are no more."""
    gone = []
    for reference in batches:
        n_alive = _count(reference) - _UNUSED
        if n_alive < 0:
            gone.append(reference)
            continue
        batch = reference()
        if batch is not None and n_alive < batch.n_alive and type(batch.takers) is not str:
            batch.n_alive = n_alive
            batch.release_dropped()
    for reference in gone:
        batches.remove(reference)


def make_array(session, handle, placement):
    """An array of its own."""
    return Batch(session, [placement], _packed.array("Q", (handle,))).make_arrays()[0]


class Array(np.lib.mixins.NDArrayOperatorsMixin):
    """A tensor on the devices, as parallelized functions return it.

    It is fetched when it is used as an array (`np.asarray`, printing, arithmetic, DLPack) and passed on without a copy
    when it is an argument of the next call.  A call that takes it over (donation) leaves it empty.
    """
    __slots__ = ("_batch", "_key")

    def __init__(self, batch, key):
        self._batch = batch
        self._key = key

    @property
    def _placement(self):
        return self._batch.placements[self._key - self._batch.first]

    shape = property(lambda self: self._placement.shape, doc="The sizes of its dimensions.")
    dtype = property(lambda self: self._placement.dtype, doc="The type of its elements.")
    weak_type = property(lambda self: self._placement.weak_type, doc="Whether JAX lets another type win over its own.")
    sharding = property(lambda self: self._placement.sharding, doc="How it is split over the devices.")
    ndim = property(lambda self: len(self._placement.shape), doc="How many dimensions it has.")
    size = property(lambda self: int(np.prod(self._placement.shape)), doc="How many elements it has.")
    nbytes = property(lambda self: lib.alpa_array_global_bytes(self._use()), doc="Bytes of the whole tensor.")

    def is_deleted(self):
        """Whether a call has taken the array over."""
        return not self._batch.block[self._key - self._batch.first]

    def block_until_ready(self):
        """The array itself: calls return when their results are there."""
        return self

    def _use(self):
        """The handle of an array that has data."""
        number = self._key - self._batch.first
        handle = self._batch.block[number]
        if not handle:
            raise errors.DonatedArrayError(
                f"this array, {_describe(self)}, was donated to a call of '{self._batch.get_taker(number)}' and has no "
                "data any more: use what that call returned, or pass donate_argnums=() to alpa.parallelize")
        if not self._batch.session.is_open:
            raise errors.UnavailableError(
                f"this array, {_describe(self)}, lies on devices that alpa.shutdown() or another alpa.init() ended: "
                "fetch it before (np.asarray)")
        return handle

    def _take(self, name):
        """The handle, for a function that empties the array."""
        return self._batch.take(self._key - self._batch.first, name)

    def _share(self):
        """From now on others see the memory."""
        batch, number = self._batch, self._key - self._batch.first
        batch.placements = list(batch.placements)
        batch.placements[number] = batch.placements[number].copy_shared()

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
        self._share()
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
            taker = self._batch.get_taker(self._key - self._batch.first)
            return f"alpa.Array({_describe(self)}, donated to a call of '{taker}')"
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
