"""Programs that are measured on GPUs: what they compute, and what is compared with them."""

import attention

HEAD = "func.func public @main({arguments}) -> {result} {{\n"


def gemm(m, n, k, dtype):
    """C = A B."""
    a, b, c = f"tensor<{m}x{k}x{dtype}>", f"tensor<{k}x{n}x{dtype}>", f"tensor<{m}x{n}x{dtype}>"
    return (HEAD.format(arguments=f"%a: {a}, %b: {b}", result=c) +
            f"  %0 = stablehlo.dot_general %a, %b, contracting_dims = [1] x [0] : ({a}, {b}) -> {c}\n"
            f"  return %0 : {c}\n}}\n")


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


def rows():
    """Name -> program, with what it is compared with: a kind and a shape."""
    table = {"gemm-bf16-64": gemm_row(64, 64, 64, "bf16")}  # for tests of the scripts
    for dtype in ("bf16", "f32"):
        for n in (1024, 2048, 4096, 8192):
            table[f"gemm-{dtype}-{n}"] = gemm_row(n, n, n, dtype)
    for m, n, k in ((8192, 2304, 768), (8192, 3072, 768), (8192, 768, 3072), (4096, 12288, 4096)):
        table[f"gemm-bf16-{m}x{n}x{k}"] = gemm_row(m, n, k, "bf16")
    table["copy"] = memory_row("copy", copy(1 << 28), 8 << 28, [1 << 28])
    table["softmax"] = memory_row("softmax", softmax(32768, 2048), 8 * 32768 * 2048, [32768, 2048])
    table["layernorm"] = memory_row("layernorm", layernorm(32768, 2048), 8 * 32768 * 2048, [32768, 2048])
    table["adam"] = memory_row("adam", adam(1 << 26), 28 << 26, [1 << 26])
    table |= attention.rows()
    return table
