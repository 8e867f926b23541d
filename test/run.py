#!/usr/bin/env python3
"""Runs every test of a build: unit tests (ctest), lit tests, and those of the Python package where JAX can be installed.
The last line is `N passed, N failed`."""
import argparse
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

import python_package

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIT = "/usr/lib/llvm-19/build/utils/lit/lit.py"


def run_unit(build, jobs, out):
    """Runs ctest; returns (passed, failed, skipped)."""
    report = out / "ctest.xml"
    subprocess.run(["ctest", "--test-dir", str(build), "--output-on-failure", "-j", str(jobs), "--timeout", "300",
                    "--output-junit", str(report)], check=False)
    suite = xml.etree.ElementTree.parse(report).getroot()
    total, failed = int(suite.get("tests", 0)), int(suite.get("failures", 0))
    skipped = int(suite.get("skipped", 0)) + int(suite.get("disabled", 0))
    return total - failed - skipped, failed, skipped


def run_lit(build, jobs, out):
    """Runs lit over test/; returns (passed, failed, skipped)."""
    report = out / "lit.json"
    env = dict(os.environ, ALPA_BUILD_DIR=str(build))
    # lit needs psutil to stop a test, and refuses the option without it.
    limit = ["--timeout", "300"] if importlib.util.find_spec("psutil") else []
    subprocess.run([sys.executable, LIT, "-sv", "-j", str(jobs), *limit, "-o", str(report), str(ROOT / "test")],
                   env=env, check=False)
    passed = failed = skipped = 0
    for test in json.loads(report.read_text())["tests"]:
        if test["code"] in ("PASS", "XFAIL", "FLAKYPASS"):
            passed += 1
        elif test["code"] in ("UNSUPPORTED", "SKIPPED", "EXCLUDED"):
            skipped += 1
        else:
            failed += 1
    return passed, failed, skipped


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--unit-only", action="store_true")
    args = parser.parse_args()
    build = (ROOT / args.build).resolve()
    with tempfile.TemporaryDirectory() as out:
        counts = [run_unit(build, args.jobs, pathlib.Path(out))]
        if not args.unit_only:
            counts.append(run_lit(build, args.jobs, pathlib.Path(out)))
    if build == ROOT / "build" and not args.unit_only:  # one wheel is enough: it is built without sanitizers
        counts.append(python_package.run(ROOT / "build-wheel"))
    passed, failed, skipped = (sum(column) for column in zip(*counts))
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
