"""Methods, texts, pictures, and plans that are saved and replayed."""
import json
import subprocess
import xml.etree.ElementTree

import jax
import numpy as np
import pytest
from programs import get_losses, make_mlp

import alpa
from alpa._library import find_tool, header
from alpa.show import draw_tensor, find_tiles, write_ranges

SPEC = jax.sharding.PartitionSpec
pytestmark = pytest.mark.usefixtures("host4")


def plan_mlp(method=None, **sizes):
    """The parallelized step of a perceptron, its state and a batch."""
    create_state, train_step, make_batch = make_mlp(**sizes)
    step = alpa.parallelize(train_step, method=method)
    return step, create_state(), make_batch(np.random.default_rng(0))


def get_specs(executable):
    """{name: PartitionSpec} of the arguments."""
    return {spec.name: spec.partition_spec for spec in executable.plan.arguments}


@pytest.mark.parametrize("method", [alpa.ShardParallel, alpa.DataParallel, alpa.Zero2Parallel, alpa.Zero3Parallel])
def test_methods_compute_the_same(method):
    create_state, train_step, make_batch = make_mlp()
    losses = get_losses(alpa.parallelize(train_step, method=method()), create_state, make_batch)
    np.testing.assert_allclose(losses, get_losses(jax.jit(train_step), create_state, make_batch), rtol=1e-5)


def test_rules_decide():
    data = get_specs(plan_mlp(alpa.DataParallel())[0].get_executable(*plan_mlp()[1:]))
    assert data["data['x']"] == SPEC("a", None) and data["state[0]['in']['w']"] == SPEC(None, None)
    zero3 = get_specs(plan_mlp(alpa.Zero3Parallel())[0].get_executable(*plan_mlp()[1:]))
    assert zero3["state[0]['in']['w']"] == SPEC(None, "a")


def test_manual_specs_and_named_axes():
    option = alpa.ManualShardingOption(("data", "model"), in_axis_resources=(
        ({"in": {"w": SPEC(None, "model"), "b": SPEC("model")}, "out": None}, None), SPEC("data")))
    method = alpa.ShardParallel(devices=(2, 2), manual_sharding_option=option)
    step, state, batch = plan_mlp(method)
    specs = get_specs(step.get_executable(state, batch))
    assert specs["state[0]['in']['w']"] == SPEC(None, "model")
    assert specs["state[0]['in']['b']"] == SPEC("model")
    assert specs["data['x']"] == SPEC("data", None)


def test_tensor_parallelism_can_be_limited():
    option = alpa.AutoShardingOption(max_tensor_parallel=2)
    step, state, batch = plan_mlp(alpa.ShardParallel(auto_sharding_option=option))
    executable = step.get_executable(state, batch)
    assert executable.plan.mesh == (("a", 2), ("b", 2))
    assert get_specs(executable)["data['x']"][0] == "a"


def test_batch_and_other_arguments():
    """A rule does not split what is no batch."""
    f = alpa.parallelize(lambda w, x: x @ w, method=alpa.DataParallel())
    executable = f.get_executable(np.ones((8, 8), np.float32), np.ones((8, 8), np.float32))
    assert get_specs(executable) == {"w": SPEC(None, None), "x": SPEC("a", None)}


