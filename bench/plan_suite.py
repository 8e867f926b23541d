#!/usr/bin/env python3
"""Planning the models of Alpa's evaluation on V100s: our plan beside the published one, by our cost model.

    plan_suite.py --build BUILD --suite DIRECTORY [--part own|published] [--only TEXT]

DIRECTORY holds the programs (NAME.mlir.zst).  TFLOPS are by Alpa's formulas, as published: with rematerialisation.
"""
import argparse
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


def flops(name, model):
    if "gpt" in name:
        return gpt_flops(model)
    return moe_flops(model) if "moe" in name else wresnet_flops(model, not name.startswith("fig9"))


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


def own(planner, rows, models):
    print("\n## Our plans\n\nCost and memory by our model; published: figure 8, alpa.auto.  `its plan` is Alpa's published"
          " plan by our\nmodel, without regard to memory, and what that takes.  MoE: memory is larger by what Adam keeps"
          " more than Adafactor.\n")
    common.print_head("program", "GPUs", "wall s", "processor s", "TFLOPS per GPU", "published", "its plan", "step s",
                      "its step s", "GiB of", "its GiB", "micro-batches", "stages (replicas x axis)")
    for row in rows:
        model = models[row["program"]]
        limit, gpus = memory(row["program"], model, row["gpus"]), row["gpus"]
        best = planner.plan(planner.program(row["program"]), "simplify,cluster-layers{layers=48},"
                            f"stage-dp{{cluster={cluster(gpus)} memory={limit:.2f}}}")
        theirs = evaluate(planner, row, 1000)
        rate = flops(row["program"], model) / gpus
        show = lambda plan: ("-", "-", "-") if "error" in plan else (
            f"{rate / plan['step_ps']:.1f}", f"{plan['step_ps'] / 1e12:.1f}", f"{plan['memory_bytes'] / 2 ** 30:.1f}")
        ours, other = show(best), show(theirs)
        common.print_row(row["program"], gpus, f"{best['wall']:.1f}", f"{best['cpu']:.1f}", ours[0], row["tflops"],
                         other[0], ours[1], other[1], f"{ours[2]} of {limit:.1f}", other[2], best.get("micro_batches", "-"),
                         describe(best["stages"]) if "stages" in best else best["error"].split("error: ")[-1][:90])


def evaluate(planner, row, limit, narrow=False):
    path, n_layers = planner.layers(row["program"], row["layers"] if row["method"] == "auto" else 48)
    if n_layers < len(row["stages"]):
        return {"error": f"error: {n_layers} layers for {len(row['stages'])} stages", "wall": 0}
    remat = "none" if row["program"].startswith("fig9-wresnet") else "layer"
    return planner.plan(path, f"stage-dp{{cluster={cluster(row['gpus'])} memory={limit:.2f} remat={remat} "
                              f"zero={row['zero']} narrow-accumulators={str(narrow).lower()} "
                              f"micro-batches={row['micro_batches']} plan={forced(row, n_layers)}}}")



def published(planner, rows, models):
    print("\n## Published points by our model\n\nPlans as published (rematerialised but for fig9-wresnet), gradients accumulated in their own type as Alpa does; `fits`: within what a\nV100 has (MoE: with room for Adam).\n")
    common.print_head("figure", "program", "GPUs", "method", "plan", "published", "predicted", "error %", "GiB", "fits")
    seen = []
    for row in rows:
        model, gpus = models[row["program"]], row["gpus"]
        plan = evaluate(planner, row, 1000, True)
        fit = evaluate(planner, row, memory(row["program"], model, gpus), True)
        if "error" in plan:
            common.print_row(row["figure"], row["program"], gpus, row["method"], "", row["tflops"] or "OOM",
                             plan["error"].split("error: ")[-1][:60], "", "", "")
            continue
        best = plan if "error" in fit else fit
        value = flops(row["program"], model) / gpus / best["step_ps"]
        error = 100 * (value / row["tflops"] - 1) if row["tflops"] else None
        seen.append((row, value, error, "error" not in fit))
        common.print_row(row["figure"], row["program"], gpus, row["method"], describe(best["stages"]),
                         row["tflops"] or "OOM", f"{value:.1f}", "" if error is None else f"{error:+.0f}",
                         f"{best['memory_bytes'] / 2 ** 30:.1f}", "yes" if seen[-1][3] else "no")
    summarise(seen)


def summarise(seen):
    errors = sorted(abs(error) for row, _, error, _ in seen if error is not None and row["tflops"] > 5)
    if not errors:
        return
    right = wrong = 0
    for i, (a, x, _, _) in enumerate(seen):
        for b, y, _, _ in seen[:i]:
            if a["program"] != b["program"] or not a["tflops"] or not b["tflops"]:
                continue
            if max(a["tflops"], b["tflops"]) > DISTINCT * min(a["tflops"], b["tflops"]):
                same = (a["tflops"] > b["tflops"]) == (x > y)
                right, wrong = right + same, wrong + (not same)
    lost = [row for row, _, _, fits in seen if not row["tflops"]]
    found = sum(not fits for row, _, _, fits in seen if not row["tflops"])
    false = sum(not fits for row, _, _, fits in seen if row["tflops"])
    print(f"\n{len(errors)} points above 5 TFLOPS: mean error {statistics.mean(errors):.1f} %, median "
          f"{statistics.median(errors):.1f} %, 90th percentile {errors[math.ceil(0.9 * len(errors)) - 1]:.1f} %.  Pairs of "
          f"methods more than 5 % apart in the right\norder: {right} of {right + wrong}.  Published out-of-memory points "
          f"predicted as such: {found} of {len(lost)}; points that ran and\nare said not to fit: {false} of "
          f"{len(seen) - len(lost)}.")


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
            own(planner, [row for row in rows if row["method"] == "auto"], instances["models"])
        if options.part != "own":
            published(planner, rows, instances["models"])


if __name__ == "__main__":
    main()
