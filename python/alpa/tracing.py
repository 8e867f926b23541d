"""From a Python function and its arguments to StableHLO, by JAX's own lowering."""
import numpy as np

from alpa import errors
from alpa._jax import jax
from alpa.array import Array
from alpa.boundary import explain_misplaced, keep_boundaries

_tree = jax.tree_util


def is_key_type(dtype):
    """Whether it is the type of a typed PRNG key (jax.random.key)."""
    return jax.dtypes.issubdtype(dtype, jax.dtypes.prng_key)


def get_key_impl(dtype):
    """The generator of a type of keys, which JAX tells of keys only."""
    found = []
    jax.eval_shape(lambda key: found.append(jax.random.key_impl(key)), jax.ShapeDtypeStruct((), dtype))
    return found[0]


def get_type(leaf):
    """(shape, dtype, weak_type) of what JAX takes as an array; TypeError for anything else."""
    if isinstance(leaf, (Array, jax.ShapeDtypeStruct)):
        return tuple(leaf.shape), leaf.dtype, bool(getattr(leaf, "weak_type", False))
    if isinstance(leaf, (np.ndarray, np.generic)):
        return leaf.shape, jax.dtypes.canonicalize_dtype(leaf.dtype), False
    if isinstance(leaf, (jax.Array, bool, int, float, complex)):
        aval = jax.typeof(leaf) if hasattr(jax, "typeof") else jax.core.get_aval(leaf)
        return aval.shape, aval.dtype, aval.weak_type
    if hasattr(leaf, "__array__") or hasattr(leaf, "__jax_array__"):
        return get_type(np.asarray(leaf))
    raise TypeError(f"{type(leaf).__name__} is not an array")


def is_static(argument):
    """What `static_argnums="auto"` decides by: an argument is part of the program, and not an input of it, if it is a
    truth value or text, or if something in it is no array."""
    if isinstance(argument, (bool, str)):
        return True
    for leaf in _tree.tree_leaves(argument):
        try:
            get_type(leaf)
        except TypeError:
            return True
    return False


def refuse_tracers(name, leaves):
    """Raises where the function is called inside one of JAX's transformations."""
    for leaf in leaves:
        if isinstance(leaf, jax.core.Tracer):
            raise errors.NestedTransformError(
                f"'{name}' is parallelized and was called inside jax.jit, grad, vmap or another transformation: alpa "
                "compiles a whole step for the mesh, so call it from plain Python, or use the function that "
                f"alpa.parallelize was given ({name}.__wrapped__) inside")


class Signature:
    """How a call's arguments are taken: static ones, the tree of the others and their types.  Its `key` is equal for
    calls that one executable serves."""

    def __init__(self, args, kwargs, static_argnums):
        if static_argnums == "auto":
            self.static = tuple(i for i, argument in enumerate(args) if is_static(argument))
        else:
            self.static = tuple(sorted(i % len(args) if i < 0 else i for i in static_argnums if i < len(args)))
        self.static_names = tuple(sorted(name for name, value in kwargs.items()
                                         if static_argnums == "auto" and is_static(value)))
        self.args, self.kwargs = args, kwargs
        dynamic = tuple(a for i, a in enumerate(args) if i not in self.static)
        named = {name: value for name, value in kwargs.items() if name not in self.static_names}
        self.leaves, self.tree = _tree.tree_flatten((dynamic, named))
        self.dynamic = dynamic
        self.named = named

    def get_types(self, name):
        """The types of all leaves; an exception that names the leaf where one is no array."""
        refuse_tracers(name, self.leaves)
        types = []
        for path, leaf in _tree.tree_flatten_with_path((self.dynamic, self.named))[0]:
            try:
                types.append(get_type(leaf))
            except TypeError:
                raise errors.InvalidArgumentError(
                    f"'{name}' was given {type(leaf).__name__} at {_tree.keystr(path)}, which is no array: make the "
                    "argument static (static_argnums), or pass an array") from None
        return tuple(types)

    def make_key(self, types):
        """Hashable; static values by what they are."""
        values = [self.args[i] for i in self.static] + [self.kwargs[name] for name in self.static_names]
        key = (self.tree, types, self.static, self.static_names, *values)
        try:
            hash(key)
        except TypeError as error:
            raise errors.InvalidArgumentError(
                f"a static argument cannot be compared with that of another call ({error}): static arguments need "
                "__hash__ and __eq__") from None
        return key

    def count_leaves(self):
        """Leaves of each positional dynamic argument, by its number in the call."""
        numbers = [i for i in range(len(self.args)) if i not in self.static]
        return {number: _tree.tree_structure(value).num_leaves for number, value in zip(numbers, self.dynamic)}

    def find_leaves(self, numbers):
        """The indices of the leaves of these positional arguments."""
        found, at = [], 0
        for number, n in self.count_leaves().items():
            if number in numbers:
                found.extend(range(at, at + n))
            at += n
        return found


