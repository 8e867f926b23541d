"""Compares the plan that was found for a GPT with plans that people write, by predicted and by measured time, and
draws each: every tensor with the devices that hold its parts.

    python visualize.py --cluster=host:8 --out=plans
    python visualize.py --plan-only --cluster=p3.16xlarge:2 --hidden 2048 --layers 24 --heads 32 --vocabulary 51200 \\
                        --sequence 1024 --batch 64 --out=plans
"""
import argparse
import os
import statistics

import jax
import numpy as np
from jax.sharding import PartitionSpec as P

import alpa
import gpt

# Shoeybi et al., Megatron-LM: the first product of a pair is split by columns, the second by rows.
MEGATRON = [("query", "kernel", P(None, "model", None)), ("key", "kernel", P(None, "model", None)),
            ("value", "kernel", P(None, "model", None)), ("query", "bias", P("model", None)),
            ("key", "bias", P("model", None)), ("value", "bias", P("model", None)),
            ("out", "kernel", P("model", None, None)), ("Dense_0", "kernel", P(None, "model")),
            ("Dense_0", "bias", P("model")), ("Dense_1", "kernel", P("model", None))]


def megatron(state, heads):
    """Weights and their optimizer state split over half of the devices, heads allowing, the batch over the rest."""
    n = alpa.get_global_num_devices()
    width = max(w for w in range(1, max(2, n // 2) + 1) if n % w == 0 and heads % w == 0)

    def choose(path, leaf):
        name = jax.tree_util.keystr(path)
        for layer, part, spec in MEGATRON:
            if f"'{layer}'" in name and f"'{part}'" in name:
                return spec
        return P(*[None] * len(leaf.shape))
    specs = jax.tree_util.tree_map_with_path(choose, state)
    option = alpa.ManualShardingOption(("data", "model"), in_axis_resources=(specs, P("data")))
    return alpa.ShardParallel(devices=(n // width, width), manual_sharding_option=option)


def measure(step, create_state, batch, steps=5):
    """The median time of a step after the first."""
    state = alpa.parallelize(create_state, method=alpa.CreateStateParallel(step, (batch,)))()
    for _ in range(steps + 1):
        state, _ = step(state, batch)
    return statistics.median(step.get_last_executable().get_execution_time_costs()[1:])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cluster", default="host:8")
    parser.add_argument("--plan-only", action="store_true")
    parser.add_argument("--out", default="plans", help="the folder for the pictures")
    for name, value in dict(vocabulary=512, hidden=128, layers=2, heads=4, sequence=64, batch=16).items():
        parser.add_argument("--" + name, type=int, default=value)
    args = parser.parse_args()
    alpa.init(cluster=args.cluster)
    create_state, train_step, make_batch = gpt.make(args.vocabulary, args.hidden, args.layers, args.heads,
                                                    args.sequence, args.batch)
    state, batch = jax.eval_shape(create_state), make_batch(np.random.default_rng(0))
    methods = {"searched": alpa.ShardParallel(), "data parallel": alpa.DataParallel(), "ZeRO-2": alpa.Zero2Parallel(),
               "ZeRO-3": alpa.Zero3Parallel(), "Megatron": megatron(state, args.heads)}
    os.makedirs(args.out, exist_ok=True)
    pages, rows = [], []
    for name, method in methods.items():
        step = alpa.parallelize(train_step, method=method)
        executable = step.get_executable(state, batch)
        measured = None if args.plan_only else measure(step, create_state, batch)
        rows.append((name, executable.predict(), measured, executable.memory()["state"]))
        pages.append((name, executable.show().to_html()))
    print(f"{'plan':<16}{'predicted':>14}{'measured':>14}{'state a device':>18}")
    for name, predicted, measured, memory in rows:
        shown = "-" if measured is None else f"{1e3 * measured:.2f} ms"
        print(f"{name:<16}{1e3 * predicted:>11.2f} ms{shown:>14}{memory / 2**20:>14.2f} MiB")
    with open(os.path.join(args.out, "index.html"), "w", encoding="utf-8") as file:
        file.write('<!doctype html><meta charset="utf-8"><title>plans</title>')
        file.writelines(f"<h1>{name}</h1>{page}" for name, page in pages)
    print(f"pictures: {os.path.join(args.out, 'index.html')}")


if __name__ == "__main__":
    main()
