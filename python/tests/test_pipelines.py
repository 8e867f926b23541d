"""Methods with stages: layers and stages by hand and found, what several stages hold."""
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import alpa
from programs import get_losses, make_mlp

pytestmark = pytest.mark.usefixtures("host4")


def make_chain(mark=alpa.mark_pipeline_boundary, remat=lambda f: f, layers=4):
    """(train_step, weights, batch) of layers, of which each begins with a mark."""
    def layer(w, x):
        return jnp.tanh(x @ w)

    def loss_fn(weights, x):
        for i, w in enumerate(weights):
            if i:
                mark()
            x = remat(layer)(w, x)
        return jnp.mean(x ** 2)

    def train_step(weights, x):
        loss, grads = jax.value_and_grad(loss_fn)(weights, x)
        return jax.tree.map(lambda w, g: w - 0.1 * g, weights, grads), loss
    weights = [0.3 * jax.random.normal(key, (16, 16)) for key in jax.random.split(jax.random.key(0), layers)]
    return train_step, weights, np.random.default_rng(0).normal(size=(16, 16)).astype(np.float32)


def run_chain(method, **parts):
    """The executable of one step, whose results are those of jax.jit."""
    train_step, weights, batch = make_chain(**parts)
    expected = jax.jit(train_step)(weights, batch)
    step = alpa.parallelize(train_step, method=method, donate_argnums=())
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6), step(weights, batch), expected)
    return step.get_last_executable()


def get_homes(executable):
    """The first device of the stage of every weight."""
    return [spec.first_device for spec in executable.get_input_placement_specs()[0]]


def get_pipelines():
    """Methods with two stages."""
    return [alpa.PipeshardParallel(num_micro_batches=2), alpa.get_3d_parallel_method(4, 2, 1, 2),
            alpa.LocalPipelineParallel(num_micro_batches=2, stage_option=alpa.UniformStageOption(2))]


@pytest.mark.parametrize("number", range(3))
def test_pipelines_compute_the_same(number):
    create_state, train_step, make_batch = make_mlp()
    step = alpa.parallelize(train_step, method=get_pipelines()[number])
    losses = get_losses(step, create_state, make_batch)
    costs = step.get_last_executable().costs()
    assert costs["pipeline"] > 0 and 0 < costs["bubble"] < 1 and costs["sent_bytes"] > 0
    assert "% waiting" in str(step.get_last_executable().show())
    np.testing.assert_allclose(losses, get_losses(jax.jit(train_step), create_state, make_batch), rtol=1e-5)


def test_one_micro_batch():
    executable = run_chain(alpa.PipeshardParallel(num_micro_batches=1))
    assert executable.plan.info.n_stages == 2 and set(get_homes(executable)) == {0, 2}
    assert "pipeline" not in executable.costs() and "slowest stage" in str(executable.show())


def test_the_batch_is_what_is_said():
    def train_step(weights, x, y, key):
        noise = 0.01 * jax.random.normal(jax.random.wrap_key_data(key), weights.shape)
        loss, grads = jax.value_and_grad(lambda w: jnp.mean((x @ (w + noise) - y) ** 2))(weights)
        return weights - grads, loss
    arrays = [np.random.default_rng(i).normal(size=(16, 16)).astype(np.float32) for i in range(3)]
    key = np.array([0, 7], np.uint32)
    step = alpa.parallelize(train_step, donate_argnums=(), method=alpa.ShardParallel(num_micro_batches=4))
    for a, b in zip(step(*arrays, key), jax.jit(train_step)(*arrays, key)):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_state_is_created_on_its_stages():
    create_state, train_step, make_batch = make_mlp(optax.adam(1e-2), width=64)
    batch = make_batch(np.random.default_rng(0))
    for stages in (None, alpa.ManualStageOption([[0], [1]], [(1, 3), (1, 1)])):
        layers = alpa.AutoLayerOption(2) if stages else None
        step = alpa.parallelize(train_step, method=alpa.PipeshardParallel(num_micro_batches=2, stage_option=stages,
                                                                          layer_option=layers))
        create = alpa.parallelize(create_state, method=alpa.CreateStateParallel(step, (batch,)))
        state = create()
        placed = step.preshard_dynamic_args(state, batch)[0]
        assert all(a is b for a, b in zip(jax.tree.leaves(placed), jax.tree.leaves(state)))
        assert step.get_last_executable().plan.is_pipeline and np.ptp(np.asarray(state[0]["out"]["w"])) > 0
        (_, loss), expected = step(state, batch), jax.jit(train_step)(jax.jit(create_state)(), batch)[1]
        np.testing.assert_allclose(loss, expected, rtol=1e-5)


