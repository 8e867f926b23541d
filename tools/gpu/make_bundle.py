#!/usr/bin/env python3
"""Builds the folder that a machine with a GPU needs beside the repository: images for both architectures, and tools.

    make_bundle.py [--build build] [-o build/gpu-bundle] [--only CHECK,...] [--jobs N]

What cannot be compiled is listed in the manifest with the compiler's words."""
import argparse
import concurrent.futures
import json
import pathlib
import shutil
import subprocess
import tempfile

import common
import programs

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIMIT_BYTES = 40 << 20
MODELS = ("gpt", "gpt-bf16-dropout", "gpt-generate", "gpt-scan", "lstm", "mlp", "mlp-exact", "moe", "wresnet")
PROBE = "add"
DEVICE_GIB = 70  # of an A100 or H100


def compile_one(build, source, target, output, options):
    output.parent.mkdir(parents=True, exist_ok=True)
    result = subprocess.run([build / "bin/alpa", "compile", source, "--cluster=host:1", f"--target={target}",
                             "--no-cache", "--workers=1", f"--memory={DEVICE_GIB}", *options, "-o", output],
                            capture_output=True, text=True, check=False)
    return None if result.returncode == 0 else common.last_line(result.stderr)


def copy_tools(build, out):
    (out / "bin").mkdir(parents=True)
    (out / "lib").mkdir()
    listing = subprocess.run(["ldd", build / "bin/alpa"], capture_output=True, text=True, check=True).stdout
    for line in listing.splitlines():
        name, _, path = line.strip().partition(" => ")
        if name.startswith(("libalpa", "libjansson")):
            shutil.copy(path.split()[0], out / "lib" / name)
    shutil.copy(build / "bin/alpa", out / "bin/alpa")
    shutil.copy(build / "lib/libalpa-runtime.so.0", out / "lib")
    for file in [out / "bin/alpa", *(out / "lib").iterdir()]:
        subprocess.run(["strip", file], check=True)


def list_jobs(only, scratch):
    """(kind, name, source, options) of everything that is compiled."""
    for source in sorted((ROOT / "test/e2e/check").glob("*.mlir")):
        if not only or source.stem in only:
            yield "check", source.stem, source, []
    for name in MODELS:
        folder = ROOT / "models" / name
        has_state = (folder / "state.safetensors").exists() or not (folder / "init.mlir").exists()
        if not only or name in only:
            program = json.loads((folder / "model.json").read_text(encoding="utf-8"))["program"]
            yield "model", name, folder / program, [] if has_state else [f"--init={folder / 'init.mlir'}"]
    for name, row in programs.rows().items():
        if only and name not in only:
            continue
        source, init = scratch / f"{name}.mlir", row.get("init", scratch / f"{name}.init.mlir")
        source.write_text(row["text"], encoding="utf-8")
        if "init" not in row:
            init.write_text(programs.initial(row["text"]), encoding="utf-8")
        yield "bench", name, source, [f"--init={init}", *row.get("options", [])]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("-o", dest="out", type=pathlib.Path, default=ROOT / "build/gpu-bundle")
    parser.add_argument("--only", type=lambda text: set(text.split(",")), default=set())
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    shutil.rmtree(arguments.out, ignore_errors=True)
    copy_tools(arguments.build, arguments.out)
    manifest = {"probe": PROBE, "check": [], "model": [], "bench": [], "left_out": {}}
    with tempfile.TemporaryDirectory() as scratch, concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        jobs = list(list_jobs(arguments.only and arguments.only | {PROBE}, pathlib.Path(scratch)))
        futures = {(kind, name, target): pool.submit(compile_one, arguments.build, source, target,
                                                     arguments.out / "images" / target / kind / f"{name}.image", options)
                   for kind, name, source, options in jobs for target in common.ARCHITECTURES}
        for (kind, name, target), future in futures.items():
            if future.result():
                manifest["left_out"][f"{kind}/{name} for {target}"] = future.result()
            elif name not in manifest[kind]:
                manifest[kind].append(name)
    shutil.make_archive(arguments.out / "images", "zip", arguments.out, "images")
    shutil.rmtree(arguments.out / "images")
    (arguments.out / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    size = sum(file.stat().st_size for file in arguments.out.rglob("*") if file.is_file())
    print(f"{arguments.out}: {len(manifest['check'])} checks, {len(manifest['model'])} models, {len(manifest['bench'])} "
          f"benchmarks, {len(manifest['left_out'])} left out, {size / 2**20:.1f} MiB")
    for name, reason in manifest["left_out"].items():
        print(f"  left out: {name}: {reason}")
    if size > LIMIT_BYTES:
        raise SystemExit(f"the bundle exceeds {LIMIT_BYTES >> 20} MiB")


if __name__ == "__main__":
    main()
