#!/usr/bin/env python3
"""Runs a model of models/ on a mesh and compares with JAX, or with one device in field arithmetic.

    check_model.py MODEL CLUSTER [--mesh=SHAPE] [--field] [--pipeline=TEXT] [further options of alpa run]

Without --field: results and losses equal JAX's within the model's tolerances.  With --field: the results of the plan,
partitioned and interpreted in field arithmetic, have the same bits as those of one device."""
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


def run(arguments):
    result = subprocess.run(["alpa", "run", "--no-cache", *arguments], capture_output=True, text=True, check=False)
    if result.returncode:
        sys.exit(f"alpa run {' '.join(map(str, arguments))}\n{result.stdout}{result.stderr}")
    return result.stdout


def check_field(program, inputs, options):
    field = ["--backend=interpreter", "--arith=field", "--steps=1"]
    with tempfile.TemporaryDirectory() as out:
        one, many = f"{out}/one.safetensors", f"{out}/many.safetensors"
        run([program, *inputs, *field, "--cluster=host:1", f"--output=@{one}"])
        run([program, *inputs, *field, *options, f"--output=@{many}"])
        if pathlib.Path(one).read_bytes() != pathlib.Path(many).read_bytes():
            sys.exit(f"{program}: the plan of {' '.join(options)} computes other field elements than one device")


def check_real(folder, program, inputs, options, model):
    options = [*options, f"--rtol={model['rtol']}", f"--atol={model['atol']}"]
    expected = folder / "expected.safetensors"
    if expected.exists():
        run([program, *inputs, *options, "--steps=1", f"--expected_output=@{expected}"])
    losses = model.get("losses") or []
    if losses:
        steps = min(len(losses), int(os.environ.get("STEPS", "4")))
        report = json.loads(run([program, *inputs, *options, f"--steps={steps}", "--json"]))
        for step, (ours, theirs) in enumerate(zip(report["steps"], losses)):
            loss = next(iter(ours["scalars"].values()))
            if abs(loss - theirs) > model["atol"] + model["rtol"] * abs(theirs):
                sys.exit(f"{program}: loss of step {step} is {loss}, JAX has {theirs}")


def main():
    name, cluster, *options = sys.argv[1:]
    folder = MODELS / name
    model = json.loads((folder / "model.json").read_text())
    program, inputs = folder / model["program"], inputs_of(folder)
    field = "--field" in options
    options = [f"--cluster={cluster}"] + [option for option in options if option != "--field"]
    if field:
        check_field(program, inputs, options)
    else:
        check_real(folder, program, inputs, options, model)


if __name__ == "__main__":
    main()
