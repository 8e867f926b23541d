"""Programs that are measured on GPUs: what they compute, and what is compared with them."""

import pathlib
import re

import attention

MODELS = pathlib.Path(__file__).resolve().parents[2] / "models"
HEAD = "func.func public @main({arguments}) -> {result} {{\n"
TF32 = ("algorithm = <lhs_precision_type = tf32, rhs_precision_type = tf32, accumulation_type = f32, "
        "lhs_component_count = 1, rhs_component_count = 1, num_primitive_operations = 1, "
        "allow_imprecise_accumulation = false>")


def gemm(m, n, k, dtype):
    """C = A B; tf32 are products of f32 that need no more than that."""
    stored, algorithm = ("f32", f", {TF32}") if dtype == "tf32" else (dtype, "")
    a, b, c = f"tensor<{m}x{k}x{stored}>", f"tensor<{k}x{n}x{stored}>", f"tensor<{m}x{n}x{stored}>"
    return (HEAD.format(arguments=f"%a: {a}, %b: {b}", result=c) +
            f"  %0 = stablehlo.dot_general %a, %b, contracting_dims = [1] x [0]{algorithm} : ({a}, {b}) -> {c}\n"
            f"  return %0 : {c}\n}}\n")


def initial(text):
    """A program that gives arguments for another one, from 0 to 1 without a pattern: zeros would cost less power."""
    types = re.findall(r"%\w+: (tensor<[^>]*>)", text.partition("->")[0])
    lines = []
    for i, of in enumerate(types):
        *dims, dtype = of[len("tensor<"):-1].split("x")
        wide = f"tensor<{'x'.join([*dims, 'f32'])}>"
        lines += [f"  %z{i} = stablehlo.constant dense<{i + 0.5}> : {wide}", f"  %h{i} = stablehlo.constant dense<0.5> : {wide}"]
        last = f"z{i}"
        for d in range(len(dims)):
            name = f"{i}_{d}"
            lines += [f"  %i{name} = stablehlo.iota dim = {d} : {wide}",
                      f"  %c{name} = stablehlo.constant dense<{12.9898 + 65.2432 * d:.4f}> : {wide}",
                      f"  %m{name} = stablehlo.multiply %i{name}, %c{name} : {wide}",
                      f"  %a{name} = stablehlo.add %{last}, %m{name} : {wide}"]
            last = f"a{name}"
        lines += [f"  %s{i} = stablehlo.sine %{last} : {wide}", f"  %t{i} = stablehlo.multiply %s{i}, %h{i} : {wide}",
                  f"  %w{i} = stablehlo.add %t{i}, %h{i} : {wide}",
                  f"  %r{i} = stablehlo.convert %w{i} : ({wide}) -> {of}"]
    names = ", ".join(f"%r{i}" for i in range(len(types)))
    return (HEAD.format(arguments="", result=f"({', '.join(types)})") + "\n".join(lines) +
            f"\n  return {names} : {', '.join(types)}\n}}\n")


REDUCERS = {"add": "stablehlo.add", "max": "stablehlo.maximum"}


def reduce_rows(name, value, kind, rows, columns):
    start = "0xFF800000" if kind == "max" else "0.0"
    return (f"  %{name}_start = stablehlo.constant dense<{start}> : tensor<f32>\n"
            f"  %{name} = stablehlo.reduce(%{value} init: %{name}_start) applies {REDUCERS[kind]} across dimensions = [1]"
            f" : (tensor<{rows}x{columns}xf32>, tensor<f32>) -> tensor<{rows}xf32>\n")


def spread(name, value, rows, columns):
    return (f"  %{name} = stablehlo.broadcast_in_dim %{value}, dims = [0] : (tensor<{rows}xf32>) -> "
            f"tensor<{rows}x{columns}xf32>\n")


def softmax(rows, columns):
    t = f"tensor<{rows}x{columns}xf32>"
    return (HEAD.format(arguments=f"%x: {t}", result=t) + reduce_rows("m", "x", "max", rows, columns) +
            spread("ms", "m", rows, columns) + f"  %d = stablehlo.subtract %x, %ms : {t}\n"
            f"  %e = stablehlo.exponential %d : {t}\n" + reduce_rows("s", "e", "add", rows, columns) +
            spread("ss", "s", rows, columns) + f"  %r = stablehlo.divide %e, %ss : {t}\n  return %r : {t}\n}}\n")


