"""Functions and matrices, for random programs (graphs_ops.py): calls, Cholesky factors, triangular solutions."""
from graphs_ops import COMPLEX, FLOATS, Builder, Op, Value, count, op, part

# ---- functions


def function_text(name, arguments, inner, returned):
    heads = ", ".join(f"{a.name}: {a.type}" for a in arguments)
    types = ", ".join(v.type for v in returned)
    ops = "".join(f"  {o.text}\n" for o in inner.ops)
    names = ", ".join(v.name for v in returned)
    return f"func.func private @{name}({heads}) -> ({types}) {{\n{ops}  return {names} : {types}\n}}\n"


@op(1.5)
def call(b):
    """A function of its own with up to three arguments and results, called once or twice."""
    from graphs_table import grow
    if b.inner:
        return False
    operands = [b.pick() for _ in range(b.rng.randint(0, 3))]
    arguments = [Value(b.name(), v.shape, v.dtype, v.bound, v.error) for v in operands]
    inner = Builder(b.rng, b.names, arguments)
    inner.inner = 1
    if not arguments:
        inner.fresh(b.shape(), b.rng.choice(["f32", "i32", "bf16"]))
    grow(inner, b.rng.randint(1, 4))
    returned = [inner.pick() for _ in range(b.rng.randint(1, 3))]
    name = "f" + b.name()[2:]
    types = ", ".join(v.type for v in operands)
    results = ", ".join(v.type for v in returned)
    for time in range(b.rng.randint(1, 2)):
        fits = lambda a: lambda v: v.type == a.type and v.bound <= a.bound and v.error <= a.error  # noqa: E731
        given = [b.pick(fits(a)) or v for a, v in zip(arguments, operands)] if time else operands
        made = [Value(b.name(), v.shape, v.dtype, v.bound, v.error) for v in returned]
        left = ", ".join(v.name for v in made)
        text = f"{left} = func.call @{name}({', '.join(v.name for v in given)}) : ({types}) -> ({results})"
        one = Op(made, text, {v.name for v in given})
        one.function = function_text(name, arguments, inner, returned)
        b.ops.append(one)
        b.values.extend(made)
    return True


# ---- matrices


def given(b, shape, dtype, entries, bound):
    """A constant of those whole numbers that the compiler must take for an input."""
    def nest(at):
        if len(at) < len(shape):
            return "[" + ", ".join(nest((*at, i)) for i in range(shape[len(at)])) + "]"
        z = complex(entries(at))
        return f"({z.real}, {z.imag})" if dtype in COMPLEX else str(z.real)
    value = Value(b.name(), shape, dtype, bound, 0)
    b.ops.append(Op([value], f"{value.name}c = stablehlo.constant dense<{nest(())}> : {value.type}\n"
                             f"  {value.name} = stablehlo.optimization_barrier {value.name}c : {value.type}", set()))
    b.values.append(value)
    return value


def triangles(b, batch, n, dtype):
    """For every matrix of a batch the entries below the diagonal, and on it numbers that can be divided by."""
    def entry(i, j):
        if i == j:
            return b.rng.choice([1, 2])
        low = b.rng.randint(-2, 2)
        return complex(low, b.rng.randint(-2, 2)) if dtype in COMPLEX else low
    return [[[entry(i, j) if j <= i else 0 for j in range(n)] for i in range(n)] for _ in range(count(batch))]


def number_of(batch, at):
    place = 0
    for size, i in zip(batch, at):
        place = place * size + i
    return place


@op(0.7)
def cholesky(b):
    """The factor of a product of small whole triangles: exact but for the order of the arithmetic."""
    dtype, n = b.rng.choice(["f32", "f64", *COMPLEX]), b.rng.randint(1, 4)
    batch = [b.rng.randint(1, 4) for _ in range(b.rng.randint(0, 2))]
    factors = triangles(b, batch, n, dtype)

    def entry(at):
        f, (i, j) = factors[number_of(batch, at)], at[-2:]
        return sum(complex(f[i][k]) * complex(f[j][k]).conjugate() for k in range(n))
    x = given(b, (*batch, n, n), dtype, entry, 16 * n)
    lower = b.rng.choice(["true", "false"])
    error = 64 * n * FLOATS[part(dtype)][1]
    return b.emit(f"stablehlo.cholesky {x.name}, lower = {lower} : {x.type}", [x], [(x.shape, dtype, 4, error)])


@op(1)
def triangular_solve(b):
    dtype, n = b.rng.choice(["f32", "f64", *COMPLEX]), b.rng.randint(1, 4)
    batch, vectors = [b.rng.randint(1, 4) for _ in range(b.rng.randint(0, 2))], b.rng.randint(1, 4)
    left, lower, unit = (b.rng.random() < 0.5 for _ in range(3))
    matrices = triangles(b, batch, n, dtype)
    a = given(b, (*batch, n, n), dtype,
              lambda at: matrices[number_of(batch, at)][at[-2] if lower else at[-1]][at[-1] if lower else at[-2]], 3)
    y = b.like((*batch, n, vectors) if left else (*batch, vectors, n), dtype, lambda v: v.bound < 1e6)
    kind = b.rng.choice(["NO_TRANSPOSE", "TRANSPOSE", "ADJOINT"])
    growth = 4**(n - 1)
    attrs = (f" <{{left_side = {str(left).lower()}, lower = {str(lower).lower()}, transpose_a = "
             f"#stablehlo<transpose {kind}>, unit_diagonal = {str(unit).lower()}}}>")
    error = growth * y.error + 64 * n * growth * y.bound * FLOATS[part(dtype)][1]
    return b.tied("stablehlo.triangular_solve", [a, y], y.shape, dtype, growth * y.bound, error, attrs)
