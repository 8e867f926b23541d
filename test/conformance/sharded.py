"""Checks programs under random shardings: sharded.py --build DIR PATH...

A PATH is a program, a folder of them, or a tar archive.  `sharded` (sharded.c beside this file) says of each program
whether random shardings of its values on four devices compute what one device computes; a process handles many
programs, and where one dies or hangs, that is a failure of the program it was at, and another process goes on with the
rest.  Prints the failures, and last 'N passed, N failed'.
"""
import argparse
import concurrent.futures
import os
import selectors
import subprocess
import sys
import tempfile
import time

from run import disabled, programs

CHUNK = 40  # programs that a process is given at once


class Checker:
    """A process that is asked about one program after the other."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.process.stdout, selectors.EVENT_READ)

    def ask(self, program, limit):
        """The reason why the program fails, or None; and whether the process can go on."""
        self.process.stdin.write(program + "\n")
        self.process.stdin.flush()
        if not self.selector.select(limit):
            self.process.kill()
            return f"takes longer than {limit:.0f} s", False
        line = self.process.stdout.readline()
        if not line:
            return f"the process died, status {self.process.wait()}", False
        answer = line.rstrip("\n").split("\t", 1)[1]
        return (None if answer == "ok" else answer), True

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def check(command, files, limit):
    """Maps each program that fails to the reason."""
    failures, checker = {}, Checker(command)
    for file in files:
        why, lives = checker.ask(file, limit)
        if why:
            failures[file] = why
        if not lives:
            checker = Checker(command)
    checker.close()
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--build", default="build")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--limit", type=float, default=60, help="seconds for one program")
    parser.add_argument("--seeds", type=int, default=3, help="random shardings of each program")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--no-jit", action="store_true", help="field arithmetic only")
    parser.add_argument("--compare", action="store_true", help="with the interpreter's numbers instead of by checks")
    options = parser.parse_args()
    command = [os.path.join(options.build, "test", "sharded"), f"--seeds={options.seeds}", f"--first={options.first}",
               *(["--no-jit"] if options.no_jit else []), *(["--compare"] if options.compare else [])]
    start = time.time()
    with tempfile.TemporaryDirectory() as scratch:
        files = sorted((file for path in options.paths for file in programs(path, scratch)), key=os.path.basename)
        chunks = [files[i:i + CHUNK] for i in range(0, len(files), CHUNK)]
        failures = {}
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            for found in pool.map(lambda chunk: check(command, chunk, options.limit), chunks):
                failures.update(found)
        excused = {file for file in failures if disabled(file)}
    for file, why in failures.items():
        print(f"{'DISABLED by its header' if file in excused else 'FAILED'} {os.path.basename(file)}: {why}")
    n_failed = len(failures) - len(excused)
    print(f"{options.seeds} random shardings of {len(files)} programs in {time.time() - start:.0f} s")
    print(f"{len(files) - len(failures)} passed, {n_failed} failed")
    return 1 if n_failed or not files else 0


if __name__ == "__main__":
    sys.exit(main())