def layernorm(rows, columns):
    t, row = f"tensor<{rows}x{columns}xf32>", f"tensor<{rows}xf32>"
    return (HEAD.format(arguments=f"%x: {t}", result=t) + reduce_rows("s", "x", "add", rows, columns) +
            f"  %n = stablehlo.constant dense<{float(columns)}> : {row}\n  %mean = stablehlo.divide %s, %n : {row}\n" +
            spread("means", "mean", rows, columns) + f"  %d = stablehlo.subtract %x, %means : {t}\n"
            f"  %q = stablehlo.multiply %d, %d : {t}\n" + reduce_rows("v", "q", "add", rows, columns) +
            f"  %var = stablehlo.divide %v, %n : {row}\n  %eps = stablehlo.constant dense<1.0e-5> : {row}\n"
            f"  %ve = stablehlo.add %var, %eps : {row}\n  %i = stablehlo.rsqrt %ve : {row}\n" +
            spread("is", "i", rows, columns) + f"  %r = stablehlo.multiply %d, %is : {t}\n  return %r : {t}\n}}\n")


def adam(n):
    """Parameters and both moments, updated in place."""
    t = f"tensor<{n}xf32>"
    constants = {"b1": 0.9, "b2": 0.999, "c1": 0.1, "c2": 0.001, "eps": 1e-8, "lr": 1e-3}
    lines = [f"  %{name} = stablehlo.constant dense<{value:.9f}> : {t}" for name, value in constants.items()]
    for name, op, operands in [("m1", "multiply", "%m, %b1"), ("m2", "multiply", "%g, %c1"), ("mn", "add", "%m1, %m2"),
                               ("v1", "multiply", "%v, %b2"), ("gg", "multiply", "%g, %g"),
                               ("v2", "multiply", "%gg, %c2"), ("vn", "add", "%v1, %v2"), ("r", "sqrt", "%vn"),
                               ("re", "add", "%r, %eps"), ("q", "divide", "%mn, %re"), ("u", "multiply", "%q, %lr"),
                               ("pn", "subtract", "%p, %u")]:
        lines.append(f"  %{name} = stablehlo.{op} {operands} : {t}")
    arguments = ", ".join(f"%{name}: {t} {{tf.aliasing_output = {i} : i32}}" for i, name in enumerate("pmv"))
    return (HEAD.format(arguments=f"{arguments}, %g: {t}", result=f"({t}, {t}, {t})") + "\n".join(lines) +
            f"\n  return %pn, %mn, %vn : {t}, {t}, {t}\n}}\n")


def copy(n):
    """What memory can do: one read and one write of each element."""
    t = f"tensor<{n}xf32>"
    return (HEAD.format(arguments=f"%x: {t}", result=t) +
            f"  %0 = stablehlo.negate %x : {t}\n  return %0 : {t}\n}}\n")


def gemm_row(m, n, k, dtype):
    return {"kind": "gemm", "text": gemm(m, n, k, dtype), "shape": [m, n, k], "dtype": dtype, "flops": 2 * m * n * k}


def memory_row(kind, text, bytes_moved, shape):
    return {"kind": kind, "text": text, "bytes": bytes_moved, "shape": shape}


def step_row(model, precision):
    """A train step from the repository's models, with products as the text says or in tf32."""
    text = (MODELS / model / "step.mlir").read_text(encoding="utf-8")
    if precision == "tf32":
        text = text.replace("precision = [DEFAULT, DEFAULT]", f"precision = [DEFAULT, DEFAULT], {TF32}")
    return {"kind": "step", "text": text, "model": model, "init": MODELS / model / "init.mlir"}


def rows():
    """Name -> program, with what it is compared with, a kind and a shape; in the order in which they are measured."""
    table = {"gemm-bf16-64": gemm_row(64, 64, 64, "bf16"), "step-mlp": step_row("mlp", "f32")}  # for tests of the scripts
    table["copy"] = memory_row("copy", copy(1 << 28), 8 << 28, [1 << 28])
    table["softmax"] = memory_row("softmax", softmax(32768, 2048), 8 * 32768 * 2048, [32768, 2048])
    table["layernorm"] = memory_row("layernorm", layernorm(32768, 2048), 8 * 32768 * 2048, [32768, 2048])
    table["adam"] = memory_row("adam", adam(1 << 26), 28 << 26, [1 << 26])
    for dtype in ("bf16", "tf32"):
        for n in (1024, 2048, 4096, 8192):
            table[f"gemm-{dtype}-{n}"] = gemm_row(n, n, n, dtype)
        for m, n, k in ((8192, 2304, 768), (8192, 3072, 768), (8192, 768, 3072), (4096, 12288, 4096)):
            table[f"gemm-{dtype}-{m}x{n}x{k}"] = gemm_row(m, n, k, dtype)
    table["gemm-f32-4096"] = gemm_row(4096, 4096, 4096, "f32")
    for precision in ("f32", "tf32"):
        table[f"step-gpt2-124m-{precision}"] = step_row("gpt2-124m", precision)
    table |= attention.rows()
    return table
