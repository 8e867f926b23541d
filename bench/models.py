#!/usr/bin/env python3
"""Compile time and step time of the models, beside XLA's CPU backend on the same cores in the same minutes.

    models.py --build BUILD --peer PYTHON [--rounds N] [MODEL ...]

PYTHON has jax.  The two take turns, ROUNDS times; the least of all is shown, because other users of a machine only
ever add.  Compiling begins at the text on both sides: ours is reading, planning and compiling, without a cache.
"""
import argparse
import json
import os
import pathlib

import common

PEER_STEPS = 20  # at least; the first ones of a process are slow


def measure_ours(build, folder, steps, first):
    arguments = common.model_arguments(folder)
    read_s, _, _ = common.spawn(first + [build / "bin/alpa-opt", arguments[0], "-o", os.devnull])
    options = [f"--steps={steps}", "--no-cache", "--json", "--cluster=host:1"]
    report = common.run_json(first + [build / "bin/alpa", "run"] + arguments + options)
    compile_s = read_s + 1e-3 * (report["plan"]["plan_ms"] + report["plan"]["compile_ms"])
    return compile_s, min(step["time_ms"] for step in report["steps"])


def measure_peer(python, folder, steps, first):
    runner = pathlib.Path(__file__).with_name("xla_peer.py")
    report = common.run_json(first + [python, runner, f"--steps={max(steps, PEER_STEPS)}", folder])
    return report["compile_s"], min(report["steps_ms"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("--peer", required=True)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("models", nargs="*", default=common.MODELS)
    options = parser.parse_args()
    first = common.priority()
    compile_ratios, step_ratios = [], []
    common.print_head("model", "compile s: ours", "XLA", "XLA / ours", "step ms: ours", "XLA", "XLA / ours")
    for model in options.models:
        folder = pathlib.Path("models") / model
        steps = json.loads((folder / "model.json").read_text()).get("steps", 10)
        ours, peer = [], []
        for _ in range(options.rounds):
            ours.append(measure_ours(options.build, folder, steps, first))
            peer.append(measure_peer(options.peer, folder, steps, first))
        (our_compile, our_step), (peer_compile, peer_step) = (map(min, zip(*runs)) for runs in (ours, peer))
        compile_ratios.append(peer_compile / our_compile)
        step_ratios.append(peer_step / our_step)
        common.print_row(model, f"{our_compile:.3f}", f"{peer_compile:.3f}", f"{compile_ratios[-1]:.2f}",
                         f"{our_step:.3f}", f"{peer_step:.3f}", f"{step_ratios[-1]:.2f}")
    print(f"\ngeometric mean of XLA / ours: **compile {common.geometric_mean(compile_ratios):.2f}, "
          f"step {common.geometric_mean(step_ratios):.2f}**")


if __name__ == "__main__":
    main()
