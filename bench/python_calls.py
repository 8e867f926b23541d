#!/usr/bin/env python3
"""What a call of a parallelized function costs beyond the C step, beside jax.jit's call of the same function.

One device, tensors of four floats: the C step and XLA's are a few kernels.  `state` donates and returns all arguments,
`inputs` reads them and returns one."""
import argparse
import statistics
import time

import jax
import jax.numpy as jnp
import numpy as np

import alpa


def step_state(state, x):
    """Every argument anew."""
    return jax.tree.map(lambda a: a + x, state), x


def read_inputs(state, x):
    """One result of all arguments."""
    return sum(a[0] for a in jax.tree.leaves(state)) + x


def measure(call, repetitions):
    """(median, least) of what call() returns, in microseconds."""
    for _ in range(10):
        call()
    times = [1e6 * call() for _ in range(repetitions)]
    return statistics.median(times), min(times)


def measure_alpa(function, state, repetitions):
    """Of a call, less its C step."""
    step = alpa.parallelize(function, donate_argnums=(0,) if function is step_state else ())
    holder = [step.preshard_dynamic_args(state, np.float32(1))[0]]
    executable = step.get_executable(state, np.float32(1))

    def call():
        start = time.perf_counter()
        result = step(holder[0], np.float32(1))
        seconds = time.perf_counter() - start
        if function is step_state:
            holder[0] = result[0]
        return seconds - executable.step_times[-1]
    return measure(call, repetitions)


def measure_jax(function, state, repetitions):
    """Of a whole call."""
    step = jax.jit(function, donate_argnums=(0,) if function is step_state else ())
    holder = [jax.tree.map(jnp.asarray, state)]

    def call():
        start = time.perf_counter()
        result = jax.block_until_ready(step(holder[0], np.float32(1)))
        seconds = time.perf_counter() - start
        if function is step_state:
            holder[0] = result[0]
        return seconds
    return measure(call, repetitions)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--arguments", type=int, default=500)
    parser.add_argument("--repetitions", type=int, default=300)
    args = parser.parse_args()
    alpa.init(cluster="host:1")
    state = {f"layer_{i}": [np.ones(4, np.float32) for _ in range(5)] for i in range(args.arguments // 5)}
    print("| case | arguments | alpa beyond the C step us: median, least | whole call of jax.jit us | ratio |")
    print("|---|---|---|---|---|")
    for function in (step_state, read_inputs):
        ours, theirs = measure_alpa(function, state, args.repetitions), measure_jax(function, state, args.repetitions)
        print(f"| {function.__name__} | {args.arguments} | {ours[0]:.0f}, {ours[1]:.0f} | {theirs[0]:.0f}, "
              f"{theirs[1]:.0f} | {theirs[0] / ours[0]:.1f} |")


if __name__ == "__main__":
    main()
