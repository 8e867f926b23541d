#!/usr/bin/env python3
"""Planning the models of Alpa's evaluation on V100s: our plan beside the published one, by our cost model.

    plan_suite.py --build BUILD --suite DIRECTORY [--part own|published] [--only TEXT]

DIRECTORY holds the programs (NAME.mlir.zst).  TFLOPS are by Alpa's formulas, as published: with rematerialisation.
"""
import argparse
import itertools
import json
import math
import pathlib
import re
import resource
import statistics
import subprocess
import tempfile
import time

import common

INSTANCES = pathlib.Path(__file__).parent / "instances/alpa_plans.json"
MEMORY = 14.2  # GiB of a V100 that a plan may use
LEAST = 5  # TFLOPS of a published point that counts
DISTINCT = 1.05  # how far two published values are apart before their order counts


def gpt_flops(model):
    batch, seq, hidden = model["batch"], model["seq_len"], model["hidden_size"]
    return (96 * batch * seq * hidden ** 2 * model["num_layers"] * (1 + seq / (6 * hidden))
            + 6 * batch * seq * hidden * model["vocab_size"])


def moe_flops(model):
    batch, seq, hidden = model["batch"], model["seq_len"], model["hidden_size"]
    experts, group = model["num_experts"], model["expert_group_size"]
    plain = batch * seq * hidden ** 2 * 40 + 4 * batch * seq ** 2 * hidden
    expert = (batch * seq * hidden ** 2 * 72 + 4 * batch * seq ** 2 * hidden + 2 * batch * seq * hidden * experts
              + 4 * batch * seq * group + 8 * batch * seq * hidden * group)
    return 4 * (plain + expert) * model["num_layers"] / 2 + 6 * batch * seq * hidden * model["vocab_size"]


def convolutions(model):
    """(size in, size out, channels in, out, kernel) of every convolution."""
    size, channels = model["image_size"] // 2, model["num_channels"]
    yield size, size, 3, channels, 7
    size, before = size // 2, channels
    for group, blocks in enumerate({50: [3, 4, 6, 3], 101: [3, 4, 23, 3]}[model["num_layers"]]):
        width = channels * 2 ** group
        for block in range(blocks):
            after = size // 2 if group and not block else size
            yield size, size, before, width, 1
            yield size, after, width, width * model["width_factor"], 3
            yield after, after, width * model["width_factor"], 4 * width, 1
            if not block:
                yield size, after, before, 4 * width, 1
            size, before = after, 4 * width


def wresnet_flops(model, remat):
    total = 0
    for size_in, size, before, after, kernel in convolutions(model):
        inside = (3 * size - (2 if size_in == size else 1)) / (3 * size) if kernel == 3 else 1
        total += 2 * size ** 2 * before * after * kernel ** 2 * inside ** 2
    return (4 if remat else 3) * model["batch"] * total


def flops(row, model):
    name = row["program"]
    if "gpt" in name:
        return gpt_flops(model)
    return moe_flops(model) if "moe" in name else wresnet_flops(model, row["remat"] == "layer")


def measured(row, model):
    """TFLOPS of a GPU as published; by the formula where the seconds are known, for MoE rows were counted in two ways."""
    return flops(row, model) / row["gpus"] / row["seconds"] / 1e12 if "seconds" in row else row["tflops"]


def cluster(gpus):
    return f"p3.16xlarge:1x{gpus}" if gpus < 8 else f"p3.16xlarge:{gpus // 8}"


def memory(name, model, gpus):
    """Alpa trained MoE models with Adafactor, which keeps 4 bytes of a parameter; these programs have Adam's 12."""
    return MEMORY + (8 * model["parameters"] / gpus / 2 ** 30 if "moe" in name else 0)


