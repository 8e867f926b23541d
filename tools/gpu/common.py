"""What the scripts for machines with a GPU share: the bundle, its tools, tables and reports."""
import json
import os
import pathlib
import shutil
import subprocess
import time

ARCHITECTURES = ("sm_90a", "sm_80")
BUDGET_S = 450  # of a whole run: what does not fit is left out, and said so


class Budget:
    """The time that a run may take."""

    def __init__(self, seconds):
        self.end = time.monotonic() + seconds

    def left(self):
        return self.end - time.monotonic()

    def is_spent(self):
        return self.left() <= 0

    def limit(self, seconds):
        """For one call of the tool."""
        return max(10, min(seconds, self.left()))


class Bundle:
    """A folder of images and tools that make_bundle has written."""

    def __init__(self, path, driver=None):
        self.path = pathlib.Path(path).resolve()
        if not (self.path / "images").exists():
            shutil.unpack_archive(self.path / "images.zip", self.path)
        self.manifest = json.loads((self.path / "manifest.json").read_text(encoding="utf-8"))
        libraries = [driver] if driver else []
        libraries += [str(self.path / "lib"), os.environ.get("LD_LIBRARY_PATH", "")]
        self.environment = os.environ | {"LD_LIBRARY_PATH": ":".join(filter(None, libraries))}
        self.architecture = None

    def alpa(self, *arguments, timeout=300, prefix=()):
        """The finished process of one call of the tool."""
        command = [*prefix, str(self.path / "bin/alpa"), *map(str, arguments)]
        try:
            return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False,
                                  timeout=timeout)
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(command, 124, "", f"error: no end within {timeout:.0f} s")

    def image(self, kind, name):
        return self.path / "images" / self.architecture / kind / f"{name}.image"

    def find_architecture(self):
        """The first for which this machine accepts a program; exits with the tool's words where there is none."""
        probe = self.manifest["probe"]
        for self.architecture in ARCHITECTURES:
            result = self.alpa("run", self.image("check", probe))
            if result.returncode == 0:
                return self.architecture
            if "was compiled for" not in result.stderr:
                break
        raise SystemExit(result.stderr.strip())


def last_line(text):
    lines = [line for line in text.strip().splitlines() if "error" in line] or text.strip().splitlines()
    return lines[0][:160] if lines else ""


def print_table(rows, columns):
    """Rows as dictionaries, aligned."""
    widths = [max(len(str(row.get(column, ""))) for row in [*rows, {column: column}]) for column in columns]
    for row in [{column: column for column in columns}, *rows]:
        print("  ".join(str(row.get(column, "")).ljust(width) for column, width in zip(columns, widths)).rstrip())


def write_json(path, report):
    pathlib.Path(path).write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
