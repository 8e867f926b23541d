"""Fails where an op of a table does not occur in a program: covers.py TABLE DIALECT PROGRAM."""
import re
import sys

table, dialect, program = sys.argv[1:]
rows = re.findall(r'^OP\([a-z_0-9]+, "([^"]+)"', open(table, encoding="utf-8").read(), re.MULTILINE)
text = open(program, encoding="utf-8").read()
missing = [row for row in rows if not re.search(rf"\b{dialect}\.{re.escape(row)}\b", text)]
if missing or not rows:
    sys.exit(f"{program} has no {', '.join(missing)}")