class Planner:
    def __init__(self, options, directory):
        self.options, self.directory = options, pathlib.Path(directory)

    def program(self, name):
        path = self.directory / f"{name}.mlir"
        if not path.exists():
            subprocess.run(["zstd", "-dqf", self.options.suite / f"{name}.mlir.zst", "-o", path], check=True)
        return path

    def plan(self, source, passes):
        """What the module says of its stages, or the error; and the seconds of wall clock and of processor."""
        out = self.directory / "plan.mlir"
        start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([self.options.build / "bin/alpa-opt", source, f"--pass-pipeline=builtin.module({passes})",
                               "-o", out], stderr=subprocess.PIPE, text=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = {"wall": time.perf_counter() - start,
                 "cpu": after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime}
        if done.returncode:
            return {"error": done.stderr.splitlines()[0], **spent}
        text = next(line for line in out.read_text().splitlines() if line.startswith("module"))
        figures = {key: int(value) for key, value in
                   re.findall(r"(\w+) = (\d+) : i64", re.search(r"alpa.stage_plan = {([^}]*)}", text)[1])}
        stages = re.findall(r'layers = array<i64: (\d+), (\d+)>, memory_bytes = \d+ : i64, mesh = "([^"]*)", '
                            r'once_ps = \d+ : i64, remat = (\w+), time_ps = \d+ : i64, zero = "(\w+)"', text)
        return {**figures, "stages": stages, **spent}

    def layers(self, name, count):
        """The program with layers, and how many it got."""
        path = self.directory / f"{name}-{count}.mlir"
        if not path.exists():
            subprocess.run([self.options.build / "bin/alpa-opt", self.program(name), "-o", path,
                            f"--pass-pipeline=builtin.module(simplify,cluster-layers{{layers={count}}})"], check=True)
        with path.open() as file:
            return path, int(re.search(r"count = (\d+) : i64", next(line for line in file if "alpa.layers" in line))[1])


def describe(stages):
    """Equal neighbours together: 8 x 1x4 remat."""
    words = [mesh + (" remat" if remat == "true" else "") + (f" zero:{zero}" if zero != "none" else "")
             for _, _, mesh, remat, zero in stages]
    groups = []
    for word in words:
        if groups and groups[-1][0] == word:
            groups[-1][1] += 1
        else:
            groups.append([word, 1])
    return ", ".join((f"{count} x " if count > 1 else "") + word for word, count in groups)


def forced(row, n_layers):
    """The published stages on the layers that the program got: boundaries in proportion."""
    total, at, before, words = sum(count for count, _ in row["stages"]), 0, 0, []
    for index, (count, mesh) in enumerate(row["stages"]):
        at += count
        left = len(row["stages"]) - index - 1
        end = min(max(round(at * n_layers / total), before + 1), n_layers - left)
        words.append(f"{end - before}:{mesh}")
        before = end
    return ",".join(words)


def search(planner, row, limit):
    return planner.plan(planner.program(row["program"]), "simplify,cluster-layers{layers=48},"
                        f"stage-dp{{cluster={cluster(row['gpus'])} memory={limit:.2f}}}")


def show(plan, rate=0):
    return ("-", "-", "-") if "error" in plan else (
        f"{rate / plan['step_ps']:.1f}", f"{plan['step_ps'] / 1e12:.1f}", f"{plan['memory_bytes'] / 2 ** 30:.1f}")


def print_own(row, limit, best, theirs, in_its, rate):
    ours, other = show(best, rate), show(theirs, rate)
    common.print_row(row["program"], row["gpus"], f"{best['wall']:.1f}", f"{best['cpu']:.1f}", ours[0], row["tflops"],
                     other[0], ours[1], other[1], show(in_its)[1], f"{ours[2]} of {limit:.1f}", other[2],
                     best.get("micro_batches", "-"),
                     describe(best["stages"]) if "stages" in best else best["error"].split("error: ")[-1])


def own(planner, rows, models):
    print("\n## Our plans\n\nCost and memory by our model; published: figure 8, alpa.auto.  `its plan` is Alpa's published"
          " plan by our\nmodel, without regard to memory, and what that takes; `in its GiB`: our step where it may take as"
          " much.  What does\nnot fit with Adam, as these programs have it, stands a second time, with as much more memory"
          " as Adam keeps more\nthan Adafactor, which Alpa used.\n")
    common.print_head("program", "GPUs", "wall s", "processor s", "TFLOPS per GPU", "published", "its plan", "step s",
                      "its step s", "in its GiB", "GiB of", "its GiB", "micro-batches", "stages (replicas x axis)")
    wall = cpu = 0
    for row in rows:
        model = models[row["program"]]
        rate = flops(row, model) / row["gpus"]
        best, theirs = search(planner, row, MEMORY), evaluate(planner, row, 1000)
        wall, cpu = wall + best["wall"], cpu + best["cpu"]
        more = math.ceil(100 * theirs.get("memory_bytes", 0) / 2 ** 30) / 100
        in_its = search(planner, row, more) if more > MEMORY else best
        print_own(row, MEMORY, best, theirs, in_its, rate)
        if "error" in best and memory(row["program"], model, row["gpus"]) > MEMORY:
            limit = memory(row["program"], model, row["gpus"])
            print_own(row, limit, search(planner, row, limit), theirs, in_its, rate)
    print(f"\nPlanning all of them took {wall:.0f} s, {cpu:.0f} s of one processor.")


# As Alpa runs its plans: ops on an axis are placed by its own formulas, gradients are accumulated in their own type and
# reduced whole (with several micro-batches [its rewrite], and where Adafactor reads them), receives are waited for.
AS_ALPA = "narrow-accumulators=true place=alpa-osdi22 overlap-transfers=false "


def evaluate(planner, row, limit, as_alpa=False):
    path, n_layers = planner.layers(row["program"], row["layers"])
    if n_layers < len(row["stages"]):
        return {"error": f"error: {n_layers} layers for {len(row['stages'])} stages", "wall": 0}
    counts = row["micro_batches"] if isinstance(row["micro_batches"], list) else [row["micro_batches"]]
    plans = []
    for count in counts:
        whole = str(count > 1 or "moe" in row["program"]).lower()
        options = AS_ALPA + f"whole-gradients={whole} " if as_alpa else ""
        plans.append(planner.plan(path, f"stage-dp{{cluster={cluster(row['gpus'])} memory={limit:.2f} "
                                        f"remat={row['remat']} zero={row['zero']} {options}micro-batches={count} "
                                        f"plan={forced(row, n_layers)}}}"))
    return min(plans, key=lambda plan: plan.get("step_ps", math.inf))


def published(planner, rows, models):
    print("\n## Published points by our model\n\nPlans as published, run as Alpa runs them; `fits`: within what a V100 has "
          "(MoE: with room for Adam).  Where the latency is\npublished, too, TFLOPS are of that and Alpa's formula.  "
          "?: the plan or the value is doubtful, not counted.\n")
    common.print_head("figure", "program", "GPUs", "method", "plan", "published", "predicted", "error %", "GiB", "fits")
    seen = []
    for row in rows:
        model, gpus = models[row["program"]], row["gpus"]
        fit = evaluate(planner, row, memory(row["program"], model, gpus), True)
        best = evaluate(planner, row, 1000, True) if "error" in fit else fit
        target = measured(row, model)
        shown = f"{target:.4g}" + (" ?" if "doubt" in row else "") if target else "OOM"
        if "error" in best:
            common.print_row(row["figure"], row["program"], gpus, row["method"], "", shown,
                             best["error"].split("error: ")[-1][:60], "", "", "")
            continue
        value = flops(row, model) / gpus / best["step_ps"]
        error = 100 * (value / target - 1) if target else None
        seen.append((row, target, value, "error" not in fit))
        common.print_row(row["figure"], row["program"], gpus, row["method"], describe(best["stages"]), shown,
                         f"{value:.1f}", "" if error is None else f"{error:+.0f}",
                         f"{best['memory_bytes'] / 2 ** 30:.1f}", "yes" if seen[-1][3] else "no")
    summarise(seen)


def state(name, points):
    """Errors of the points, and how many pairs of methods on one model are in the right order."""
    errors = sorted(abs(100 * (value / target - 1)) for _, target, value, _ in points)
    right = wrong = 0
    for i, (a, target, value, _) in enumerate(points):
        for b, other_target, other_value, _ in points[:i]:
            if (a["program"], a["figure"]) != (b["program"], b["figure"]):
                continue
            if max(target, other_target) > DISTINCT * min(target, other_target):
                same = (target > other_target) == (value > other_value)
                right, wrong = right + same, wrong + (not same)
    common.print_row(name, len(errors), f"{statistics.mean(errors):.1f}", f"{statistics.median(errors):.1f}",
                     f"{errors[math.ceil(0.9 * len(errors)) - 1]:.1f}", f"{errors[-1]:.0f}", f"{right} of {right + wrong}")


def summarise(seen):
    points = [point for point in seen if point[1] and point[1] > LEAST and "doubt" not in point[0]]
    print()
    common.print_head("points", "number", "mean error %", "median", "90th percentile", "largest", "pairs in order")
    for name, choose in (("all", lambda row: True), ("figure 9 (fitted)", lambda row: row["figure"] == "9"),
                         ("figures 8 and 10", lambda row: row["figure"] != "9"), ("GPT", lambda row: "gpt" in row["program"]),
                         ("MoE", lambda row: "moe" in row["program"]), ("WResNet", lambda row: "wresnet" in row["program"])):
        chosen = [point for point in points if choose(point[0])]
        if chosen:
            state(name, chosen)
    lost = [fits for row, _, _, fits in seen if not row["tflops"]]
    ran = [fits for row, _, _, fits in seen if row["tflops"]]
    print(f"\nPublished out-of-memory points predicted as such: {lost.count(False)} of {len(lost)}; points that ran and are "
          f"said not to\nfit: {ran.count(False)} of {len(ran)}.")


def left_out(rows):
    """Points whose plan is not known, those of one reason together."""
    print("\n## Published points that are left out\n")
    common.print_head("figure", "model", "method", "GPUs: published", "why")
    for key, group in itertools.groupby(rows, lambda row: (row["figure"], row["model"], row["method"], row["why"])):
        values = ", ".join(f"{row['gpus']}: {row['tflops'] or 'OOM'}" for row in group)
        common.print_row(*key[:3], values, key[3])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("--suite", type=pathlib.Path, required=True)
    parser.add_argument("--part", choices=["own", "published"])
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    instances = json.loads(INSTANCES.read_text())
    rows = [row for row in instances["rows"] if options.only in row["program"]]
    with tempfile.TemporaryDirectory() as directory:
        planner = Planner(options, directory)
        if options.part != "published":
            own(planner, [row for row in rows if row["figure"] == "8" and row["method"] == "auto"], instances["models"])
        if options.part != "own":
            published(planner, rows, instances["models"])
            left_out(instances["left_out"])


if __name__ == "__main__":
    main()
