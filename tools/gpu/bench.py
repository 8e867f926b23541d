#!/usr/bin/env python3
"""Speed on one GPU, side by side with what the machine has: cuBLAS and flash attention through PyTorch, and the copy
bandwidth measured in the same run.

    bench.py BUNDLE [--driver DIR] [--json FILE] [--repetitions N] [--only NAME,...]

Times are those of the kernels, by the device's clock; the peer's are those of the best of as many runs."""
import argparse
import json

import common
import programs


def measure(bundle, name, repetitions):
    """Milliseconds of all kernels of a step, or the tool's words."""
    result = bundle.alpa("bench", bundle.image("bench", name), "--profile", "--json", f"--repetitions={repetitions}")
    if result.returncode:
        return None, common.last_line(result.stderr)
    rows = json.loads(result.stdout)["profile"]
    return sum(row["time_ms"] for row in rows), ""


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
    arguments = parser.parse_args()
    bundle = common.Bundle(arguments.bundle, arguments.driver)
    architecture = bundle.find_architecture()
    torch, table, rows, bandwidth = Torch(), programs.rows(), [], None
    for name in sorted(bundle.manifest["bench"], key=lambda name: name != "copy"):
        if arguments.only and name not in arguments.only:
            continue
        ms, fault = measure(bundle, name, arguments.repetitions)
        peer_ms = torch.run(table[name], arguments.repetitions)
        if name == "copy":
            best = min(filter(None, (ms, peer_ms)), default=None)
            bandwidth = table[name]["bytes"] / best * 1e-6 if best else None
        figures = describe(table[name], ms, peer_ms, bandwidth) if ms else {"rate": fault}
        rows.append({"program": name} | figures)
    common.print_table(rows, ["program", "ms", "rate", "of copy", "peer ms", "speed"])
    print(f"{architecture}: {len(rows)} programs; peer: {'PyTorch' if torch.torch else 'none (no PyTorch with a GPU)'}")
    if arguments.json:
        common.write_json(arguments.json, {"architecture": architecture, "rows": rows})
    raise SystemExit(0 if all("ms" in row for row in rows) else 1)


if __name__ == "__main__":
    main()
