"""Losses over ten steps are those of plain jax.jit, for models and optimizers, on any number of devices."""
import functools

import jax
import numpy as np
import optax
import pytest
from programs import get_losses, make_mlp

import alpa
from alpa._library import header
import gpt
import llama
import moe
import wide_resnet


def mask_biases(params):
    """True for weights, that are to decay."""
    return jax.tree.map(lambda leaf: leaf.ndim > 1, params)


SCHEDULE = optax.warmup_cosine_decay_schedule(0.0, 1e-2, 3, 10)
MODELS = {
    "mlp": functools.partial(make_mlp),
    "gpt": functools.partial(gpt.make, 64, 32, 2, 2, 8, 8),
    "moe": functools.partial(moe.make, 64, 16, 2, 2, 4, 8, 8),
    "wide-resnet": functools.partial(wide_resnet.make, 4, 1, 8, 8, 8),
    "llama-nnx": functools.partial(llama.make, 64, 32, 2, 4, 2, 8, 8),
    "clip-and-schedule": functools.partial(make_mlp, optax.chain(optax.clip_by_global_norm(0.5), optax.adam(SCHEDULE))),
    "masked-decay": functools.partial(make_mlp, optax.adamw(1e-2, weight_decay=0.1, mask=mask_biases)),
    "adafactor": functools.partial(make_mlp, optax.adafactor(1e-2, min_dim_size_to_factor=8)),
    "lamb": functools.partial(make_mlp, optax.lamb(1e-2)),
}


@functools.cache
def expect(name):
    """The model's functions, and what jax.jit computes."""
    create_state, train_step, make_batch = MODELS[name]()
    return create_state, train_step, make_batch, get_losses(jax.jit(train_step), create_state, make_batch)


@pytest.mark.parametrize("name", MODELS)
def test_losses_equal_jit(name, devices):
    create_state, train_step, make_batch, expected = expect(name)
    step = alpa.parallelize(train_step)
    losses = get_losses(step, create_state, make_batch)
    np.testing.assert_allclose(losses, expected, rtol=2e-4)
    assert step.get_last_executable().plan.info.n_devices == devices
    assert np.ptp(expected) > 1e-3, "nothing was learned: the comparison would be blind"


@pytest.mark.skipif(not hasattr(header.structs["alpa_compile_options"], "stages"), reason="this libalpa has no pipelines")
@pytest.mark.parametrize("name", MODELS)
def test_losses_of_two_stages_equal_jit(name, host4):
    create_state, train_step, make_batch, expected = expect(name)
    step = alpa.parallelize(train_step, method=alpa.PipeshardParallel(num_micro_batches=2))
    if name == "wide-resnet":  # whose statistics are of the whole batch
        with pytest.raises(alpa.InvalidArgumentError, match="(?s)normalization.py.*statistic of the whole batch"):
            get_losses(step, create_state, make_batch, 1)
        return
    losses = get_losses(step, create_state, make_batch)
    np.testing.assert_allclose(losses, expected, rtol=2e-4)
    assert len(step.get_last_executable().plan.stages) == 2