@pytest.mark.parametrize("sizes", [(2, 2), (3, 1)])
def test_evaluation_follows_stages(sizes):
    train_step, weights, batch = make_chain()
    stages = alpa.ManualStageOption([[0], [1, 2, 3]], [(1, size) for size in sizes])
    step = alpa.parallelize(train_step, method=alpa.PipeshardParallel(num_micro_batches=2, layer_option="manual",
                                                                      stage_option=stages))

    def predict(weights, x):
        for w in weights:
            x = jnp.tanh(x @ w)
        return x
    weights, _ = step(weights, batch)
    evaluate = alpa.parallelize(predict, method=alpa.FollowParallel(step, num_micro_batches=4))
    np.testing.assert_allclose(evaluate(weights, batch), predict([np.asarray(w) for w in weights], batch), rtol=1e-4,
                               atol=1e-6)
    executable = evaluate.get_last_executable()
    assert get_homes(executable) == get_homes(step.get_last_executable())
    placed = evaluate.preshard_dynamic_args(weights, batch)[0]
    assert all(a is b for a, b in zip(placed, weights))


@pytest.mark.parametrize("remat", [lambda f: f, jax.checkpoint, lambda f: jax.checkpoint(jax.jit(f))])
def test_layers_by_hand(remat):
    stages = alpa.ManualStageOption([[0], [1, 2, 3]])
    executable = run_chain(alpa.PipeshardParallel(num_micro_batches=2, layer_option="manual", stage_option=stages),
                           remat=remat)
    assert get_homes(executable) == [0, 2, 2, 2]


def test_marks_in_flax_modules():
    nn = pytest.importorskip("flax.linen")

    class Model(nn.Module):
        """Three layers, of which one is rematerialised with the mark that it begins with."""
        @nn.compact
        def __call__(self, x):
            x = nn.gelu(nn.Dense(16, name="a")(x))
            x = nn.remat(Marked)(name="b")(x)
            alpa.mark_pipeline_boundary()
            return nn.Dense(1, name="c")(x)

    class Marked(nn.Module):
        """A layer of its own."""
        @nn.compact
        def __call__(self, x):
            alpa.mark_pipeline_boundary()
            return nn.gelu(nn.Dense(16)(x))

    x = np.random.default_rng(0).normal(size=(8, 16)).astype(np.float32)
    params = Model().init(jax.random.key(0), x)

    def train_step(params, x):
        loss, grads = jax.value_and_grad(lambda p: jnp.mean(Model().apply(p, x) ** 2))(params)
        return jax.tree.map(lambda p, g: p - g, params, grads), loss
    method = alpa.PipeshardParallel(3, num_micro_batches=2, layer_option=alpa.ManualLayerOption(remat_layer=True),
                                    stage_option=alpa.UniformStageOption(3))
    step = alpa.parallelize(train_step, method=method, donate_argnums=())
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6), step(params, x),
                 jax.jit(train_step)(params, x))
    homes = step.get_last_executable().get_input_placement_specs()[0]["params"]
    assert {name: jax.tree.leaves(specs)[0].first_device for name, specs in homes.items()} == {"a": 0, "b": 1, "c": 2}


def test_marks_elsewhere_mean_nothing():
    train_step, weights, batch = make_chain()
    assert "pipeline_boundary" not in jax.jit(train_step).lower(weights, batch).as_text()
    alpa.mark_pipeline_boundary()
    assert run_chain(alpa.ShardParallel()).plan.is_pipeline is False
    found = run_chain(alpa.PipeshardParallel(num_micro_batches=2, layer_option=alpa.AutoLayerOption(2)))
    assert get_homes(found) == [0, 0, 2, 2] and "pipeline_boundary" not in found.get_text("input")


def test_marks_that_cannot_be():
    def loop(w, x):
        def body(h, _):
            alpa.mark_pipeline_boundary()
            return jnp.tanh(h @ w), None
        return jnp.mean(jax.lax.scan(body, x, None, length=3)[0])
    weight, batch = np.eye(16, dtype=np.float32), np.ones((8, 16), np.float32)
    with pytest.raises(alpa.TracingError, match="in what runs several times or perhaps .*call it outside"):
        alpa.parallelize(loop)(weight, batch)
    train_step, weights, batch = make_chain(mark=lambda: None)
    method = alpa.PipeshardParallel(num_micro_batches=2, layer_option="manual")
    with pytest.raises(alpa.InvalidArgumentError, match="marks no boundary between layers: call"):
        alpa.parallelize(train_step, method=method)(weights, batch)


