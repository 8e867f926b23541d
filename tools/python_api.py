#!/usr/bin/env python3
"""Writes the reference of the Python package from its docstrings, without importing it: python_api.py PACKAGE"""
import ast
import pathlib
import sys

GROUPS = [("Session", "session"), ("Functions", "api"), ("Arrays", "array"), ("Methods", "method pipeline boundary"),
          ("Executables and plans", "executable plan show"), ("Data", "data_loader checkpoint"), ("Exceptions", "errors")]


def read_exports(package):
    """{module: names} that `alpa` offers; "*" is all of a module."""
    exports = {}
    for node in ast.parse((package / "__init__.py").read_text()).body:
        if isinstance(node, ast.ImportFrom) and node.module.startswith("alpa."):
            exports.setdefault(node.module[5:], []).extend(alias.name for alias in node.names)
    return exports


def write_arguments(node):
    """`(x, *, y=1)` of a function."""
    return "(" + ", ".join(part for part in ast.unparse(node.args).split(", ") if part != "self") + ")"


def write_fields(node):
    """The arguments of a class: those of __init__, or the fields of a dataclass."""
    for item in node.body:
        if isinstance(item, ast.FunctionDef) and item.name == "__init__":
            return write_arguments(item)
    fields = [item for item in node.body if isinstance(item, ast.AnnAssign)]
    if not fields or not node.decorator_list:
        return ""
    return "(" + ", ".join(f.target.id + (f"={ast.unparse(f.value)}" if f.value else "") for f in fields) + ")"


def write_docstring(text):
    """A docstring as Markdown: its sections of arguments become lists."""
    lines, in_section = [], False
    for line in text.splitlines():
        if line.strip() in ("Args:", "Returns:"):
            lines += ["*" + line.strip()[:-1] + "*", ""]
            in_section = line.strip() == "Args:"
        elif in_section and line.startswith("  ") and not line.startswith("    "):
            name, _, rest = line.strip().partition(":")
            lines.append(f"- `{name}`:{rest}")
        else:
            in_section = in_section and bool(line.strip())
            lines.append(line.strip() if not in_section else "  " + line.strip())
    return "\n".join(lines).strip()


def write_members(node):
    """Methods and documented properties of a class."""
    lines = []
    for item in node.body:
        if isinstance(item, ast.FunctionDef) and not item.name.startswith("_") and ast.get_docstring(item):
            decorators = [ast.unparse(d) for d in item.decorator_list]
            arguments = "" if "property" in decorators else write_arguments(item).replace("(cls, ", "(")
            summary = " ".join(ast.get_docstring(item).split())
            lines.append(f"- `{item.name}{arguments}`: {summary}")
        elif isinstance(item, ast.Assign) and isinstance(item.value, ast.Call):
            documented = [k.value.value for k in item.value.keywords if k.arg == "doc"]
            if documented:
                lines.append(f"- `{item.targets[0].id}`: {documented[0]}")
    return lines


def write_module(package, module, names):
    """The exported classes and functions of a module, in its order."""
    lines = []
    for node in ast.parse((package / f"{module}.py").read_text()).body:
        is_wanted = isinstance(node, (ast.ClassDef, ast.FunctionDef)) and not node.name.startswith("_")
        if not is_wanted or (names != ["*"] and node.name not in names):
            continue
        text = ast.get_docstring(node)
        if not text:
            sys.exit(f"alpa.{module}.{node.name} has no docstring")
        if module == "errors":
            if isinstance(node, ast.ClassDef):
                bases = ", ".join(ast.unparse(base) for base in node.bases)
                lines.append(f"- `alpa.{node.name}` ({bases}): {' '.join(text.split())}")
            continue
        arguments = write_arguments(node) if isinstance(node, ast.FunctionDef) else write_fields(node)
        lines += [f"### `alpa.{node.name}{arguments}`", "", write_docstring(text), ""]
        members = write_members(node) if isinstance(node, ast.ClassDef) else []
        lines += members + [""] if members else []
    return lines


def main():
    package = pathlib.Path(sys.argv[1])
    exports = read_exports(package)
    exports.update(errors=["*"], show=["PlanView"])
    lines = ["# Python reference", "", "Generated from the docstrings by `make docs`.", ""]
    for title, modules in GROUPS:
        lines += [f"## {title}", ""]
        for module in modules.split():
            lines += write_module(package, module, exports.get(module, []))
    print("\n".join(lines).rstrip())


if __name__ == "__main__":
    main()
