"""Elementwise ops and ops that move elements, for random programs (graphs_ops.py)."""
from graphs_ops import COMPLEX, FLOATS, INTS, NARROW, array, count, is_float, largest, listing, op, part, spell

EXACT = lambda v: v.exact  # noqa: E731
MAX = 600  # elements of a result


def is_int(v):
    return v.dtype in INTS


def is_real(v):
    return v.dtype in FLOATS


def is_number(v):
    return v.dtype != "i1"


# ---- elementwise


@op(3)
def unary(b):
    x = b.pick(is_number)
    if not x:
        return False
    names = {"negate": lambda v: not v.dtype.startswith("ui"), "abs": lambda v: v.dtype[:2] != "ui" and v.dtype[0] != "c",
             "sign": lambda v: v.exact and v.dtype[:2] != "ui" and v.dtype[0] != "c"}
    name = b.rng.choice([n for n, suits in names.items() if suits(x)] or ["none"])
    return name != "none" and b.tied(f"stablehlo.{name}", [x], x.shape, x.dtype, x.bound, x.error)


@op(1)
def bits(b):
    x = b.pick(is_int)
    name = b.rng.choice(["not", "popcnt", "count_leading_zeros"])
    return x and b.tied(f"stablehlo.{name}", [x], x.shape, x.dtype, largest(x.dtype), 0)


@op(1)
def rounding(b):
    x = b.pick(lambda v: is_real(v) and v.exact)
    name = b.rng.choice(["floor", "ceil", "round_nearest_afz", "round_nearest_even"])
    return x and b.tied(f"stablehlo.{name}", [x], x.shape, x.dtype, x.bound, 0)


# Functions of any argument: (bound of the result, how much they stretch errors).
SMOOTH = {"stablehlo.tanh": 1, "stablehlo.logistic": 1, "stablehlo.sine": 1, "stablehlo.cosine": 1, "chlo.erf": 2,
          "chlo.atan": 2, "chlo.asinh": 99, "stablehlo.cbrt": 99, "chlo.bessel_i1e": 1, "chlo.erfc": 2}


@op(2)
def smooth(b):
    name = b.rng.choice(list(SMOOTH))
    stable = name not in ("stablehlo.cbrt",)
    x = b.pick(lambda v: is_real(v) and v.bound < 1e4 and (stable or v.exact))
    if not x:
        return False
    text = f"{name} {x.name} : {x.type}" if name[0] == "s" else f"{name} {x.name} : {x.type} -> {x.type}"
    step = FLOATS[x.dtype][1]
    return b.emit(text, [x], [(x.shape, x.dtype, SMOOTH[name], 1.2 * x.error + 8 * step * SMOOTH[name])])


@op(1)
def growing(b):
    x = b.pick(lambda v: is_real(v) and v.exact and v.bound <= 8 and v.dtype not in NARROW)
    name = b.rng.choice(["exponential", "exponential_minus_one"])
    return x and b.tied(f"stablehlo.{name}", [x], x.shape, x.dtype, 2.72**x.bound, 2.72**x.bound * 1e-6)


@op(1)
def of_positive(b):
    """A function of |x| + 1."""
    x = b.pick(lambda v: is_real(v) and v.exact and v.bound < 100)
    name = b.rng.choice(["log", "sqrt", "rsqrt", "log_plus_one"])
    if not x or not b.tied("stablehlo.abs", [x], x.shape, x.dtype, x.bound, 0):
        return False
    size = b.values[-1]
    one = b.splat(x.shape, x.dtype, "1.0")
    if not b.tied("stablehlo.add", [size, one], x.shape, x.dtype, x.bound + 1, 0):
        return False
    y = b.values[-1]
    return y.exact and b.tied(f"stablehlo.{name}", [y], y.shape, y.dtype, 12, 12 * 8 * FLOATS[y.dtype][1])


@op(5)
def binary(b):
    x = b.pick(is_number)
    if not x:
        return False
    y = b.like(x.shape, x.dtype)
    name = b.rng.choice(["add", "subtract", "multiply", "maximum", "minimum"])
    if x.dtype in COMPLEX and name in ("maximum", "minimum"):
        name = "add"
    if name == "multiply":
        more = 2 if x.dtype in COMPLEX else 1
        return b.tied("stablehlo.multiply", [x, y], x.shape, x.dtype, more * x.bound * y.bound,
                      more * (x.bound * y.error + y.bound * x.error + x.error * y.error))
    bound = max(x.bound, y.bound) if name[0] == "m" else x.bound + y.bound
    return b.tied(f"stablehlo.{name}", [x, y], x.shape, x.dtype, bound, x.error + y.error)


