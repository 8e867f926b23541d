#!/usr/bin/env python3
"""Copies of a package: cut.image, flipped.image, version.image (of another format) in a directory."""
import pathlib
import sys

data = pathlib.Path(sys.argv[1]).read_bytes()
directory = pathlib.Path(sys.argv[2])
(directory / "cut.image").write_bytes(data[:-100])
middle = len(data) // 2
(directory / "flipped.image").write_bytes(data[:middle] + bytes([data[middle] ^ 4]) + data[middle + 1:])
(directory / "version.image").write_bytes(data[:8] + (99).to_bytes(4, "little") + data[12:])