def test_plan_is_saved_and_replayed(tmp_path):
    step, state, batch = plan_mlp(alpa.Zero3Parallel())
    executable = step.get_executable(state, batch)
    path = tmp_path / "plan.mlir"
    executable.get_parallel_plan().save(path)
    done = subprocess.run([str(find_tool("alpa")), "plan", str(path), "--cluster=host:4", "--method=given"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "mesh a=4" in done.stdout, done.stderr
    replay = plan_mlp(alpa.plan_to_method(alpa.ParallelPlan.load(path)))[0]
    assert replay.get_executable(state, batch).plan.arguments == executable.plan.arguments
    losses = [float(f(state, batch)[1]) for f in (step, replay)]
    assert losses[0] == losses[1]
    other, state, batch = plan_mlp(alpa.plan_to_method(alpa.ParallelPlan.load(path)), width=64)
    with pytest.raises(alpa.InvalidArgumentError, match="the plan is of another program.*argument 0 differs"):
        other.get_executable(state, batch)
    with pytest.raises(alpa.NotFoundError, match="nowhere.mlir"):
        alpa.ParallelPlan.load(tmp_path / "nowhere.mlir")


def test_edited_plan_is_replayed(tmp_path):
    step, state, batch = plan_mlp(alpa.DataParallel())
    plan = step.get_executable(state, batch).get_parallel_plan()
    main = next(line for line in plan.text.splitlines() if "func.func public @main" in line)
    given = '%arg0: tensor<32xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}]>'
    assert given in main
    edited = alpa.ParallelPlan(plan.text.replace(given, given.replace("[{}]", '[{"a"}]')))
    replay = plan_mlp(alpa.plan_to_method(edited))[0]
    assert replay.get_executable(state, batch).plan.arguments[0].partition_spec == SPEC("a")


def test_state_is_created_where_the_step_wants_it():
    step, _, batch = plan_mlp(alpa.Zero3Parallel())
    create_state = make_mlp()[0]
    create = alpa.parallelize(create_state, method=alpa.CreateStateParallel(step, (batch,)))
    state = create()
    placed = step.preshard_dynamic_args(state, batch)[0]
    assert all(a is b for a, b in zip(jax.tree.leaves(placed), jax.tree.leaves(state)))
    assert state[0]["in"]["w"].sharding.spec == SPEC(None, "a")


def test_evaluation_follows_training():
    step, state, batch = plan_mlp(alpa.Zero3Parallel())
    state, _ = step(state, batch)
    evaluate = alpa.parallelize(lambda state, data: data["x"] @ state[0]["in"]["w"],
                                method=alpa.FollowParallel(step))
    placed = evaluate.preshard_dynamic_args(state, batch)[0]
    assert all(a is b for a, b in zip(jax.tree.leaves(placed), jax.tree.leaves(state)))
    np.testing.assert_allclose(evaluate(state, batch), batch["x"] @ np.asarray(state[0]["in"]["w"]), rtol=1e-4,
                               atol=1e-5)


def test_three_dimensions_without_stages_are_a_mesh():
    step, state, batch = plan_mlp(alpa.get_3d_parallel_method(1, -1, 2, 1))
    executable = step.get_executable(state, batch)
    assert executable.plan.mesh == (("a", 2), ("b", 2)) and get_specs(executable)["data['x']"][0] == "a"
    with pytest.raises(alpa.InvalidArgumentError, match="3 x 1 x 1 devices are not the 4"):
        alpa.get_3d_parallel_method(1, 3)


def test_texts_and_figures(tmp_path):
    step, state, batch = plan_mlp(batch=256)
    step(state, batch)
    executable = step.get_last_executable()
    assert "stablehlo.dot_general" in executable.get_text("input")
    assert 'sdy.mesh @mesh = <["a"=4]>' in executable.get_text("sharded")
    assert "mhlo.num_partitions = 4" in executable.get_text("partitioned")
    assert "kernel.fused" in executable.get_text("kernels")
    assert executable.get_hlo_text("SPMD_PARTITIONED") == executable.get_text("partitioned")
    with pytest.raises(alpa.InvalidArgumentError, match="form 'ptx' is none of"):
        executable.get_text("ptx")
    memory, costs = executable.memory(), executable.costs()
    assert 0 < memory["state"] < memory["predicted_peak"] <= memory["limit"]
    assert 0 < costs["bound"] <= costs["predicted"] and costs["measured"] > 0 and costs["communication"]
    assert len(executable.get_execution_time_costs()) == 1
    executable.dump_debug_info(tmp_path / "debug")
    figures = json.loads((tmp_path / "debug/figures.json").read_text())
    assert figures["memory"]["state"] == memory["state"]
    assert {path.name for path in (tmp_path / "debug").iterdir()} == {
        "input.mlir", "sharded.mlir", "partitioned.mlir", "kernels.mlir", "plan.mlir", "plan.html", "figures.json",
        "placements.txt"}


def test_pictures():
    step, state, batch = plan_mlp(alpa.Zero3Parallel(devices=(2, 2)))
    view = step.get_executable(state, batch).show()
    assert "state[0]['in']['w']" in str(view) and "all-gather" in str(view)
    page = view._repr_html_()
    assert page.count("<svg") == 1 + sum(1 for spec, _ in view.arguments + view.results if spec.shape)
    for spec, _ in view.arguments:
        xml.etree.ElementTree.fromstring(draw_tensor(spec))
        held = sorted(device for devices in find_tiles(spec).values() for device in devices)
        assert held == [0, 1, 2, 3]
    assert write_ranges([0, 1, 2, 5, 7, 8]) == "0-2,5,7-8"


def test_placement_specs_have_the_arguments_tree():
    step, state, batch = plan_mlp()
    executable = step.get_executable(state, batch)
    (params, inner), data = executable.get_input_placement_specs()
    assert params["in"]["w"].shape == (16, 32) and inner is None and data["x"].dtype == "f32"
    (params, _), loss = executable.get_output_placement_specs()
    assert params["in"]["w"].shape == (16, 32) and loss.shape == ()
