#!/usr/bin/env python3
"""The version script lists exactly the functions of the public headers."""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
header = "".join(path.read_text() for path in sorted((root / "include/alpa").glob("*.h")))
declared = set(re.findall(r"ALPA_API[^;]*?\b(alpa_[a-z0-9_]+)\(", header))
public = re.search(r"ALPA_0\.1 \{(.*?)\};", (root / "alpa.map").read_text(), re.DOTALL).group(1)
listed = set(re.findall(r"\b(alpa_\w+);", public))
for name in sorted(declared - listed):
    print(f"alpa.map: '{name}' is declared in include/alpa but not listed under ALPA_0.1")
for name in sorted(listed - declared):
    print(f"alpa.map: '{name}' is listed under ALPA_0.1 but not declared in include/alpa")
sys.exit(1 if declared != listed else 0)
