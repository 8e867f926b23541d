"""What calls take over and give: batches of arrays that are used again, in whole and in part."""
import contextlib
import queue
import threading

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import alpa

pytestmark = pytest.mark.usefixtures("host4")


def make_state(n=6):
    """A state of equal arrays with different values."""
    return {f"w{i}": np.full((8, 64), i, np.float32) for i in range(n)}


def increase(state, x):
    """A step that returns all of the state anew, and something else."""
    return {name: w + x for name, w in state.items()}, x * 2


def get_values(state):
    """The first element of each."""
    return [float(np.asarray(w)[0, 0]) for w in state.values()]


def test_arrays_are_used_again_only_by_the_owner():
    step, state, kept = alpa.parallelize(increase), make_state(), []
    identities = []
    for i in range(8):
        if i == 5:
            kept = [state["w1"], state["w2"]]
        state, doubled = step(state, np.float32(1))
        identities.append(set(map(id, state.values())))
        assert get_values(state) == [j + i + 1 for j in range(6)] and float(doubled) == 2
    assert identities[3] == identities[1] and identities[6] != identities[4]
    assert all(array.is_deleted() for array in kept)
    with pytest.raises(alpa.DonatedArrayError, match="donated to a call of 'increase'"):
        np.asarray(kept[0])


def test_kept_arguments_are_looked_up_again():
    step, total = alpa.parallelize(increase), alpa.parallelize(lambda state, x: sum(map(jnp.sum, state.values())) + x,
                                                               donate_argnums=())
    state = make_state()
    for i in range(6):
        state, _ = step(state, np.float32(1))
        for _ in range(2):
            assert float(total(state, np.float32(0))) == 512 * sum(j + i + 1 for j in range(6))


def test_exchanged_and_foreign_arrays():
    step = alpa.parallelize(increase)
    state, _ = step(make_state(), np.float32(1))
    state["w0"], state["w5"] = state["w5"], state["w0"]
    state["w3"] = np.full((8, 64), 7, np.float32)
    state, _ = step(state, np.float32(1))
    assert get_values(state) == [7, 3, 4, 8, 6, 2]
    other, _ = step(make_state(), np.float32(10))
    state["w1"] = other["w1"]
    state, _ = step(state, np.float32(1))
    assert get_values(state) == [8, 12, 5, 9, 7, 3] and get_values({"w2": other["w2"]}) == [12]


def test_a_part_is_taken_over():
    step, first = alpa.parallelize(increase), alpa.parallelize(lambda w: w * 2, donate_argnums=(0,))
    state, _ = step(make_state(), np.float32(1))
    doubled = first(state["w1"])
    assert get_values({"w": doubled}) == [4] and state["w1"].is_deleted() and not state["w2"].is_deleted()
    with pytest.raises(alpa.DonatedArrayError, match="lambda"):
        step(state, np.float32(1))
    state["w1"] = doubled
    assert get_values(step(state, np.float32(1))[0]) == [2, 5, 4, 5, 6, 7]


def test_memory_of_dropped_arrays_is_released():
    step = alpa.parallelize(increase)
    state, _ = step(make_state(), np.float32(1))
    state, _ = step(state, np.float32(1))
    executable = step.get_last_executable()

    def count():
        alpa.parallelize(jnp.negative)(np.float32(1))  # any call releases what waits
        return executable.memory()["arrays"]
    everything = count()
    kept = state.pop("w3")
    state.clear()
    jax.block_until_ready(kept)
    some = count()
    assert everything - some > 4 * 8 * 64, "arrays that nobody has are still there"
    assert get_values({"w3": kept}) == [5]
    del kept
    assert count() < some


def test_views_are_dropped_by_other_threads():
    step = alpa.parallelize(increase, method=alpa.DataParallel())
    state, _ = step(make_state(), np.float32(1))
    views, is_done = queue.Queue(), threading.Event()

    def drop():
        while not is_done.is_set() or not views.empty():
            with contextlib.suppress(queue.Empty):
                assert views.get(timeout=0.01).shape == (8, 64)
    threads = [threading.Thread(target=drop) for _ in range(3)]
    for thread in threads:
        thread.start()
    for i in range(100):
        views.put(np.from_dlpack(state["w1"]))
        views.put(np.from_dlpack(state["w2"]))
        state, _ = step(state, np.float32(1))
    is_done.set()
    for thread in threads:
        thread.join()
    assert get_values(state) == [j + 101 for j in range(6)]
    last = np.from_dlpack(state["w3"])
    alpa.shutdown()
    assert last[0, 0] == 104
    del last


def test_results_in_another_order():
    def mix(a, x, b):
        return x + 1, {"b": b["b"] * 2}, jnp.sum(x), {"a": a["a"] + x}
    step = alpa.parallelize(mix, donate_argnums=(0, 2))
    a, b, x = {"a": np.zeros((8, 4), np.float32)}, {"b": np.ones((4, 2), np.float32)}, np.ones((8, 4), np.float32)
    for i in range(5):
        more, b, total, a = step(a, x, b)
        assert float(total) == 32 and np.asarray(more)[0, 0] == 2
        assert np.asarray(a["a"])[0, 0] == i + 1 and np.asarray(b["b"])[0, 0] == 2 ** (i + 1)
