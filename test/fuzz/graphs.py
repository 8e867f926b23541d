"""Compares random programs by interpreter, machine code and sharded plans: graphs.py --build DIR --count N

Every program is a graph of random ops, types and shapes (to rank 5), with regions and control flow.  `sharded --compare`
(test/conformance/sharded.c) evaluates it by the interpreter on one device, in real and in field arithmetic; machine code
on one device must give the same numbers, random shardings on four devices the same field elements and numbers.  Numbers
are equal within the tolerance that the generator (graphs_ops.py) derives for each result.  A program that fails is shrunk to the ops
that matter and written to the folder --keep.  Prints the failures, and last 'N passed, N failed'."""
import argparse
import concurrent.futures
import os
import re
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "conformance"))
from graphs_ops import generate  # noqa: E402
from sharded import Checker  # noqa: E402

CHUNK = 20  # programs that a process is given at once


class Session:
    """A checker, begun again where a program ended it."""

    def __init__(self, command, scratch, limit):
        self.command, self.limit = command, limit
        self.path = os.path.join(scratch, f"{id(self)}.mlir")
        self.checker = Checker(command)

    def check(self, graph):
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(graph.text())
        why, lives = self.checker.ask(self.path, self.limit)
        if not lives:
            self.checker = Checker(self.command)
        return why

    def close(self):
        self.checker.close()


def kind(why):
    """What stays the same about a failure while its program shrinks."""
    return re.sub(r"[^a-z:' ]+", "", re.sub(r"tensor<[^']*>|seed \d+ on \w+|result \d+|element.*", "", why))[:60]


def shrink(session, graph, why):
    """The smallest graph found that fails in the same way: fewer results, and ops replaced by constants."""
    wanted, is_smaller = kind(why), True
    while is_smaller:
        is_smaller = False
        for candidate in graph.smaller():
            found = session.check(candidate)
            if found and kind(found) == wanted:
                graph, why, is_smaller = candidate, found, True
                break
    return graph, why


def check_chunk(command, seeds, options, scratch):
    session, failures = Session(command, scratch, options.limit), []
    for seed in seeds:
        graph = generate(seed)
        why = session.check(graph)
        if why and not options.no_shrink:
            graph, why = shrink(session, graph, why)
        if why:
            failures.append((seed, why, graph))
    session.close()
    return failures


def keep(folder, seed, why, graph):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, f"graph-{seed}.mlir"), "w", encoding="utf-8") as file:
        file.write(f"// seed {seed}: {why}\n" + graph.text())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seeds", type=int, default=2, help="random shardings of each program")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--limit", type=float, default=60, help="seconds for one program")
    parser.add_argument("--keep", default="", help="folder for programs that fail")
    parser.add_argument("--no-shrink", action="store_true")
    parser.add_argument("--print", action="store_true", help="print the programs instead")
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.count)
    if options.print:
        for seed in seeds:
            print(generate(seed).text())
        return 0
    command = [os.path.join(options.build, "test", "sharded"), "--compare", f"--seeds={options.seeds}"]
    start, n_failed = time.time(), 0
    with tempfile.TemporaryDirectory() as scratch, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        chunks = [seeds[i:i + CHUNK] for i in range(0, len(seeds), CHUNK)]
        for failures in pool.map(lambda chunk: check_chunk(command, chunk, options, scratch), chunks):
            for seed, why, graph in failures:
                n_failed += 1
                print(f"FAILED graph {seed} ({len(graph.ops)} ops): {why}", flush=True)
                if options.keep:
                    keep(options.keep, seed, why, graph)
    print(f"{options.count} graphs, {options.seeds} random shardings each, in {time.time() - start:.0f} s")
    print(f"{options.count - n_failed} passed, {n_failed} failed")
    return 1 if n_failed or not options.count else 0


if __name__ == "__main__":
    sys.exit(main())
