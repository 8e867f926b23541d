#!/usr/bin/env python3
"""Every kernel family against its expected results, and the small models against JAX's, on one GPU.

    check.py BUNDLE [--driver DIR] [--json FILE] [--sanitizer[=PROGRAM]] [--only NAME,...] [--jobs N] [--budget SECONDS]

--driver names a folder whose libcuda.so.1 is used instead of the machine's; --sanitizer runs the checks under the tools
of compute-sanitizer, too: memcheck, racecheck, synccheck and initcheck, one after the other as far as there is time.
Exit status 1 where anything differs."""
import argparse
import concurrent.futures
import json
import os
import pathlib
import shutil
import time

import common

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = ("memcheck", "racecheck", "synccheck", "initcheck")
FAULT = 9  # what compute-sanitizer exits with where it finds something


def inputs_of(folder):
    if (folder / "inputs.safetensors").exists():
        return [f"--input=@{folder / 'inputs.safetensors'}"]
    state = folder / "state.safetensors"
    return [f"--input=@{file}" for file in (state, folder / "batches.safetensors") if file.exists()]


def run_check(bundle, name, prefix, timeout):
    # Memory that the tool has filled would count as written.
    poison = [] if "--tool=initcheck" in prefix else ["--poison"]
    return bundle.alpa("run", bundle.image("check", name), *poison, prefix=prefix, timeout=timeout)


def run_model(bundle, name, prefix, timeout):
    folder = ROOT / "models" / name
    model = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    expected = folder / "expected.safetensors"
    compare = [f"--expected_output=@{expected}"] if expected.exists() else []
    return bundle.alpa("run", bundle.image("model", name), *inputs_of(folder), "--steps=1", f"--rtol={model['rtol']}",
                       f"--atol={model['atol']}", *compare, prefix=prefix, timeout=timeout)


def find_sanitizer():
    return shutil.which("compute-sanitizer") or "/usr/local/cuda/bin/compute-sanitizer"


def list_runs(manifest, only, sanitizer):
    """(kind, name, tool, prefix): everything once, the checks under each tool, the models under the first one."""
    runs = [(kind, name, "", ()) for kind in ("check", "model") for name in manifest[kind]]
    for tool in TOOLS if sanitizer else ():
        prefix = (sanitizer, f"--tool={tool}", f"--error-exitcode={FAULT}")
        runs += [("check", name, tool, prefix) for name in manifest["check"]]
    if sanitizer:
        prefix = (sanitizer, f"--tool={TOOLS[0]}", f"--error-exitcode={FAULT}")
        runs += [("model", name, TOOLS[0], prefix) for name in manifest["model"]]
    return [run for run in runs if not only or run[1] in only]


def execute(bundle, run, budget):
    """One row of the report; None where there was no time."""
    kind, name, tool, prefix = run
    if budget.is_spent():
        return None
    start = time.monotonic()
    result = (run_check if kind == "check" else run_model)(bundle, name, prefix, budget.limit(120))
    words = result.stderr if "error" in result.stderr or not tool else result.stdout
    return {"kind": kind, "name": name, "tool": tool, "seconds": round(time.monotonic() - start, 2),
            "result": "ok" if result.returncode == 0 else "FAILED",
            "message": "" if result.returncode == 0 else common.last_line(words)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle")
    parser.add_argument("--driver")
    parser.add_argument("--json")
    parser.add_argument("--sanitizer", nargs="?", const=find_sanitizer())
    parser.add_argument("--only", type=lambda text: set(text.split(",")), default=set())
    parser.add_argument("--jobs", type=int, default=min(8, os.cpu_count() or 1), help="programs on the GPU at once")
    parser.add_argument("--budget", type=float, default=common.BUDGET_S)
    arguments = parser.parse_args()
    bundle = common.Bundle(arguments.bundle, arguments.driver)
    architecture = bundle.find_architecture()
    sanitizer = arguments.sanitizer if arguments.sanitizer and pathlib.Path(arguments.sanitizer).exists() else None
    if arguments.sanitizer and not sanitizer:
        print("compute-sanitizer is not installed: nothing runs under it")
    budget = common.Budget(arguments.budget)
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        done = list(pool.map(lambda run: execute(bundle, run, budget),
                             list_runs(bundle.manifest, arguments.only, sanitizer)))
    rows = [row for row in done if row]
    common.print_table(rows, ["kind", "name", "tool", "seconds", "result", "message"])
    n_failed, n_left_out = sum(row["result"] != "ok" for row in rows), len(done) - len(rows)
    print(f"{architecture}: {len(rows) - n_failed} passed, {n_failed} failed" +
          (f", {n_left_out} left out for want of time" if n_left_out else ""))
    if arguments.json:
        common.write_json(arguments.json, {"architecture": architecture, "rows": rows, "left_out": n_left_out})
    raise SystemExit(1 if n_failed else 0)


if __name__ == "__main__":
    main()
