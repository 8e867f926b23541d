#!/usr/bin/env python3
"""Compiles and runs a model with XLA: the peer of bench/models.sh, and on a GPU of tools/gpu/bench.py.

    xla_peer.py [--steps N] [--seconds S] [--threads N] [--platform cpu|cuda] FOLDER

FOLDER holds the StableHLO text, the same that alpa is given.  One JSON object is printed: the seconds of compiling and
the milliseconds of every step.  XLA's pool and the process's affinity have N threads.
"""
import argparse
import json
import os
import pathlib
import time


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=20, help="at most so many")
    parser.add_argument("--seconds", type=float, default=10.0, help="no further step after so long")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--platform", default="cpu")
    parser.add_argument("folder", type=pathlib.Path)
    return parser.parse_args()


class Peer:
    """XLA's client on one device; imported late because the environment decides how many threads it has."""

    def __init__(self, platform):
        import jax
        from jax._src.lib import xla_client
        self.jax, self.xla_client = jax, xla_client
        self.device = jax.devices(platform)[0]

    def compile(self, path):
        text, options = path.read_text(), self.xla_client.CompileOptions()
        devices = self.xla_client.DeviceList((self.device,))
        start = time.perf_counter()
        program = self.device.client.compile_and_load(text, devices, options)
        return program, time.perf_counter() - start

    def place(self, array):
        return self.jax.device_put(array, self.device)

    def call(self, program, arguments):
        outputs = program.execute_sharded(arguments).disassemble_into_single_device_arrays()
        results = [shards[0] for shards in outputs]
        self.jax.block_until_ready(results)
        return results


def measure(peer, folder, steps, seconds):
    from safetensors.numpy import load_file
    info = json.loads((folder / "model.json").read_text())
    is_step = "init" in info
    program, compile_s = peer.compile(folder / info["program"])
    state = peer.call(peer.compile(folder / info["init"])[0], []) if is_step else []
    streams = load_file(folder / ("batches.safetensors" if is_step else "inputs.safetensors"))
    times, limit = [], time.perf_counter() + seconds
    while len(times) < steps and (len(times) < 3 or time.perf_counter() < limit):
        arrays = [streams[key] for key in sorted(streams, key=int)]
        batch = [peer.place(a[len(times) % len(a)] if is_step else a) for a in arrays]
        start = time.perf_counter()
        results = peer.call(program, state + batch)
        times.append(1e3 * (time.perf_counter() - start))
        state = results[:len(state)]
    return {"model": folder.name, "compile_s": compile_s, "steps_ms": times}


def main():
    options = parse_arguments()
    os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:options.threads]))
    os.environ["JAX_PLATFORMS"] = options.platform
    os.environ["NPROC"] = str(options.threads)
    print(json.dumps(measure(Peer(options.platform), options.folder, options.steps, options.seconds)))


if __name__ == "__main__":
    main()
