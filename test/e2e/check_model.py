#!/usr/bin/env python3
"""Runs a model of models/ on a mesh and compares with JAX, or with one device in field arithmetic.

    check_model.py MODEL CLUSTER [--mesh=SHAPE] [--field] [--random=N] [further options of alpa run]

Without --field: results and losses equal JAX's within the model's tolerances.  With --field: the results of the plan,
partitioned and interpreted in field arithmetic, have the same bits as those of one device; with --random=N this is
checked for the plan that alpa finds and for N random shardings."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

MODELS = pathlib.Path(__file__).resolve().parents[2] / "models"


def inputs_of(folder):
    """Options that give the program its arguments."""
    if (folder / "inputs.safetensors").exists():
        return [f"--input=@{folder}/inputs.safetensors"]
    state = folder / "state.safetensors"
    first = f"--input=@{state}" if state.exists() else f"--init={folder}/init.mlir"
    return [first, f"--input=@{folder}/batches.safetensors"]


def run(arguments, cache="--no-cache"):
    result = subprocess.run(["alpa", "run", cache, *arguments], capture_output=True, text=True, check=False)
    if result.returncode:
        sys.exit(f"alpa run {' '.join(map(str, arguments))}\n{result.stdout}{result.stderr}")
    return result.stdout


def check_field(program, inputs, options, n_random):
    field = ["--backend=interpreter", "--arith=field", "--steps=1"]
    plans = [[]] + [[f"--pipeline=builtin.module(shard-random{{seed={seed}}})"] for seed in range(n_random)]
    with tempfile.TemporaryDirectory() as out:
        one, many = f"{out}/one.safetensors", f"{out}/many.safetensors"
        run([program, *inputs, *field, "--cluster=host:1", f"--output=@{one}"])
        expected = pathlib.Path(one).read_bytes()
        for plan in plans:
            run([program, *inputs, *field, *options, *plan, f"--output=@{many}"])
            if pathlib.Path(many).read_bytes() != expected:
                sys.exit(f"{program}: {' '.join([*options, *plan])} gives other field elements than one device")


def check_real(folder, program, inputs, options, model, cache):
    options = [*options, f"--rtol={model['rtol']}", f"--atol={model['atol']}"]
    expected = folder / "expected.safetensors"
    if expected.exists():
        run([program, *inputs, *options, "--steps=1", f"--expected_output=@{expected}"], cache)
    losses = model.get("losses") or []
    if losses:
        steps = min(len(losses), int(os.environ.get("STEPS", "4")))
        report = json.loads(run([program, *inputs, *options, f"--steps={steps}", "--json"], cache))
        for step, (ours, theirs) in enumerate(zip(report["steps"], losses)):
            loss = next(iter(ours["scalars"].values()))
            if abs(loss - theirs) > model["atol"] + model["rtol"] * abs(theirs):
                sys.exit(f"{program}: loss of step {step} is {loss}, JAX has {theirs}")


def take(options, name, absent):
    """Removes --name or --name=value from the options and returns the value."""
    value = absent
    for option in list(options):
        if option.split("=")[0] == f"--{name}":
            options.remove(option)
            value = option.partition("=")[2] or True
    return value


def main():
    name, cluster, *options = sys.argv[1:]
    folder = MODELS / name
    model = json.loads((folder / "model.json").read_text())
    program, inputs = folder / model["program"], inputs_of(folder)
    field, n_random = take(options, "field", False), int(take(options, "random", 0))
    options = [f"--cluster={cluster}", *options]
    if field:
        check_field(program, inputs, options, n_random)
    else:
        with tempfile.TemporaryDirectory() as cache:  # the second run takes plan and code of the first
            os.chmod(cache, 0o700)
            check_real(folder, program, inputs, options, model, f"--cache={cache}")


if __name__ == "__main__":
    main()
