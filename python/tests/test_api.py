"""parallelize: how arguments are taken, what comes back, and what happens to donated arrays."""
import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from programs import get_losses, make_mlp

import alpa

pytestmark = pytest.mark.usefixtures("host4")


def test_keyword_and_static_arguments():
    @alpa.parallelize
    def f(x, scale, negate=False, *, shift):
        return (-x if negate else x) * scale + shift
    x = np.arange(8.0, dtype=np.float32)
    np.testing.assert_array_equal(f(x, 2.0, shift=1.0), 2 * x + 1)
    np.testing.assert_array_equal(f(x, 3.0, shift=np.float32(2)), 3 * x + 2)
    np.testing.assert_array_equal(f(x, 2.0, True, shift=1.0), -2 * x + 1)
    np.testing.assert_array_equal(f(x, 2.0, negate=True, shift=1.0), -2 * x + 1)
    assert f.get_last_executable() is alpa.get_last_executable()


def test_one_plan_per_type():
    f = alpa.parallelize(lambda x: x.sum(0))
    first = f.get_executable(np.ones((8, 4), np.float32))
    assert f.get_executable(jax.ShapeDtypeStruct((8, 4), jnp.float32)) is first
    assert f.get_executable(np.ones((8, 4))) is first  # JAX makes it float32
    assert f.get_executable(np.ones((16, 4), np.float32)) is not first
    for n in (8, 16, 8):
        np.testing.assert_array_equal(f(np.ones((n, 4), np.float32)), np.full(4, n))


def test_explicit_static_argnums():
    f = alpa.parallelize(lambda x, n: x * n, static_argnums=(1,))
    np.testing.assert_array_equal(f(np.ones(4, np.float32), 3), np.full(4, 3))
    with pytest.raises(alpa.InvalidArgumentError, match="static argument"):
        f(np.ones(4, np.float32), [3])


def test_trees_of_dataclasses_and_other_types():
    @jax.tree_util.register_dataclass
    @dataclasses.dataclass
    class Pair:
        left: jax.Array
        right: jax.Array

    @alpa.parallelize
    def swap(pair, flags):
        return Pair(pair.right, pair.left), {"not": ~flags["x"]}, None
    pair, flags, nothing = swap(Pair(np.arange(4, dtype=np.int32), jnp.ones(4, jnp.bfloat16)),
                                {"x": np.array([True, False])})
    np.testing.assert_array_equal(pair.right, np.arange(4))
    assert pair.left.dtype == jnp.bfloat16 and nothing is None
    np.testing.assert_array_equal(flags["not"], [False, True])


def test_typed_keys():
    @alpa.parallelize
    def draw(key):
        key, use = jax.random.split(key)
        return key, jax.random.normal(use, (64,))
    key, expected_key = jax.random.key(7), jax.random.key(7)
    for _ in range(3):
        key, sample = draw(key)
        expected_key, use = jax.random.split(expected_key)
        np.testing.assert_allclose(sample, jax.random.normal(use, (64,)), rtol=1e-5, atol=1e-6)
    assert key.dtype == expected_key.dtype
    np.testing.assert_array_equal(np.asarray(key), jax.random.key_data(expected_key))


def test_state_is_donated_and_stays():
    create_state, train_step, make_batch = make_mlp()
    step = alpa.parallelize(train_step)
    batch = make_batch(np.random.default_rng(0))
    given = create_state()
    first, _ = step(given, batch)
    np.asarray(given[0]["in"]["w"])  # what was not on the devices is the caller's still
    placed = step.preshard_dynamic_args(first, batch)[0]
    assert all(a is b for a, b in zip(jax.tree.leaves(placed), jax.tree.leaves(first)))
    second, _ = step(first, batch)
    weight = first[0]["in"]["w"]
    assert weight.is_deleted() and not second[0]["in"]["w"].is_deleted()
    assert "donated to a call of 'train_step'" in repr(weight)
    for use in (np.asarray, lambda a: step(first, batch), lambda a: a + 1):
        with pytest.raises(alpa.DonatedArrayError, match="donated to a call of 'train_step'.*donate_argnums"):
            use(weight)


def test_donation_can_be_refused():
    create_state, train_step, make_batch = make_mlp()
    step = alpa.parallelize(train_step, donate_argnums=())
    batch = make_batch(np.random.default_rng(0))
    first, _ = step(create_state(), batch)
    losses = [float(step(first, batch)[1]) for _ in range(3)]
    assert losses[0] == losses[1] == losses[2]