class Traced:
    """A traced and lowered function: `text` in StableHLO with locations, the tree and the types of its results."""

    def __init__(self, fun, name, signature, types, donate_argnums, keeps_boundaries=False):
        shapes = [jax.ShapeDtypeStruct(shape, dtype, weak_type=weak) for shape, dtype, weak in types]
        dynamic, named = _tree.tree_unflatten(signature.tree, shapes)
        args = list(signature.args)
        for number, value in zip((i for i in range(len(args)) if i not in signature.static), dynamic):
            args[number] = value
        kwargs = {**{n: signature.kwargs[n] for n in signature.static_names}, **named}
        self._call = (fun, args, kwargs, signature)
        self.name = name
        if donate_argnums == "auto":
            self.donated = self._find_state(dynamic)
        else:
            self.donated = tuple(i for i in donate_argnums if i < len(args) and i not in signature.static)
        traced = self._trace()
        self.out_tree = _tree.tree_structure(traced.out_info)
        self.results = [(tuple(info.shape), info.dtype, bool(getattr(aval, "weak_type", False)))
                        for info, aval in zip(_tree.tree_leaves(traced.out_info), traced.jaxpr.out_avals)]
        with keep_boundaries(keeps_boundaries):
            self.text = traced.lower(lowering_platforms=("cpu",)).as_text(debug_info=True)

    def _trace(self):
        fun, args, kwargs, signature = self._call
        jitted = jax.jit(fun, static_argnums=signature.static, static_argnames=signature.static_names,
                         donate_argnums=getattr(self, "donated", ()), keep_unused=True)
        try:
            return jitted.trace(*args, **kwargs)
        except NotImplementedError as error:
            reason = explain_misplaced(error)
            if reason is None:
                raise
            raise errors.TracingError(f"'{self.name}' cannot be traced: {reason}") from error
        except (jax.errors.JAXTypeError, jax.errors.JAXIndexError) as error:
            raise errors.TracingError(
                f"'{self.name}' cannot be traced, as for jax.jit: {error}\nMake what decides Python control flow a "
                "static argument (static_argnums), or use jax.lax.cond, while_loop or jax.numpy.where") from error

    def _find_state(self, dynamic):
        """The arguments that the function returns anew: containers of arrays whose tree and types are those of one of
        its results, as train states are."""
        self.donated = ()
        out = self._trace().out_info
        results = list(out) if isinstance(out, (tuple, list)) else [out]
        results.append(out)
        signature = self._call[3]
        numbers = [i for i in range(len(signature.args)) if i not in signature.static]
        found = []
        for number, argument in zip(numbers, dynamic):
            shape = _describe(argument)
            is_container = not _tree.all_leaves([argument]) and len(shape[1]) > 0
            match = next((i for i, result in enumerate(results) if _describe(result) == shape), None)
            if is_container and match is not None:
                found.append(number)
                results.pop(match)
        return tuple(found)


def _describe(tree):
    leaves, structure = _tree.tree_flatten(tree)
    return structure, tuple((tuple(leaf.shape), leaf.dtype) for leaf in leaves)
