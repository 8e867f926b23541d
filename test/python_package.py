#!/usr/bin/env python3
"""Builds the wheel and runs the tests of the Python package in a fresh virtual environment that it is installed in.

Needs Python 3.10 or later with venv, and a package index; without them the tests are skipped, with the reason."""
import argparse
import glob
import os
import pathlib
import shutil
import subprocess
import sys
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
PACKAGES = ["jax>=0.7", "flax>=0.11", "optax>=0.2.5", "pytest"]


class Skip(Exception):
    """Why the tests cannot run here."""


def call(command, log, reason, **options):
    """Runs a command into the log; raises Skip with the reason where it fails and one is given."""
    with open(log, "w", encoding="utf-8") as file:
        done = subprocess.run([str(part) for part in command], stdout=file, stderr=subprocess.STDOUT, check=False,
                              **options)
    if done.returncode and reason:
        raise Skip(reason)
    if done.returncode:
        sys.stderr.write("".join(open(log, encoding="utf-8").readlines()[-30:]))
        raise RuntimeError(f"{command[0]} failed, see {log}")


def make_environment(directory):
    """A fresh virtual environment; returns its Python."""
    if sys.version_info < (3, 10):
        raise Skip("Python 3.10 or later is needed")
    shutil.rmtree(directory, ignore_errors=True)
    call([sys.executable, "-m", "venv", directory], directory.parent / "venv.log", "python3-venv is not installed")
    return directory / "bin/python"


def build_wheel(python, build):
    """The path of a wheel of this tree; the tree of an earlier build is used again."""
    for old in glob.glob(str(build / "alpa-*.whl")):
        os.unlink(old)
    call([python, "-m", "pip", "install", "-q", "--retries", "1", "--timeout", "10", "scikit-build-core"],
         build / "backend.log", "no package index can be reached")
    call([python, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", build, ROOT],
         build / "wheel.log", None)
    return glob.glob(str(build / "alpa-*.whl"))[0]


def run_tests(python, wheel, build):
    """(passed, failed, skipped) of the tests in the environment."""
    call([python, "-m", "pip", "install", "-q", "--retries", "1", wheel, *PACKAGES], build / "install.log",
         "the package index lacks JAX, flax or optax")
    report = build / "pytest.xml"
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "ALPA_LIBRARY")}
    subprocess.run([str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}",
                    str(ROOT / "python/tests")], cwd=build, env=env, check=False)
    suite = xml.etree.ElementTree.parse(report).getroot().find("testsuite")
    total, skipped = int(suite.get("tests")), int(suite.get("skipped"))
    failed = int(suite.get("failures")) + int(suite.get("errors"))
    return total - failed - skipped, failed, skipped


def run(build):
    """Everything; (passed, failed, skipped)."""
    build.mkdir(parents=True, exist_ok=True)
    try:
        python = make_environment(build / "venv")
        return run_tests(python, build_wheel(python, build), build)
    except Skip as reason:
        print(f"python tests skipped: {reason}")
        return 0, 0, 1


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build-wheel")
    parser.add_argument("--wheel-only", action="store_true")
    args = parser.parse_args()
    build = (ROOT / args.build).resolve()
    if args.wheel_only:
        build.mkdir(parents=True, exist_ok=True)
        try:
            print(build_wheel(make_environment(build / "venv"), build))
        except Skip as reason:
            sys.exit(f"no wheel: {reason}")
        return 0
    passed, failed, skipped = run(build)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
