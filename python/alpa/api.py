"""`parallelize` and what it returns."""
import functools
import weakref

from alpa import errors
from alpa._jax import jax
from alpa.boundary import has_boundaries
from alpa.executable import MeshExecutable, Progress
from alpa.method import ShardParallel
from alpa.session import get_session
from alpa.tracing import Signature, Traced

_last_executable = None
_functions = []


class ParallelizedFunc:
    """A function that runs on the mesh.  It plans and compiles when it is first called with arguments of new types."""

    def __init__(self, fun, static_argnums, donate_argnums, batch_argnums, method):
        functools.update_wrapper(self, fun)
        self.__name__ = getattr(fun, "__name__", type(fun).__name__)
        self.fun = fun
        self.static_argnums = static_argnums if static_argnums == "auto" else _as_tuple(static_argnums)
        self.donate_argnums = donate_argnums if donate_argnums == "auto" else _as_tuple(donate_argnums)
        self.batch_argnums = _as_tuple(batch_argnums)
        self.method = method
        self._executables = {}
        self._last = None
        self._fast = None  # the executable of the last call, and its tree, where nothing was static

    def __call__(self, *args, **kwargs):
        global _last_executable
        executable = self._fast
        if executable is not None:
            leaves, tree = jax.tree_util.tree_flatten((args, kwargs))
            results = executable.run(leaves) if tree == executable.in_tree else None
            if results is not None:
                return executable.out_tree.unflatten(results)
        executable, signature = self._find(args, kwargs)
        self._fast = executable if not signature.static and not signature.static_names else None
        self._last = _last_executable = executable
        return executable.out_tree.unflatten(executable.run(signature.leaves))

    def _find(self, args, kwargs):
        """The executable for a call, which is made where there is none, and the call's signature."""
        session = get_session()
        signature = Signature(args, kwargs, self.static_argnums)
        types = signature.get_types(self.__name__)
        key = (id(session), signature.make_key(types))
        if key not in self._executables:
            progress = Progress(self.__name__)
            method = self.method or ShardParallel()
            traced = Traced(self.fun, self.__name__, signature, types, self.donate_argnums, method.keeps_boundaries)
            if method.needs_boundaries and not has_boundaries(traced.text):
                raise errors.InvalidArgumentError(
                    f"ManualLayerOption: '{self.__name__}' marks no boundary between layers: call "
                    "alpa.mark_pipeline_boundary() between them in the forward pass, or use AutoLayerOption")
            progress.tell(f"traced {len(types)} arguments")
            self._executables[key] = MeshExecutable(session, traced, types, signature, method, self.batch_argnums,
                                                    progress)
        return self._executables[key], signature

    def get_executable(self, *args, **kwargs):
        """The executable for arguments like these, planned and not run; jax.ShapeDtypeStructs will do."""
        global _last_executable
        self._last = _last_executable = self._find(args, kwargs)[0]
        return self._last

    def get_last_executable(self):
        """The executable of the last call, or None."""
        return self._last

    def preshard_dynamic_args(self, *args, **kwargs):
        """The arguments that are not static, as arrays on the devices in the places that a call wants."""
        executable, signature = self._find(args, kwargs)
        placed, named = jax.tree_util.tree_unflatten(signature.tree, executable.shard(signature.leaves))
        return (*placed, named) if named else placed

    def clear(self):
        """Forgets plans and programs."""
        self._executables.clear()
        self._last = self._fast = None

    def __repr__(self):
        return f"<alpa.parallelize({self.__name__})>"


def _as_tuple(numbers):
    return (numbers,) if isinstance(numbers, int) else tuple(numbers)


def parallelize(fun=None, *, static_argnums="auto", donate_argnums="auto", batch_argnums=(1,), method=None):
    """Makes a function for one device run on all devices of the session's cluster.

    Args:
      fun: a train step or another function of arrays, written for one device.
      static_argnums: positional arguments that are part of the program: a change of theirs is a new plan.  "auto":
        truth values, text and whatever is no tree of arrays.
      donate_argnums: positional arguments that the call may take over, whose arrays are empty afterwards.  "auto":
        containers of arrays that the function returns anew, as train states are.
      batch_argnums: positional arguments whose dimension 0 is the batch; arrays in later arguments that have as many rows
        belong to it, too.
      method: how the plan is found (see alpa.method); None: ShardParallel(), the best plan there is.

    Returns:
      A ParallelizedFunc, which is called as `fun` is.  Results are alpa.Array.
    """
    def wrap(function):
        if isinstance(function, ParallelizedFunc):
            raise errors.InvalidArgumentError(f"'{function.__name__}' is parallelized already")
        if not callable(function):
            raise errors.InvalidArgumentError(f"alpa.parallelize takes a function, got {type(function).__name__}")
        wrapped = ParallelizedFunc(function, static_argnums, donate_argnums, batch_argnums, method)
        _functions.append(weakref.ref(wrapped))
        return wrapped
    return wrap if fun is None else wrap(fun)


def get_last_executable():
    """The executable of the last call of any parallelized function, or None."""
    return _last_executable


def clear_executable_cache():
    """Forgets the plans and programs of all functions in this process; what is stored in files stays."""
    global _last_executable
    _last_executable = None
    for reference in _functions:
        if reference() is not None:
            reference().clear()


def grad(*args, **kwargs):
    """jax.grad.  Alpa needed a marker here; plain jax.grad works as well."""
    return jax.grad(*args, **kwargs)


def value_and_grad(*args, **kwargs):
    """jax.value_and_grad, as `grad`."""
    return jax.value_and_grad(*args, **kwargs)
