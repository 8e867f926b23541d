"""Boundaries between layers that the user marks in a model.

A mark is a JAX primitive without operands.  It has an effect, so that tracing, differentiation and rematerialisation
keep it where it stands among the other operations.  For alpa it is lowered to a call of `alpa.pipeline_boundary`, which
the pass cluster-layers reads and removes; everywhere else to nothing.
"""
import contextlib
import threading

from jax._src import effects  # which no public module has
from jax.extend.core import Primitive
from jax.interpreters import mlir

from alpa._jax import jax

_TARGET = "alpa.pipeline_boundary"


class PipelineBoundary(effects.Effect):
    """What keeps a mark in its place."""
    __repr__ = __str__ = lambda self: "PipelineBoundary"


class _State(threading.local):
    is_kept = False


_state = _State()
_effect = PipelineBoundary()
_primitive = Primitive("alpa_pipeline_boundary")
_primitive.multiple_results = True
_primitive.def_impl(lambda: [])
_primitive.def_effectful_abstract_eval(lambda: ([], {_effect}))
for _allowed in (effects.lowerable_effects, effects.remat_allowed_effects, effects.custom_derivatives_allowed_effects):
    _allowed.add_type(PipelineBoundary)


def _lower(context):
    return jax.ffi.ffi_lowering(_TARGET, has_side_effect=True)(context) if _state.is_kept else []


mlir.register_lowering(_primitive, _lower)


@contextlib.contextmanager
def keep_boundaries(is_kept):
    """Whether marks are part of what is lowered inside."""
    before, _state.is_kept = _state.is_kept, is_kept
    try:
        yield
    finally:
        _state.is_kept = before


def has_boundaries(text):
    """Whether a lowered program has marks."""
    return f"@{_TARGET}(" in text


def explain_misplaced(error):
    """What to do about a NotImplementedError of JAX's; None where no mark is its cause."""
    if str(_effect) not in str(error):
        return None
    return (f"{error}: alpa.mark_pipeline_boundary() stands in what runs several times or perhaps (scan, while_loop, "
            "cond, custom_vmap), which one layer has as a whole; call it outside, between such parts")


def mark_pipeline_boundary():
    """Ends a layer and begins the next one, where it is called between them in a model's forward pass.

    PipeshardParallel makes stages of these layers; other methods, and plain JAX, see nothing of it.  It cannot stand in
    what runs several times or perhaps (lax.scan, while_loop, cond): there, one layer has the whole.
    """
    _primitive.bind()
