#!/usr/bin/env python3
"""Feeds the contest's program damaged instances: iopddl_fuzz.py PROGRAM FILE [COUNT [SEED]]

FILE (JSON, plain or .gz) is cut, and bytes and tokens of it are replaced.  The program must end by itself with 0 and an
answer, or with 1 and a located error; a damaged .gz likewise.
"""
import gzip
import os
import random
import re
import subprocess
import sys
import tempfile

TOKENS = [b"-1", b"0", b"1", b"1000000000000000000", b"9223372036854775807", b"99999999999999999999", b"[", b"]", b"[]",
          b"{", b"}", b"{}", b",", b",,", b'"', b'"x"', b"null", b"1.5", b"1e9", b"\x00", b"\xff", b" ", b""]


def cut(data, rng):
    return data[:rng.randrange(len(data))]


def replace_byte(data, rng):
    at = rng.randrange(len(data))
    return data[:at] + bytes([rng.randrange(256)]) + data[at + 1:]


def replace_token(data, rng):
    tokens = [m.span() for m in re.finditer(rb'\d+|"[^"]*"|[][{},:]', data)]
    begin, end = rng.choice(tokens)
    return data[:begin] + rng.choice(TOKENS) + data[end:]


def move_slice(data, rng):
    a, b = sorted(rng.randrange(len(data)) for _ in range(2))
    at = rng.randrange(len(data))
    return data[:at] + data[a:min(b, a + 200)] + data[at:]


DAMAGES = [cut, replace_byte, replace_token, move_slice]


def run(program, path):
    """The complaint about one run, or None."""
    ended = subprocess.run([program, path, "2", "1"], capture_output=True, timeout=120, check=False)
    errors = ended.stderr.decode(errors="replace")
    lines = ended.stdout.decode(errors="replace").splitlines()
    if ended.returncode == 0 and lines and re.fullmatch(r"\[(\d+(, \d+)*)?\]", lines[-1]):
        return None
    if ended.returncode == 1 and re.search(re.escape(os.path.basename(path)) + r".*: error: ", errors):
        return None
    return f"exit {ended.returncode}: {errors[-500:]}"


def main():
    program, source = sys.argv[1:3]
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 100
    rng = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
    with open(source, "rb") as file:
        packed = file.read()
    data = gzip.decompress(packed) if source.endswith(".gz") else packed
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            damaged, name = rng.choice(DAMAGES)(data, rng), f"{number}.json"
            if rng.randrange(4) == 0:
                damaged, name = rng.choice([cut, replace_byte])(gzip.compress(data, mtime=0), rng), f"{number}.json.gz"
            path = os.path.join(folder, name)
            with open(path, "wb") as file:
                file.write(damaged)
            complaint = run(program, path)
            if complaint:
                failures += 1
                print(f"{source}, damage {number}: {complaint}")
    print(f"{count - failures} of {count} passed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