def test_uneven_stages():
    stages = alpa.ManualStageOption([[0], [1, 2], [3]], [(1, 1), (1, 2), (1, 1)], [(1,), (1, 2), (1, 1)],
                                    [{"prefer_reduce_scatter": False}] * 3)
    executable = run_chain(alpa.PipeshardParallel(num_micro_batches=4, layer_option="manual", stage_option=stages))
    assert get_homes(executable) == [2, 0, 0, 3]
    assert executable.memory()["state"] + executable.memory()["inputs"] == 2 * 16 * 16 * 4
    assert [stage.mesh for stage in executable.plan.stages] == [(("a", 1),), (("a", 1), ("b", 2)), (("a", 1), ("b", 1))]
    with pytest.raises(alpa.InvalidArgumentError, match="has 4 layers, but the option plan speaks of 3"):
        run_chain(alpa.PipeshardParallel(num_micro_batches=2, layer_option="manual",
                                         stage_option=alpa.ManualStageOption([[0, 1], [2]])))


def test_stages_are_searched():
    stages = alpa.AutoStageOption(num_stages=2, stage_imbalance_tolerance=0.5)
    method = alpa.PipeshardParallel(None, None, stage_option=stages, layer_option="manual")
    executable = run_chain(method)
    assert [stage.n_devices for stage in executable.plan.stages] == [2, 2]
    assert run_chain(alpa.PipeshardParallel(num_micro_batches=2, stage_option="auto")).plan.info.n_stages >= 1
    alpa.init("p3.16xlarge:2")
    train_step, weights, batch = make_chain()
    stages = alpa.AutoStageOption("manual", [(1, 2), (1, 6)], "model_parallel_only")
    narrow = alpa.AutoShardingOption(max_tensor_parallel=2)
    for wanted, option in (({2, 6}, None), ({2}, narrow)):
        method = alpa.PipeshardParallel(None, 2, option, stage_option=stages)
        plan = alpa.parallelize(train_step, method=method).get_executable(weights, batch).plan
        assert {stage.n_devices for stage in plan.stages} <= wanted and plan.is_pipeline


def test_hints_in_stages():
    train_step, weights, batch = make_chain()
    batch_first = alpa.AutoShardingOption(max_tensor_parallel=1)
    for stages in (alpa.UniformStageOption(2), alpa.ManualStageOption([[0, 1], [2, 3]])):
        method = alpa.PipeshardParallel(num_micro_batches=2, default_auto_sharding_option=batch_first,
                                        stage_option=stages)
        executable = alpa.parallelize(train_step, method=method).get_executable(weights, batch)
        assert executable.plan.stages[0].mesh == (("a", 2), ("b", 1))
        assert executable.get_input_placement_specs()[1].text.startswith("a")


@pytest.mark.parametrize("make", [
    lambda: alpa.PipeshardParallel(pipeline_schedule="1f1b_overlap_friendly"),
    lambda: alpa.ManualStageOption([[0], [2, 1]]),
    lambda: alpa.ManualStageOption([[0], [1]], submesh_autosharding_option_dicts=[{}, {"force_data_parallel": True}]),
    lambda: alpa.AutoStageOption(submesh_logical_shape_space="same_as_physical"),
    lambda: alpa.AutoStageOption(use_hlo_cost_model=False),
    lambda: alpa.AutoStageOption(cached_profile_result="profile.npy"),
    lambda: alpa.AutoLayerOption(eps=0.1)])
def test_options_that_are_refused(make):
    with pytest.raises(alpa.UnsupportedError):
        make()


@pytest.mark.parametrize("make, message", [
    (lambda: alpa.PipeshardParallel(layer_option="by hand"), "none of manual, auto"),
    (lambda: alpa.PipeshardParallel(num_micro_batches=None), "only the search of stages"),
    (lambda: alpa.ManualStageOption([[0], [1]], [(1, 2)]), "are 1, the stages of forward_stage_layer_ids 2"),
    (lambda: alpa.ManualStageOption([[0], [1]], [(1, 2), (1, 2)], [(2,), (1,)]), "stage 1 has 2 devices by"),
    (lambda: run_chain(alpa.PipeshardParallel(stage_option=alpa.UniformStageOption(3))), "cannot share 4 devices"),
    (lambda: run_chain(alpa.PipeshardParallel(stage_option=alpa.UniformStageOption(2, None, (4, 1)))),
     "are 4 devices, but each of 2 stages has 2"),
    (lambda: alpa.get_3d_parallel_method(2, 1, 2, 2, manual_layer_num=3), "3 layers are not equally many")])
def test_options_that_are_wrong(make, message):
    with pytest.raises(alpa.InvalidArgumentError, match=message):
        make()
