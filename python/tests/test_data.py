"""Batches that are loaded ahead, and checkpoints."""
import json
import os

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from programs import make_mlp

import alpa


@pytest.fixture
def trained(host4):
    """A step, a state that has been trained for two steps, and the functions of the model."""
    create_state, train_step, make_batch = make_mlp(optax.adam(1e-2))
    step = alpa.parallelize(train_step)
    state = create_state()
    for i in range(2):
        state, _ = step(state, make_batch(np.random.default_rng(i)))
    return step, state, train_step, make_batch


def test_loader_places_batches(trained):
    step, state, _, make_batch = trained
    batches = [make_batch(np.random.default_rng(i)) for i in range(5)]
    executable = step.get_last_executable()
    specs = executable.get_input_placement_specs()[1]
    loaded = list(alpa.DataLoader(batches, specs, prefetch_size=2))
    assert len(loaded) == 5
    for batch, found in zip(batches, loaded):
        assert isinstance(found["x"], alpa.Array)
        np.testing.assert_array_equal(found["x"], batch["x"])
        assert step.preshard_dynamic_args(state, found)[1]["x"] is found["x"]
    state, loss = step(state, loaded[0])
    assert np.isfinite(float(loss))


def test_loader_while_training(trained):
    step, state, _, make_batch = trained
    specs = step.get_last_executable().get_input_placement_specs()[1]
    loader = alpa.MeshDriverDataLoader(
        16, 64, lambda start, end, size: (make_batch(np.random.default_rng(i)) for i in range(start, end, size)),
        specs, prefetch_size=2, repeat=True)
    losses = []
    for _, batch in zip(range(40), loader):
        state, loss = step(state, batch)
        losses.append(float(loss))
    loader.close()
    assert losses[-1] < losses[0]


def test_loader_passes_errors_on(trained):
    step = trained[0]
    specs = step.get_last_executable().get_input_placement_specs()[1]

    def batches():
        yield {"x": np.ones((16, 16), np.float32), "y": np.ones((16, 8), np.float32)}
        raise KeyError("no more data")
    loader = alpa.DataLoader(batches(), specs)
    next(loader)
    for _ in range(2):
        with pytest.raises(KeyError, match="no more data"):
            next(loader)
    with pytest.raises(alpa.InvalidArgumentError, match="has shape"):
        next(alpa.DataLoader([{"x": np.ones((8, 16), np.float32), "y": np.ones((16, 8), np.float32)}], specs))


def test_checkpoint_goes_from_plan_to_plan(trained, tmp_path):
    step, state, train_step, make_batch = trained
    saved = jax.tree.map(np.asarray, state)
    alpa.save_checkpoint(tmp_path, state, 2)
    expected = [float(step(state, make_batch(np.random.default_rng(5)))[1])]
    stages = alpa.PipeshardParallel(num_micro_batches=2)
    for cluster, method in (("host:2", alpa.Zero3Parallel()), ("host:4", stages), ("host:1", None)):
        alpa.init(cluster=cluster)
        other = alpa.parallelize(train_step, method=method)
        batch = make_batch(np.random.default_rng(5))
        specs = other.get_executable(saved, batch).get_input_placement_specs()[0]
        restored = alpa.restore_checkpoint(tmp_path, 2, specs)
        jax.tree.map(np.testing.assert_array_equal, jax.tree.map(np.asarray, restored), saved)
        assert other.preshard_dynamic_args(restored, batch)[0][0]["in"]["w"] is restored[0]["in"]["w"]
        np.testing.assert_allclose(float(other(restored, batch)[1]), expected[0], rtol=1e-6)


def test_checkpoint_is_safetensors_and_complete(trained, tmp_path):
    state = {"key": jax.random.key(3), "half": jnp.ones((2, 3), jnp.bfloat16), "n": 7, "on": np.array([True])}
    path = alpa.save_checkpoint(tmp_path, state, 1)
    assert os.listdir(tmp_path) == ["checkpoint_1.safetensors"]
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    assert header["['half']"]["dtype"] == "BF16" and header["['half']"]["shape"] == [2, 3]
    found = alpa.restore_checkpoint(tmp_path, target=state)
    assert jax.random.key_data(found["key"]).tolist() == jax.random.key_data(state["key"]).tolist()
    assert found["half"].dtype == jnp.bfloat16 and int(found["n"]) == 7 and found["on"][0]


def test_wrong_checkpoints(tmp_path):
    with pytest.raises(alpa.NotFoundError, match="no checkpoint.*checkpoint_3"):
        alpa.restore_checkpoint(tmp_path, 3)
    path = alpa.save_checkpoint(tmp_path, {"w": np.ones((2, 3))}, 1)
    with pytest.raises(alpa.InvalidArgumentError, match="has shape"):
        alpa.restore_checkpoint(tmp_path, 1, target={"w": np.ones((3, 3))})
    with pytest.raises(alpa.NotFoundError, match=r"has no .*'v'"):
        alpa.restore_checkpoint(tmp_path, 1, target={"v": np.ones((3, 3))})
    whole = open(path, "rb").read()
    for damaged in (whole[:20], whole[:-8], b"\xff" * 64, b""):
        open(path, "wb").write(damaged)
        with pytest.raises(alpa.DataLossError, match="is damaged"):
            alpa.restore_checkpoint(tmp_path, 1)
    with pytest.raises(alpa.UnsupportedError, match="safetensors has no name"):
        alpa.save_checkpoint(tmp_path, {"z": jnp.ones(2, jnp.int4)}, 1)
