"""Runs self-checking programs by both backends: run.py --build DIR PATH...

A PATH is a program, a folder of them, or a tar archive.  Every program is run by `alpa run` in a process of its own, so
that a crash or an endless loop is one failure.  Prints how many programs pass by op and backend, the failures, and last
'N passed, N failed', where every program counts once per backend.  A program whose own first lines disable its run
("RUN-DISABLED(inaccurate)": the values it expects are known to be off) is run and reported, but does not count where it
fails.
"""
import argparse
import collections
import concurrent.futures
import glob
import os
import re
import subprocess
import sys
import tempfile
import time

BACKENDS = ("interpreter", "host")
DISABLED = re.compile(r"^// RUN-DISABLED\(([^)]*)\)", re.MULTILINE)
OP = re.compile(r'"?\b((?:stablehlo|chlo)\.[a-z_0-9]+)')
PLUMBING = {"stablehlo.constant", "stablehlo.custom_call", "stablehlo.return"}


def programs(path, scratch):
    """The .mlir files that a path means; an archive is unpacked to the scratch directory."""
    if os.path.isdir(path):
        archives = glob.glob(os.path.join(path, "**", "*.tar*"), recursive=True)
        here = glob.glob(os.path.join(path, "**", "*.mlir"), recursive=True)
        return here + [program for archive in archives for program in programs(archive, scratch)]
    if path.endswith(".mlir"):
        return [path]
    target = tempfile.mkdtemp(dir=scratch)
    subprocess.run(["tar", "-xf", path, "-C", target], check=True)
    return programs(target, scratch)


def run(tool, program, backend, arguments, limit):
    """The reason why a program fails, or None."""
    command = [tool, "run", program, f"--backend={backend}", "--no-cache", "--workers=1", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, errors="replace")
    except subprocess.TimeoutExpired:
        return f"takes longer than {limit} s"
    if done.returncode == 0:
        return None
    lines = [line for line in done.stderr.splitlines() if "error:" in line or "warning:" in line]
    why = lines[0].split("error: ", 1)[-1] if lines else (done.stderr.strip().splitlines() or ["no message"])[-1]
    return why if done.returncode == 1 else f"exit {done.returncode}: {why}"


def disabled(file):
    """Why the program's own header disables it, or None."""
    with open(file, encoding="utf-8") as text:
        found = DISABLED.search(text.read(2000))
    return found and found.group(1)


def report_ops(files, failures):
    """One line per op: programs that have it, and how many of them pass."""
    having = collections.defaultdict(list)
    for file in files:
        with open(file, encoding="utf-8") as text:
            for op in set(OP.findall(text.read())) - PLUMBING:
                having[op].append(file)
    print(f"{'op':<36}{'programs':>9}" + "".join(f"{backend:>13}" for backend in BACKENDS))
    for op in sorted(having, key=lambda name: (-len(having[name]), name)):
        passed = [sum((file, backend) not in failures for file in having[op]) for backend in BACKENDS]
        print(f"{op:<36}{len(having[op]):>9}" + "".join(f"{n:>13}" for n in passed))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--build", default="build")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--limit", type=float, default=60, help="seconds for one program")
    parser.add_argument("--backend", action="append", choices=BACKENDS, help="only this one")
    parser.add_argument("--alpa", action="append", default=[], help="a further argument of alpa run")
    options = parser.parse_args()
    tool, start = os.path.join(options.build, "bin", "alpa"), time.time()
    backends = options.backend or BACKENDS
    with tempfile.TemporaryDirectory() as scratch:
        files = sorted((file for path in options.paths for file in programs(path, scratch)), key=os.path.basename)
        jobs = [(file, backend) for file in files for backend in backends]
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            reasons = pool.map(lambda job: run(tool, *job, options.alpa, options.limit), jobs)
            failures = {job: why for job, why in zip(jobs, reasons) if why}
        report_ops(files, failures)
        excused = {job: disabled(job[0]) for job in failures}
    for (file, backend), why in failures.items():
        excuse = excused[file, backend]
        kind = f"DISABLED by its header ({excuse})" if excuse else "FAILED"
        print(f"{kind} {os.path.basename(file)} ({backend}): {why}")
    failures = {job: why for job, why in failures.items() if not excused[job]}
    n_excused = sum(bool(excuse) for excuse in excused.values())
    for backend in backends:
        failed = sum(job[1] == backend for job in excused)
        print(f"{backend}: {len(files) - failed} of {len(files)} programs pass")
    print(f"in {time.time() - start:.0f} s; {n_excused} runs that fail are disabled by their programs' headers")
    print(f"{len(jobs) - len(excused)} passed, {len(failures)} failed")
    return 1 if failures or not jobs else 0


if __name__ == "__main__":
    sys.exit(main())
