"""What the Python programs of bench/ share: running children, and tables."""
import json
import math
import os
import pathlib
import shutil
import statistics
import subprocess
import time

MODELS = ["mlp", "mlp-exact", "gpt", "gpt-bf16-dropout", "gpt-scan", "gpt-generate", "moe", "wresnet", "lstm", "gpt2-124m"]


def priority():
    """The prefix that keeps other users of the machine out of a measurement, where it is allowed."""
    command = ["chrt", "-f", "50"]
    allowed = shutil.which("chrt") and subprocess.run(command + ["true"], capture_output=True).returncode == 0
    return command if allowed else []


def run(command):
    return subprocess.run([str(c) for c in command], check=True, stdout=subprocess.PIPE).stdout


def run_json(command):
    return json.loads(run(command))


def spawn(command):
    """Runs a child without output: its wall and processor seconds, and the largest memory it had, in bytes."""
    null = os.open(os.devnull, os.O_RDWR)
    actions = [(os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, null, 2)]
    arguments = [str(c) for c in command]
    start = time.perf_counter()
    child = os.posix_spawnp(arguments[0], arguments, os.environ, file_actions=actions)
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - start
    os.close(null)
    if status:
        raise SystemExit(f"failed: {' '.join(arguments)}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def geometric_mean(values):
    return math.exp(statistics.fmean(math.log(v) for v in values))


def model_arguments(folder):
    """What `alpa run` and `alpa bench` need to run a model folder."""
    folder = pathlib.Path(folder)
    info = json.loads((folder / "model.json").read_text())
    program = folder / info["program"]
    if "init" in info:
        return [program, f"--init={folder / info['init']}", f"--input=@{folder / 'batches.safetensors'}"]
    return [program, f"--input=@{folder / 'inputs.safetensors'}"]


def print_row(*cells):
    print("| " + " | ".join(str(c) for c in cells) + " |", flush=True)


def print_head(*cells):
    print_row(*cells)
    print("|" + "---|" * len(cells))
