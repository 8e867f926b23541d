#!/usr/bin/env python3
"""Start-up, planning from cold, the second run, and memory: what a person waits for and what a machine must have.

    tools.py --build BUILD [--mlir-opt PROGRAM]
"""
import argparse
import pathlib
import statistics
import tempfile

import common


def start_up(options, first, directory):
    empty = pathlib.Path(directory) / "empty.mlir"
    empty.write_text("module {}\n")
    programs = {"alpa-opt": options.build / "bin/alpa-opt"}
    if options.mlir_opt:
        programs["mlir-opt"] = options.mlir_opt
    samples = {name: [] for name in programs}
    for _ in range(options.samples):
        for name, program in programs.items():
            samples[name].append(common.spawn(first + [program, empty])[:2])
    idle = [common.spawn(first + ["true"])[:2] for _ in range(options.samples)]
    base = [statistics.median(column) for column in zip(*idle)]
    print("\n## Start-up\n\nAn empty module read and printed, median of "
          f"{options.samples}; what `true` takes in the same way is in the first row.  Goal: 2 ms.\n")
    common.print_head("program", "wall ms", "processor ms", "wall ms without that of `true`")
    common.print_row("true", f"{1e3 * base[0]:.2f}", f"{1e3 * base[1]:.2f}", "")
    for name, runs in samples.items():
        wall, cpu = (statistics.median(column) for column in zip(*runs))
        common.print_row(name, f"{1e3 * wall:.2f}", f"{1e3 * cpu:.2f}", f"{1e3 * (wall - base[0]):.2f}")


def planning(options, first):
    print("\n## Planning gpt2-124m for 8 devices from cold\n\nLeast of 3, goal 0.3 s.\n")
    common.print_head("mesh", "plan ms", "proven optimal", "cost ms", "bound ms")
    for mesh in ("8", "2x4"):
        command = first + [options.build / "bin/alpa", "plan", "models/gpt2-124m/step.mlir", "--cluster=host:8",
                           f"--mesh={mesh}", "--no-cache", "--json"]
        reports = [common.run_json(command) for _ in range(3)]
        best = min(reports, key=lambda report: report["plan_ms"])
        common.print_row(mesh, f"{best['plan_ms']:.0f}", "yes" if best["optimal"] else "no", f"{best['cost_ms']:.2f}",
                         f"{best['bound_ms']:.2f}")


def second_run(options, first, directory):
    command = first + [options.build / "bin/alpa", "run"] + common.model_arguments("models/gpt")
    command += ["--steps=1", "--cluster=host:8", f"--cache={pathlib.Path(directory) / 'cache'}"]
    cold = common.spawn(command)[0]
    warm = min(common.spawn(command)[0] for _ in range(3))
    print(f"\n## The second run\n\ngpt on host:8, from the start of the process to the end of its first step: {cold:.2f} s, "
          f"and **{warm:.3f} s** with plan and code from the cache (least of 3, goal 0.3 s).")


def memory(options, first, directory):
    print("\n## Memory\n\nThe plan's bound and what a device used, and what all devices used and the process's peak, with plan and "
          "code from the cache; the state comes from the model's init program.  Goals: bound within 15 %, process within 5 % "
          "plus a constant.\n")
    common.print_head("model", "devices", "bound MiB", "used MiB", "bound / used", "all devices MiB", "process MiB",
                      "difference MiB")
    for model, devices in (("gpt", 1), ("gpt", 8), ("moe", 8), ("gpt2-124m", 1), ("gpt2-124m", 2)):
        arguments = common.model_arguments(f"models/{model}")[:2]
        command = first + [options.build / "bin/alpa", "bench"] + arguments
        command += [f"--cluster=host:{devices}", "--repetitions=1", f"--cache={pathlib.Path(directory) / 'cache'}", "--json"]
        common.run_json(command)
        report, (_, _, resident) = common.run_json(command), common.spawn(command)
        bound, used = report["predicted_memory_bytes"] / 2**20, report["peak_bytes"] / 2**20
        common.print_row(model, devices, f"{bound:.1f}", f"{used:.1f}", f"{bound / used:.2f}", f"{devices * used:.1f}",
                         f"{resident / 2**20:.1f}", f"{resident / 2**20 - devices * used:.1f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("--mlir-opt")
    parser.add_argument("--samples", type=int, default=101)
    options = parser.parse_args()
    first = common.priority()
    with tempfile.TemporaryDirectory() as directory:
        start_up(options, first, directory)
        planning(options, first)
        second_run(options, first, directory)
        memory(options, first, directory)


if __name__ == "__main__":
    main()