def test_single_arrays_are_not_donated():
    f = alpa.parallelize(lambda x: x + 1)
    y = f(np.zeros(4, np.float32))
    f(y)
    np.testing.assert_array_equal(y, np.ones(4))


def test_arrays_move_between_plans():
    """An array that another program made is resharded, not fetched wrongly."""
    x = np.arange(64.0, dtype=np.float32).reshape(8, 8)
    spec = jax.sharding.PartitionSpec
    axes = dict(mesh_axis_names=("a",))

    def double(x):
        return 2 * x
    rows = alpa.parallelize(double, method=alpa.ShardParallel(manual_sharding_option=alpa.ManualShardingOption(
        **axes, in_axis_resources=(spec("a"),), out_axis_resources=spec("a"))))
    columns = alpa.parallelize(double, method=alpa.ShardParallel(manual_sharding_option=alpa.ManualShardingOption(
        **axes, in_axis_resources=(spec(None, "a"),), out_axis_resources=spec(None, "a"))))
    y = rows(x)
    assert y.sharding.spec == spec("a", None) and y.sharding.local_shape == (2, 8)
    z = columns(y)
    assert z.sharding.spec == spec(None, "a")
    np.testing.assert_array_equal(rows(z), 8 * x)
    np.testing.assert_array_equal(y, 2 * x)


def test_arrays_are_arrays():
    f = alpa.parallelize(lambda x: (x.sum(), x))
    total, x = f(np.arange(6.0, dtype=np.float32).reshape(2, 3))
    assert float(total) == 15 and f"{total:.1f}" == "15.0" and int(total) == 15 and total.item() == 15
    assert x.shape == (2, 3) and x.ndim == 2 and x.size == 6 and x.dtype == np.float32 and len(x) == 2
    np.testing.assert_array_equal(x[1], [3, 4, 5])
    np.testing.assert_array_equal(x + 1 - x, np.ones((2, 3)))
    np.testing.assert_array_equal(jnp.asarray(x), np.asarray(x))
    assert np.asarray(x, np.float64).dtype == np.float64
    assert "alpa.Array(" in repr(x) and "Sharding(" in repr(x)


def test_dlpack_shares_memory_and_survives_donation():
    alpa.init(cluster="host:1")
    step = alpa.parallelize(lambda state, x: ({"w": state["w"] + x}, x.sum()))
    state, _ = step({"w": np.zeros(32, np.float32)}, np.ones(32, np.float32))
    view, again = np.from_dlpack(state["w"]), np.from_dlpack(state["w"])
    assert np.shares_memory(view, again)
    state, _ = step(state, np.ones(32, np.float32))
    np.testing.assert_array_equal(view, np.ones(32))
    np.testing.assert_array_equal(state["w"], np.full(32, 2))
    alpa.init(cluster="host:4")
    split = alpa.parallelize(lambda x: x, method=alpa.DataParallel(), batch_argnums=(0,))
    np.testing.assert_array_equal(np.from_dlpack(split(np.arange(8))), np.arange(8))


def test_grad_and_value_and_grad():
    @alpa.parallelize
    def f(x):
        value, gradient = alpa.value_and_grad(lambda x: jnp.sum(x**2))(x)
        return value, gradient, alpa.grad(lambda x: jnp.sum(x**3))(x)
    value, gradient, cubic = f(np.arange(4.0, dtype=np.float32))
    assert float(value) == 14
    np.testing.assert_array_equal(gradient, [0, 2, 4, 6])
    np.testing.assert_array_equal(cubic, [0, 3, 12, 27])


def test_executables_can_be_forgotten():
    f = alpa.parallelize(lambda x: x + 1)
    f(np.ones(4))
    alpa.clear_executable_cache()
    assert f.get_last_executable() is None and alpa.get_last_executable() is None
    np.testing.assert_array_equal(f(np.ones(4)), np.full(4, 2))


def test_losses_do_not_depend_on_where_batches_come_from():
    create_state, train_step, make_batch = make_mlp()
    expected = get_losses(alpa.parallelize(train_step), create_state, make_batch, 3)
    as_jax = get_losses(alpa.parallelize(train_step), create_state,
                        lambda generator: jax.tree.map(jnp.asarray, make_batch(generator)), 3)
    np.testing.assert_array_equal(as_jax, expected)
