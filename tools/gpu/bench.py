#!/usr/bin/env python3
"""Speed on one GPU, side by side with what the machine has: cuBLAS and flash attention through PyTorch, XLA through JAX,
and the copy bandwidth measured in the same run.

    bench.py BUNDLE [--driver DIR] [--json FILE] [--repetitions N] [--only NAME,...] [--budget SECONDS]

Times are those of the kernels, by the device's clock, and of the best of as many runs of the peer; of train steps they
are medians by the wall clock on both sides, and XLA rounds products to tf32 unless it is told otherwise."""
import argparse
import functools
import json
import pathlib
import statistics
import subprocess
import sys

import common
import programs

ROOT = pathlib.Path(__file__).resolve().parents[2]


def measure(bundle, name, row, repetitions, timeout):
    """Milliseconds of all kernels, or of a whole train step; or the tool's words."""
    more = [f"--input=@{programs.MODELS / row['model'] / 'batches.safetensors'}"] if "model" in row else ["--profile"]
    result = bundle.alpa("bench", bundle.image("bench", name), "--json", f"--repetitions={repetitions}", *more,
                         timeout=timeout)
    if result.returncode:
        return None, common.last_line(result.stderr)
    report = json.loads(result.stdout)
    return report["step_median_ms"] if "model" in row else sum(row["time_ms"] for row in report["profile"]), ""


@functools.cache
def measure_xla(model, repetitions, timeout):
    """The same StableHLO by XLA on this GPU, in a process of its own; None where there is no JAX with one."""
    try:
        result = subprocess.run([sys.executable, ROOT / "bench/xla_peer.py", "--platform=cuda",
                                 f"--steps={repetitions + 2}", programs.MODELS / model],
                                capture_output=True, text=True, check=False, timeout=timeout)
    except subprocess.TimeoutExpired:
        return None
    return statistics.median(json.loads(result.stdout)["steps_ms"][2:]) if result.returncode == 0 else None


class Torch:
    """The peers; every method gives milliseconds, or None where there is no PyTorch with a GPU."""

    def __init__(self):
        try:
            import torch  # pylint: disable=import-outside-toplevel
            self.torch = torch if torch.cuda.is_available() else None
        except ImportError:
            self.torch = None

    def best(self, run, repetitions):
        torch = self.torch
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        times = []
        for _ in range(repetitions + 2):
            start.record()
            run()
            end.record()
            torch.cuda.synchronize()
            times.append(start.elapsed_time(end))
        return min(times[2:])

    def run(self, row, repetitions):
        torch = self.torch
        if torch is None or row["kind"] not in ("gemm", "copy", "attention"):
            return None
        if row["kind"] == "gemm":
            m, n, k = row["shape"]
            dtype = torch.bfloat16 if row["dtype"] == "bf16" else torch.float32
            torch.backends.cuda.matmul.allow_tf32 = True
            a, b = torch.randn(m, k, device="cuda", dtype=dtype), torch.randn(k, n, device="cuda", dtype=dtype)
            return self.best(lambda: torch.matmul(a, b), repetitions)
        if row["kind"] == "copy":
            source = torch.empty(row["shape"][0], device="cuda")
            target = torch.empty_like(source)
            return self.best(lambda: target.copy_(source), repetitions)
        return self.attention(row, repetitions)

    def attention(self, row, repetitions):
        """Flash attention, or what PyTorch prefers on this GPU."""
        torch = self.torch
        q, k, v, grad = (torch.randn(*row["shape"], device="cuda", dtype=torch.bfloat16) for _ in range(4))

        def forward():
            return torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=row["causal"])

        if not row["trains"]:
            return self.best(forward, repetitions)
        for tensor in (q, k, v):
            tensor.requires_grad_()
        return self.best(lambda: torch.autograd.grad(forward(), (q, k, v), grad), repetitions)


def describe(row, ms, peer_ms, bandwidth):
    """Figures of one program: rate, ratio to the peer, share of the copy bandwidth."""
    out = {"ms": round(ms, 4)}
    if "flops" in row:
        out["rate"] = f"{row['flops'] / ms * 1e-9:.1f} TFLOP/s"
    if "bytes" in row:
        out["rate"] = f"{row['bytes'] / ms * 1e-6:.0f} GB/s"
        if bandwidth:
            out["of copy"] = f"{100 * row['bytes'] / ms * 1e-6 / bandwidth:.0f} %"
    if peer_ms:
        out["peer ms"] = round(peer_ms, 4)
        out["speed"] = f"{peer_ms / ms:.2f} x"
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle")
    parser.add_argument("--driver")
    parser.add_argument("--json")
    parser.add_argument("--repetitions", type=int, default=10)
    parser.add_argument("--only", type=lambda text: set(text.split(",")), default=set())
    parser.add_argument("--budget", type=float, default=common.BUDGET_S)
    arguments = parser.parse_args()
    bundle = common.Bundle(arguments.bundle, arguments.driver)
    architecture = bundle.find_architecture()
    torch, table, rows, bandwidth = Torch(), programs.rows(), [], None
    budget, n_left_out = common.Budget(arguments.budget), 0
    for name in filter(set(bundle.manifest["bench"]).__contains__, table):
        if arguments.only and name not in arguments.only:
            continue
        if budget.is_spent():
            n_left_out += 1
            continue
        ms, fault = measure(bundle, name, table[name], arguments.repetitions, budget.limit(120))
        peer_ms = (measure_xla(table[name]["model"], arguments.repetitions, 120) if "model" in table[name] else
                   torch.run(table[name], arguments.repetitions))
        if name == "copy":
            best = min(filter(None, (ms, peer_ms)), default=None)
            bandwidth = table[name]["bytes"] / best * 1e-6 if best else None
        figures = describe(table[name], ms, peer_ms, bandwidth) if ms else {"rate": fault}
        rows.append({"program": name} | figures)
    common.print_table(rows, ["program", "ms", "rate", "of copy", "peer ms", "speed"])
    print(f"{architecture}: {len(rows)} programs; peer: {'PyTorch' if torch.torch else 'none (no PyTorch with a GPU)'}" +
          (f"; {n_left_out} left out for want of time" if n_left_out else ""))
    if arguments.json:
        common.write_json(arguments.json, {"architecture": architecture, "rows": rows})
    raise SystemExit(0 if all("ms" in row for row in rows) else 1)


if __name__ == "__main__":
    main()
