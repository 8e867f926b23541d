"""What a user meets in a process of his own: the cache of plans, the quick start, the examples."""
import json
import os
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]

FIRST_STEP = """
import json, sys, time
sys.path.insert(0, sys.argv[1])
import jax, numpy as np, alpa, gpt
alpa.global_config.cache_directory = sys.argv[2]
alpa.init(cluster="host:2")
create_state, train_step, make_batch = gpt.make(64, 32, 2, 2, 16, 8)
state, batch = jax.jit(create_state)(), make_batch(np.random.default_rng(0))
step = alpa.parallelize(train_step)
start = time.perf_counter()
state, loss = step(state, batch)
costs = step.get_last_executable().costs()
print(json.dumps({"plan": costs["plan_from_cache"], "planning": costs["planning"],
                  "compilation": costs["compilation"], "loss": float(loss), "step": costs["measured"]}))
"""


def run_python(*arguments, cwd=None):
    """What a Python program prints."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "JAX_PLATFORMS": "cpu"}
    done = subprocess.run([sys.executable, *map(str, arguments)], env=env, cwd=cwd, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_second_process_finds_the_plan(tmp_path):
    tmp_path.chmod(0o700)
    runs = [json.loads(run_python("-c", FIRST_STEP, ROOT / "examples/jax", tmp_path)) for _ in range(2)]
    assert [run["plan"] for run in runs] == [False, True]
    assert runs[0]["loss"] == runs[1]["loss"]
    assert runs[1]["planning"] + runs[1]["compilation"] + runs[1]["step"] < 1


def test_quick_start_of_the_readme_runs_in_an_empty_folder(tmp_path):
    programs = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.S)
    assert len(programs) == 1
    (tmp_path / "quickstart.py").write_text(programs[0])
    losses = [float(line.split()[-1]) for line in run_python("quickstart.py", cwd=tmp_path).splitlines()]
    assert len(losses) == 10 and losses[-1] < losses[0]


@pytest.mark.parametrize("page", ["quickstart", "cluster", "reading-a-plan", "by-hand"])
def test_programs_of_the_documents_run(page, tmp_path):
    text = (ROOT / f"docs/python/{page}.md").read_text(encoding="utf-8")
    (tmp_path / "page.py").write_text("".join(re.findall(r"```python\n(.*?)```", text, flags=re.S)))
    assert run_python("page.py", cwd=tmp_path)


@pytest.mark.parametrize("example", ["quickstart", "gpt", "moe", "wide_resnet", "llama"])
def test_examples_plan_for_a_cluster_that_is_not_here(example, tmp_path):
    plan = tmp_path / "plan.mlir"
    text = run_python(ROOT / f"examples/jax/{example}.py", "--plan-only", "--cluster=p3.16xlarge:1",
                      f"--save-plan={plan}")
    assert "p3.16xlarge:1: 8 devices" in text and "predicted step" in text and "sdy.mesh" in plan.read_text()


def test_visualize(tmp_path):
    text = run_python(ROOT / "examples/jax/visualize.py", "--cluster=host:2", "--hidden=32", "--layers=1",
                      "--vocabulary=64", "--sequence=8", "--batch=8", f"--out={tmp_path}")
    for name in ("searched", "data parallel", "ZeRO-2", "ZeRO-3", "Megatron"):
        assert re.search(rf"{name} .*ms", text), text
    assert (tmp_path / "index.html").read_text().count("<svg") > 10