@op(2)
def logical(b):
    x = b.pick(lambda v: is_int(v) or v.dtype == "i1")
    name = b.rng.choice(["and", "or", "xor"])
    return x and b.tied(f"stablehlo.{name}", [x, b.like(x.shape, x.dtype)], x.shape, x.dtype, largest(x.dtype), 0)


@op(1)
def shift(b):
    x = b.pick(is_int)
    name = b.rng.choice(["shift_left", "shift_right_logical", "shift_right_arithmetic"])
    return x and b.tied(f"stablehlo.{name}", [x, b.like(x.shape, x.dtype)], x.shape, x.dtype, largest(x.dtype), 0)


@op(1)
def quotient(b):
    """Of integers, by a number that is not 0."""
    x = b.pick(is_int)
    if not x:
        return False
    y, one = b.like(x.shape, x.dtype), b.splat(x.shape, x.dtype, "1")
    b.tied("stablehlo.or", [y, one], x.shape, x.dtype, largest(x.dtype), 0)
    name = b.rng.choice(["divide", "remainder"])
    return b.tied(f"stablehlo.{name}", [x, b.values[-1]], x.shape, x.dtype, largest(x.dtype), 0)


@op(1)
def high_product(b):
    x = b.pick(is_int)
    if not x:
        return False
    y = b.like(x.shape, x.dtype)
    return b.emit(f"chlo.mulhi {x.name}, {y.name} : {x.type}, {x.type} -> {x.type}", [x, y],
                  [(x.shape, x.dtype, largest(x.dtype), 0)])


@op(2)
def compare(b):
    x = b.pick(lambda v: v.exact and v.dtype not in COMPLEX)
    if not x:
        return False
    y = b.like(x.shape, x.dtype, EXACT)
    direction = b.rng.choice(["EQ", "NE", "LT", "LE", "GT", "GE"])
    kind = "FLOAT" if is_real(x) else "UNSIGNED" if x.dtype == "i1" or x.dtype[0] == "u" else "SIGNED"
    return b.emit(f"stablehlo.compare {direction}, {x.name}, {y.name}, {kind} : ({x.type}, {x.type}) -> "
                  f"{spell(x.shape, 'i1')}", [x, y], [(x.shape, "i1", 1, 0)])


@op(2)
def select(b):
    x = b.pick()
    if not x:
        return False
    y, p = b.like(x.shape, x.dtype), b.like(b.rng.choice([x.shape, ()]), "i1")
    return b.tied("stablehlo.select", [p, x, y], x.shape, x.dtype, max(x.bound, y.bound), max(x.error, y.error))


@op(1)
def clamp(b):
    x = b.pick(lambda v: is_number(v) and v.dtype not in COMPLEX)
    if not x:
        return False
    shape = b.rng.choice([x.shape, ()])
    low, high = b.like(shape, x.dtype), b.like(shape, x.dtype)
    return b.tied("stablehlo.clamp", [low, x, high], x.shape, x.dtype, max(x.bound, low.bound, high.bound),
                  x.error + low.error + high.error)


@op(3)
def convert(b):
    x = b.pick()
    if not x:
        return False
    suits = [d for d in (*INTS, *FLOATS, *COMPLEX, "i1") if d != x.dtype and not (x.dtype in COMPLEX and d not in COMPLEX)]
    dtype = b.rng.choice(suits)
    if is_float(x.dtype) and not is_float(dtype) and not (x.exact and x.bound <= largest(dtype)
                                                          and (dtype[0] != "u" or x.bound == 0)):
        return False
    bound = 1 if dtype == "i1" else x.bound
    if is_int(x) and dtype in INTS:
        bound = largest(dtype)
    return b.emit(f"stablehlo.convert {x.name} : ({x.type}) -> {spell(x.shape, dtype)}", [x],
                  [(x.shape, dtype, bound, x.error)])


