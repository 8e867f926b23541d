#!/usr/bin/env python3
"""Every kernel family against its expected results, and the small models against JAX's, on one GPU.

    check.py BUNDLE [--driver DIR] [--json FILE] [--sanitizer] [--only NAME,...]

--driver names a folder whose libcuda.so.1 is used instead of the machine's; --sanitizer runs the checks under
compute-sanitizer, too.  Exit status 1 where anything differs."""
import argparse
import json
import pathlib
import shutil
import time

import common

ROOT = pathlib.Path(__file__).resolve().parents[2]


def inputs_of(folder):
    if (folder / "inputs.safetensors").exists():
        return [f"--input=@{folder / 'inputs.safetensors'}"]
    state = folder / "state.safetensors"
    return [f"--input=@{file}" for file in (state, folder / "batches.safetensors") if file.exists()]


def run_check(bundle, name, prefix):
    return bundle.alpa("run", bundle.image("check", name), "--poison", prefix=prefix)


def run_model(bundle, name, _):
    folder = ROOT / "models" / name
    model = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    expected = folder / "expected.safetensors"
    compare = [f"--expected_output=@{expected}"] if expected.exists() else []
    return bundle.alpa("run", bundle.image("model", name), *inputs_of(folder), "--steps=1", f"--rtol={model['rtol']}",
                       f"--atol={model['atol']}", *compare)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle")
    parser.add_argument("--driver")
    parser.add_argument("--json")
    parser.add_argument("--sanitizer", action="store_true")
    parser.add_argument("--only", type=lambda text: set(text.split(",")), default=set())
    arguments = parser.parse_args()
    bundle = common.Bundle(arguments.bundle, arguments.driver)
    architecture = bundle.find_architecture()
    sanitizer = shutil.which("compute-sanitizer") or "/usr/local/cuda/bin/compute-sanitizer"
    prefixes = [()]
    if arguments.sanitizer and pathlib.Path(sanitizer).exists():
        prefixes.append((sanitizer, "--error-exitcode=9"))
    elif arguments.sanitizer:
        print("compute-sanitizer is not installed: nothing runs under it")
    rows = []
    for kind, run in (("check", run_check), ("model", run_model)):
        for name in bundle.manifest[kind]:
            for prefix in prefixes if kind == "check" else [()]:
                if arguments.only and name not in arguments.only:
                    continue
                start = time.monotonic()
                result = run(bundle, name, prefix)
                rows.append({"kind": kind, "name": name, "tool": "sanitizer" if prefix else "",
                             "seconds": round(time.monotonic() - start, 2),
                             "result": "ok" if result.returncode == 0 else "FAILED",
                             "message": "" if result.returncode == 0 else common.last_line(result.stderr)})
    common.print_table(rows, ["kind", "name", "tool", "seconds", "result", "message"])
    n_failed = sum(row["result"] != "ok" for row in rows)
    print(f"{architecture}: {len(rows) - n_failed} passed, {n_failed} failed")
    if arguments.json:
        common.write_json(arguments.json, {"architecture": architecture, "rows": rows})
    raise SystemExit(1 if n_failed else 0)


if __name__ == "__main__":
    main()
