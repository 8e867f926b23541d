#!/usr/bin/env python3
"""Fails when a file includes a header from a layer above its own, or a foreign library outside its directory."""
import pathlib
import re
import sys

# Layer -> prefixes of the project's headers that it may include ("alpa" is include/alpa, the public header).
ALLOWED = {
    "support": {"alpa", "support"},
    "dialects": {"alpa", "support", "dialects"},
    "interp": {"alpa", "support", "dialects", "interp"},
    "passes": {"alpa", "support", "dialects", "interp", "passes"},
    "runtime": {"alpa", "support", "runtime"},
    "codegen": {"alpa", "support", "dialects", "codegen", "runtime/image", "passes/pass.h"},
    "driver": {"alpa", "support", "dialects", "interp", "passes", "codegen", "runtime", "driver"},
}
# The command-line tools see the public header alone.
TOOLS = {"driver/alpa.c": {"alpa", "driver/tool"}, "driver/alpa-opt.c": {"alpa", "driver/tool"},
         "driver/tool": {"alpa", "driver/tool"}}
# Foreign header prefix -> places that may include it.
FOREIGN = {
    "llvm-c/": {"codegen/"},
    "coin/": {"passes/solver/cbc.c"},
    "cuda": {"runtime/hal/cuda/"},
    "nccl": {"runtime/channel/nccl/"},
    "mpi.h": {"runtime/channel/mpi/"},
    "xxhash": {"support/hash.c"},
}
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')


def allowed_for(path):
    for prefix, allowed in TOOLS.items():
        if path.startswith(prefix):
            return allowed
    return ALLOWED[path.split("/")[0]]


def check(root, file):
    path = file.relative_to(root).as_posix()
    for number, line in enumerate(file.read_text().splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quote, header = match.groups()
        if quote == '"' and not any(header == a or header.startswith(a + "/") for a in allowed_for(path)):
            yield f"{path}:{number}: may not include {header}"
        for prefix, places in FOREIGN.items():
            if quote == "<" and header.startswith(prefix) and not any(path.startswith(p) for p in places):
                yield f"{path}:{number}: only {', '.join(sorted(places))} may include <{header}>"


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    faults = [fault for layer in ALLOWED for file in sorted((root / layer).rglob("*.[ch]")) for fault in check(root, file)]
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