@op(1)
def bitcast(b):
    x = b.pick(is_int)
    if b.rng.random() < 0.3:  # a constant: the sign of a zero may get lost in partial sums
        x = b.fresh(b.shape(4), b.rng.choice(["f32", "f64", "f16", "bf16"]))
    if not x:
        return False
    widths = {**INTS, "f32": 32, "f64": 64, "f16": 16, "bf16": 16}
    dtype = b.rng.choice([d for d in INTS if widths[d] in (widths[x.dtype], widths[x.dtype] // 2)])
    shape = x.shape if widths[dtype] == widths[x.dtype] else (*x.shape, 2)
    if len(shape) > 5 or count(shape) > 800:
        return False
    return b.tied("stablehlo.bitcast_convert", [x], shape, dtype, largest(dtype), 0)


@op(1)
def make_complex(b):
    x = b.pick(lambda v: v.dtype in ("f32", "f64"))
    if not x:
        return False
    y = b.like(x.shape, x.dtype)
    dtype = f"complex<{x.dtype}>"
    return b.emit(f"stablehlo.complex {x.name}, {y.name} : {spell(x.shape, dtype)}", [x, y],
                  [(x.shape, dtype, max(x.bound, y.bound), x.error + y.error)])


@op(1)
def take_part(b):
    x = b.pick(lambda v: v.dtype in COMPLEX)
    name = b.rng.choice(["real", "imag"])
    return x and b.tied(f"stablehlo.{name}", [x], x.shape, part(x.dtype), x.bound, x.error)


@op(1)
def reduce_precision(b):
    x = b.pick(lambda v: v.dtype in ("f32", "f64") and v.bound < 1e4)
    if not x:
        return False
    bits = b.rng.randint(3, 12)
    error = 0 if x.exact and x.bound <= 2**bits else x.error * 2 + x.bound * 2.0**-bits * 2
    if x.error:  # rounding is not continuous: two close numbers may part
        error += x.bound * 2.0**-bits * 2
    return b.emit(f"stablehlo.reduce_precision {x.name}, format = e8m{bits} : {x.type}", [x],
                  [(x.shape, x.dtype, 2 * x.bound, error)])


@op(1)
def mapped(b):
    x = b.pick(lambda v: is_real(v) or is_int(v))
    if not x:
        return False
    y, s = b.like(x.shape, x.dtype), spell((), x.dtype)
    p, q, r, t = (b.name() for _ in range(4))
    body = (f"({{\n  ^bb0({p}: {s}, {q}: {s}):\n    {r} = stablehlo.add {p}, {q} : {s}\n"
            f"    {t} = stablehlo.maximum {r}, {p} : {s}\n    stablehlo.return {t} : {s}\n  }})")
    dims = array(range(len(x.shape)))
    return b.emit(f'"stablehlo.map"({x.name}, {y.name}) <{{dimensions = {dims}}}> {body} : ({x.type}, {x.type}) -> '
                  f"{x.type}", [x, y], [(x.shape, x.dtype, x.bound + y.bound, x.error + y.error)])


# ---- shapes


@op(1)
def iota(b):
    shape, dtype = b.shape(), b.rng.choice([*INTS, "f32", "f64", "bf16", "complex<f32>"])
    if not shape:
        return False
    dim = b.rng.randrange(len(shape))
    return b.emit(f"stablehlo.iota dim = {dim} : {spell(shape, dtype)}", [], [(shape, dtype, 7, 0)])


def split(rng, n, rank):
    """A shape of n elements."""
    dims = []
    for _ in range(rank - 1):
        dims.append(rng.choice([d for d in range(1, n + 1) if n % d == 0 and d <= 12]))
        n //= dims[-1]
    return tuple(dims + [n])


@op(2)
def reshape(b):
    x = b.pick()
    if not x:
        return False
    shape = split(b.rng, count(x.shape), b.rng.randint(1, 5))
    return b.tied("stablehlo.reshape", [x], shape, x.dtype, x.bound, x.error)


@op(2)
def broadcast(b):
    x = b.pick(lambda v: len(v.shape) < 5)
    if not x:
        return False
    rank = b.rng.randint(max(1, len(x.shape)), 5)
    dims = sorted(b.rng.sample(range(rank), len(x.shape)))
    if b.rng.random() < 0.3:
        b.rng.shuffle(dims)
    shape = [b.rng.randint(1, 4) for _ in range(rank)]
    for i, d in enumerate(dims):
        shape[d] = x.shape[i] if x.shape[i] != 1 else shape[d]
    if count(shape) > MAX:
        return False
    return b.emit(f"stablehlo.broadcast_in_dim {x.name}, dims = {listing(dims)} : ({x.type}) -> "
                  f"{spell(shape, x.dtype)}", [x], [(shape, x.dtype, x.bound, x.error)])


@op(2)
def transpose(b):
    x = b.pick(lambda v: len(v.shape) > 1)
    if not x:
        return False
    dims = list(range(len(x.shape)))
    b.rng.shuffle(dims)
    return b.tied("stablehlo.transpose", [x], [x.shape[d] for d in dims], x.dtype, x.bound, x.error,
                  f" <{{permutation = {array(dims)}}}>")


@op(1)
def reverse(b):
    x = b.pick(lambda v: v.shape)
    if not x:
        return False
    dims = sorted(b.rng.sample(range(len(x.shape)), b.rng.randint(1, len(x.shape))))
    return b.tied("stablehlo.reverse", [x], x.shape, x.dtype, x.bound, x.error, f" <{{dimensions = {array(dims)}}}>")


@op(2)
def concatenate(b):
    x = b.pick(lambda v: v.shape)
    if not x:
        return False
    dim = b.rng.randrange(len(x.shape))
    others = [b.pick(lambda v: v.dtype == x.dtype and len(v.shape) == len(x.shape) and all(
        v.shape[d] == x.shape[d] for d in range(len(x.shape)) if d != dim)) for _ in range(b.rng.randint(1, 2))]
    all_ = [x, *others]
    shape = list(x.shape)
    shape[dim] = sum(v.shape[dim] for v in all_)
    if count(shape) > MAX:
        return False
    return b.tied("stablehlo.concatenate", all_, shape, x.dtype, max(v.bound for v in all_),
                  max(v.error for v in all_), f" <{{dimension = {dim} : i64}}>")


@op(2)
def slice_(b):
    x = b.pick(lambda v: v.shape)
    if not x:
        return False
    start = [b.rng.randrange(n) for n in x.shape]
    limit = [b.rng.randint(s + 1, n) for s, n in zip(start, x.shape)]
    stride = [b.rng.choice([1, 1, 2, 3]) for _ in x.shape]
    shape = [-(-(e - s) // t) for s, e, t in zip(start, limit, stride)]
    return b.tied("stablehlo.slice", [x], shape, x.dtype, x.bound, x.error,
                  f" <{{limit_indices = {array(limit)}, start_indices = {array(start)}, strides = {array(stride)}}}>")


@op(1)
def dynamic_slice(b):
    x = b.pick(lambda v: v.shape)
    if not x:
        return False
    dtype = b.rng.choice(["i32", "i64", "ui8"])
    at, sizes = [b.like((), dtype) for _ in x.shape], [b.rng.randint(1, n) for n in x.shape]
    return b.tied("stablehlo.dynamic_slice", [x, *at], sizes, x.dtype, x.bound, x.error,
                  f" <{{slice_sizes = {array(sizes)}}}>")


@op(1)
def dynamic_update_slice(b):
    x = b.pick(lambda v: v.shape)
    if not x:
        return False
    sizes = [b.rng.randint(1, n) for n in x.shape]
    y, at = b.like(sizes, x.dtype), [b.like((), "i32") for _ in x.shape]
    return b.tied("stablehlo.dynamic_update_slice", [x, y, *at], x.shape, x.dtype, max(x.bound, y.bound),
                  max(x.error, y.error))


@op(1)
def pad(b):
    x = b.pick(lambda v: v.shape)
    if not x:
        return False
    fill, rank = b.like((), x.dtype), len(x.shape)
    low, high = ([b.rng.choice([0, 0, 1, 2, -1]) for _ in range(rank)] for _ in range(2))
    inside = [b.rng.choice([0, 0, 1, 2]) for _ in range(rank)]
    shape = [n + (n - 1) * i + lo + hi for n, i, lo, hi in zip(x.shape, inside, low, high)]
    if min(shape) < 1 or count(shape) > MAX:
        return False
    return b.tied("stablehlo.pad", [x, fill], shape, x.dtype, max(x.bound, fill.bound), max(x.error, fill.error),
                  f" <{{edge_padding_high = {array(high)}, edge_padding_low = {array(low)}, "
                  f"interior_padding = {array(inside)}}}>")
