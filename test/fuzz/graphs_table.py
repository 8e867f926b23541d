"""Contractions, reductions, indexing and control flow, for random programs (graphs_ops.py); and whole programs."""
from graphs_elementwise import MAX, is_number
from graphs_ops import (COMPLEX, FLOATS, INTS, NARROW, OPS, Builder, Graph, Value, array, count, is_float, largest,
                        listing, op, part, spell)

# ---- contractions


def product(x, y, n):
    more = n * (2 if x.dtype in COMPLEX else 1)
    return more * x.bound * y.bound, more * (x.bound * y.error + y.bound * x.error + x.error * y.error)


@op(3)
def dot_general(b):
    x = b.pick(lambda v: is_number(v) and v.dtype not in NARROW)
    if not x:
        return False
    dims = list(range(len(x.shape)))
    b.rng.shuffle(dims)
    n_batch, n_sum = b.rng.randint(0, min(2, len(dims))), 0
    n_sum = b.rng.randint(0, len(dims) - n_batch)
    batch, summed = dims[:n_batch], dims[n_batch:n_batch + n_sum]
    free = [b.rng.randint(1, 4) for _ in range(b.rng.randint(0, 2))]
    roles = [("b", i) for i in range(n_batch)] + [("s", i) for i in range(n_sum)] + [("f", i) for i in range(len(free))]
    b.rng.shuffle(roles)
    size = {"b": lambda i: x.shape[batch[i]], "s": lambda i: x.shape[summed[i]], "f": lambda i: free[i]}
    y_shape = [size[r](i) for r, i in roles]
    shape = [x.shape[d] for d in batch] + [x.shape[d] for d in range(len(x.shape)) if d not in batch + summed]
    shape += [free[i] for r, i in roles if r == "f"]
    if count(y_shape) > MAX or count(shape) > MAX or len(shape) > 6 or len(y_shape) > 6:
        return False
    y = b.like(y_shape, x.dtype)
    at = lambda role, i: roles.index((role, i))  # noqa: E731
    numbers = (f"#stablehlo.dot<lhs_batching_dimensions = {listing(batch)}, rhs_batching_dimensions = "
               f"{listing([at('b', i) for i in range(n_batch)])}, lhs_contracting_dimensions = {listing(summed)}, "
               f"rhs_contracting_dimensions = {listing([at('s', i) for i in range(n_sum)])}>")
    bound, error = product(x, y, count(x.shape[d] for d in summed))
    return b.tied("stablehlo.dot_general", [x, y], shape, x.dtype, bound, error,
                  f" <{{dot_dimension_numbers = {numbers}}}>")


@op(1)
def einsum(b):
    x = b.pick(lambda v: v.dtype in ("f32", "f64", "i32") and len(v.shape) == 2)
    if not x:
        return False
    n = b.rng.randint(1, 4)
    y = b.like((x.shape[1], n), x.dtype)
    config = b.rng.choice(["ab,bc->ac", "ab,bc->ca", "ab,bc->c", "ab,bc->bca"])
    size = dict(zip("abc", (*x.shape, n)))
    shape = [size[c] for c in config.split("->")[1]]
    bound, error = product(x, y, count(x.shape))
    return b.emit(f'stablehlo.einsum {x.name}, {y.name}, config = "{config}" : ({x.type}, {y.type}) -> '
                  f"{spell(shape, x.dtype)}", [x, y], [(shape, x.dtype, bound, error)])


@op(2)
def convolution(b):
    rank, dtype = b.rng.randint(1, 2), b.rng.choice(["f32", "f64", "f32", "bf16", "i32"])
    groups, batch_groups = b.rng.choice([(1, 1), (1, 1), (1, 1), (2, 1), (1, 2)])
    batch, feature, out = (b.rng.randint(1, 3) for _ in range(3))
    space, window = [b.rng.randint(1, 6) for _ in range(rank)], [b.rng.randint(1, 3) for _ in range(rank)]
    stride, ldil, rdil = ([b.rng.choice([1, 1, 2]) for _ in range(rank)] for _ in range(3))
    padding = [[b.rng.randint(0, 2), b.rng.randint(0, 2)] for _ in range(rank)]
    outputs = []
    for i in range(rank):
        whole = (space[i] - 1) * ldil[i] + 1 + sum(padding[i])
        outputs.append((whole - (window[i] - 1) * rdil[i] - 1) // stride[i] + 1)
    if min(outputs) < 1:
        return False
    x = b.like([batch * batch_groups, *space, feature * groups], dtype)
    k = b.like([*window, feature, out * groups * batch_groups], dtype)
    shape = [batch, *outputs, out * groups * batch_groups]
    names = "".join(f", {i}" for i in range(rank))
    pads = ", ".join(f"[{lo}, {hi}]" for lo, hi in padding)
    attrs = (f"dim_numbers = [b{names}, f]x[{names[2:]}, i, o]->[b{names}, f], window = {{stride = {listing(stride)}, "
             f"pad = [{pads}], lhs_dilate = {listing(ldil)}, rhs_dilate = {listing(rdil)}}} "
             f"{{batch_group_count = {batch_groups} : i64, feature_group_count = {groups} : i64}}")
    bound, error = product(x, k, count(window) * feature)
    return b.emit(f"stablehlo.convolution({x.name}, {k.name}) {attrs} : ({x.type}, {k.type}) -> {spell(shape, dtype)}",
                  [x, k], [(shape, dtype, bound, error * 2)])


@op(0.7)
def fft(b):
    x = b.pick(lambda v: v.dtype in COMPLEX and v.shape)
    if not x:
        return False
    n = x.shape[-1]
    kind = b.rng.choice(["FFT", "IFFT"])
    step = FLOATS[part(x.dtype)][1]
    return b.emit(f"stablehlo.fft {x.name}, type = {kind}, length = [{n}] : ({x.type}) -> {x.type}", [x],
                  [(x.shape, x.dtype, 2 * n * x.bound, 2 * n * x.error + 16 * n * step * x.bound)])


# ---- reductions, windows, sorting


def combiner(b, dtype, names):
    """The body of a reduction by one op, and the op."""
    name, s = b.rng.choice(names), spell((), dtype)
    p, q, r = (b.name() for _ in range(3))
    return name, (f"({{\n  ^bb0({p}: {s}, {q}: {s}):\n    {r} = stablehlo.{name} {p}, {q} : {s}\n"
                  f"    stablehlo.return {r} : {s}\n  }})")


def combiners(dtype):
    if dtype == "i1":
        return ["and", "or"]
    if dtype in COMPLEX:
        return ["add"]
    return ["add", "maximum", "minimum"] + (["multiply", "or", "xor"] if dtype in INTS else [])


def reduced(name, x, init, n):
    if name == "add":
        return n * x.bound + init.bound, n * x.error + init.error
    if name in ("maximum", "minimum"):
        return max(x.bound, init.bound), max(x.error, init.error)
    return largest(x.dtype), 0


EXTREMES = {"f8E4M3FN": "448.0"}  # of the formats without infinities
INFINITIES = {"f8E5M2": ("0x7C", "0xFC"), "bf16": ("0x7F80", "0xFF80"), "f16": ("0x7C00", "0xFC00"),
              "f32": ("0x7F800000", "0xFF800000"), "f64": ("0x7FF0000000000000", "0xFFF0000000000000")}
NEUTRAL = {"add": 0, "or": 0, "xor": 0, "multiply": 1, "and": 1}


def neutral(b, name, dtype):
    """The value that reductions start from: the combination's neutral element, as the specification wants it."""
    if name in ("maximum", "minimum"):
        low = name == "maximum"
        if dtype in FLOATS:
            n = ("-" if low else "") + EXTREMES[dtype] if dtype in EXTREMES else INFINITIES[dtype][low]
        else:
            n = str((0 if dtype[0] == "u" else -2**(INTS[dtype] - 1)) if low else largest(dtype))
    else:
        n = NEUTRAL[name]
        n = ("true" if n else "false") if dtype == "i1" else f"({n}.0, 0.0)" if dtype in COMPLEX else \
            f"{n}.0" if is_float(dtype) else str(n)
    return b.splat((), dtype, n)


@op(3)
def reduce(b):
    x = b.pick(lambda v: v.shape and v.bound <= 440)
    if not x:
        return False
    name, body = combiner(b, x.dtype, combiners(x.dtype))
    init = neutral(b, name, x.dtype)
    dims = sorted(b.rng.sample(range(len(x.shape)), b.rng.randint(1, len(x.shape))))
    shape = [n for d, n in enumerate(x.shape) if d not in dims]
    bound, error = reduced(name, x, init, count(x.shape[d] for d in dims))
    return b.emit(f'"stablehlo.reduce"({x.name}, {init.name}) <{{dimensions = {array(dims)}}}> {body} : ({x.type}, '
                  f"{init.type}) -> {spell(shape, x.dtype)}", [x, init], [(shape, x.dtype, bound, error)])


@op(1)
def argmax(b):
    x = b.pick(lambda v: v.shape and v.exact and is_number(v) and v.dtype not in COMPLEX and v.bound <= 440)
    if not x:
        return False
    dim = b.rng.randrange(len(x.shape))
    low, zero = neutral(b, "maximum", x.dtype), neutral(b, "add", "i32")
    if not b.emit(f"stablehlo.iota dim = {dim} : {spell(x.shape, 'i32')}", [], [(x.shape, "i32", 7, 0)]):
        return False
    i, s, n = b.values[-1], spell((), x.dtype), "tensor<i32>"
    a, ai, c, ci, gt, eq, lt, tie, first, v, k = (b.name() for _ in range(11))
    body = (f"({{\n  ^bb0({a}: {s}, {ai}: {n}, {c}: {s}, {ci}: {n}):\n"
            f"    {gt} = stablehlo.compare GT, {a}, {c} : ({s}, {s}) -> tensor<i1>\n"
            f"    {eq} = stablehlo.compare EQ, {a}, {c} : ({s}, {s}) -> tensor<i1>\n"
            f"    {lt} = stablehlo.compare LT, {ai}, {ci} : ({n}, {n}) -> tensor<i1>\n"
            f"    {tie} = stablehlo.and {eq}, {lt} : tensor<i1>\n    {first} = stablehlo.or {gt}, {tie} : tensor<i1>\n"
            f"    {v} = stablehlo.select {first}, {a}, {c} : tensor<i1>, {s}\n"
            f"    {k} = stablehlo.select {first}, {ai}, {ci} : tensor<i1>, {n}\n"
            f"    stablehlo.return {v}, {k} : {s}, {n}\n  }})")
    shape = [m for d, m in enumerate(x.shape) if d != dim]
    return b.emit(f'"stablehlo.reduce"({x.name}, {i.name}, {low.name}, {zero.name}) <{{dimensions = {array([dim])}}}> '
                  f"{body} : ({x.type}, {i.type}, {s}, {n}) -> ({spell(shape, x.dtype)}, {spell(shape, 'i32')})",
                  [x, i, low, zero], [(shape, x.dtype, x.bound, 0), (shape, "i32", 7, 0)])


@op(2)
def reduce_window(b):
    x = b.pick(lambda v: v.shape and v.bound <= 440)
    if not x:
        return False
    name, body = combiner(b, x.dtype, combiners(x.dtype))
    init, rank = neutral(b, name, x.dtype), len(x.shape)
    window, stride, base, dilate = ([b.rng.choice(c) for _ in range(rank)] for c in
                                    ((1, 1, 2, 3), (1, 1, 2), (1, 1, 1, 2), (1, 1, 2)))
    padding = [[b.rng.choice([0, 0, 1, 2]), b.rng.choice([0, 0, 1])] for _ in range(rank)]
    if name in ("maximum", "minimum"):  # windows without an element would be infinite: no number for what follows
        base, padding = [1] * rank, [[0, 0] for _ in range(rank)]
    if b.rng.random() < 0.2:  # a running total
        d = b.rng.randrange(rank)
        window, stride, base, dilate = ([1] * rank for _ in range(4))
        padding = [[0, 0] for _ in range(rank)]
        window[d], padding[d] = x.shape[d], [x.shape[d] - 1, 0]
    shape = []
    for n, w, s, bd, wd, (lo, hi) in zip(x.shape, window, stride, base, dilate, padding):
        shape.append(((n - 1) * bd + 1 + lo + hi - (w - 1) * wd - 1) // s + 1)
    if min(shape) < 1 or count(shape) > MAX:
        return False
    bound, error = reduced(name, x, init, count(window))
    attrs = (f"base_dilations = {array(base)}, padding = dense<{listing(listing(p) for p in padding)}> : "
             f"tensor<{rank}x2xi64>, window_dilations = {array(dilate)}, window_dimensions = {array(window)}, "
             f"window_strides = {array(stride)}")
    return b.emit(f'"stablehlo.reduce_window"({x.name}, {init.name}) <{{{attrs}}}> {body} : ({x.type}, {init.type}) '
                  f"-> {spell(shape, x.dtype)}", [x, init], [(shape, x.dtype, bound, error)])


@op(0.7)
def select_and_scatter(b):
    x = b.pick(lambda v: v.shape and v.exact and v.bound <= 400 and v.dtype in ("f32", "f64", "i32", "bf16"))
    if not x:
        return False
    rank, s = len(x.shape), spell((), x.dtype)
    window, stride = ([b.rng.choice(c) for _ in range(rank)] for c in ((1, 2, 2, 3), (1, 2, 2)))
    shape = [(n - w) // t + 1 for n, w, t in zip(x.shape, window, stride)]
    if min(shape) < 1 or any(n < w for n, w in zip(x.shape, window)):
        return False
    y, init = b.like(shape, x.dtype), neutral(b, "add", x.dtype)
    p, q, r = (b.name() for _ in range(3))
    pick = (f"{{\n  ^bb0({p}: {s}, {q}: {s}):\n    {r} = stablehlo.compare GE, {p}, {q} : ({s}, {s}) -> tensor<i1>\n"
            f"    stablehlo.return {r} : tensor<i1>\n  }}")
    _, body = combiner(b, x.dtype, ["add"])
    n = count(window)
    return b.emit(f'"stablehlo.select_and_scatter"({x.name}, {y.name}, {init.name}) <{{window_dimensions = '
                  f"{array(window)}, window_strides = {array(stride)}}}> ({pick}, {body[1:-1]}) : ({x.type}, {y.type}, "
                  f"{s}) -> {x.type}", [x, y, init], [(x.shape, x.dtype, n * y.bound, n * y.error)])


@op(1)
def sort(b):
    x = b.pick(lambda v: v.shape and v.exact and is_number(v) and v.dtype not in COMPLEX)
    if not x:
        return False
    y = b.pick(lambda v: v.shape == x.shape) or x
    dim, direction = b.rng.randrange(len(x.shape)), b.rng.choice(["LT", "GT"])
    s, t = spell((), x.dtype), spell((), y.dtype)
    p, q, u, v, r = (b.name() for _ in range(5))
    body = (f"({{\n  ^bb0({p}: {s}, {q}: {s}, {u}: {t}, {v}: {t}):\n    {r} = stablehlo.compare {direction}, {p}, {q} : "
            f"({s}, {s}) -> tensor<i1>\n    stablehlo.return {r} : tensor<i1>\n  }})")
    return b.emit(f'"stablehlo.sort"({x.name}, {y.name}) <{{dimension = {dim} : i64, is_stable = true}}> {body} : '
                  f"({x.type}, {y.type}) -> ({x.type}, {y.type})", [x, y],
                  [(x.shape, x.dtype, x.bound, 0), (y.shape, y.dtype, y.bound, y.error)])


@op(0.7)
def top_k(b):
    x = b.pick(lambda v: v.shape and v.exact and is_number(v) and v.dtype not in COMPLEX and v.dtype[:2] != "f8")
    if not x:
        return False
    k = b.rng.randint(1, x.shape[-1])
    shape = [*x.shape[:-1], k]
    return b.emit(f"chlo.top_k({x.name}, k = {k}) : {x.type} -> ({spell(shape, x.dtype)}, {spell(shape, 'i32')})", [x],
                  [(shape, x.dtype, x.bound, 0), (shape, "i32", 7, 0)])


# ---- indexing


class Indexing:
    """How windows of a tensor are addressed, for gather and scatter alike."""

    def __init__(self, b, shape):
        rng, rank = b.rng, len(shape)
        n_batch = rng.choice([0, 0, 1, 2]) if rank > 2 else rng.choice([0, 0, 1]) if rank > 1 else 0
        dims = list(range(rank))
        rng.shuffle(dims)
        self.batching, rest = dims[:n_batch], dims[n_batch:]
        self.indexed = rest[:rng.randint(1, len(rest))]
        self.collapsed = sorted(d for d in self.indexed if rng.random() < 0.7)
        self.sizes = [1 if d in self.collapsed or d in self.batching else
                      rng.randint(1, n) if d in self.indexed else rng.choice([n, n, rng.randint(1, n)])
                      for d, n in enumerate(shape)]
        self.batch = [shape[d] for d in self.batching] + [rng.randint(1, 4) for _ in range(rng.randint(0, 2))]
        window = [n for d, n in enumerate(self.sizes) if d not in self.collapsed and d not in self.batching]
        self.offsets = sorted(rng.sample(range(len(self.batch) + len(window)), len(window)))
        outer, inner = iter(self.batch), iter(window)
        self.moving = [next(inner) if d in self.offsets else next(outer) for d in range(len(self.batch) + len(window))]
        self.vector = rng.randint(0, len(self.batch))
        self.indices = [*self.batch[:self.vector], len(self.indexed), *self.batch[self.vector:]]

    @property
    def fits(self):
        return count(self.moving) <= MAX and len(self.moving) <= 6 and len(self.indices) <= 6

    def numbers(self, kind, names):
        """The dimension numbers; batching dimensions of the operand are listed in order."""
        pairs = sorted((d, i + (i >= self.vector)) for i, d in enumerate(self.batching))
        lists = [self.offsets, self.collapsed, [d for d, _ in pairs], [i for _, i in pairs], self.indexed]
        fields = ", ".join(f"{name} = {listing(values)}" for name, values in zip(names, lists))
        return f"#stablehlo.{kind}<{fields}, index_vector_dim = {self.vector}>"


@op(2)
def gather(b):
    x = b.pick(lambda v: v.shape)
    if not x:
        return False
    at = Indexing(b, x.shape)
    if not at.fits:
        return False
    i = b.like(at.indices, b.rng.choice(["i32", "i64", "ui8"]))
    numbers = at.numbers("gather", ("offset_dims", "collapsed_slice_dims", "operand_batching_dims",
                                    "start_indices_batching_dims", "start_index_map"))
    return b.tied("stablehlo.gather", [x, i], at.moving, x.dtype, x.bound, x.error,
                  f" <{{dimension_numbers = {numbers}, slice_sizes = {array(at.sizes)}}}>")


@op(3)
def scatter(b):
    x = b.pick(lambda v: v.shape and v.bound <= 440 and v.dtype not in COMPLEX)
    if not x:
        return False
    at = Indexing(b, x.shape)
    if not at.fits:
        return False
    i, y = b.like(at.indices, b.rng.choice(["i32", "i64", "ui8"])), b.like(at.moving, x.dtype)
    if y.bound > 440:
        return False
    name, body = combiner(b, x.dtype, combiners(x.dtype))
    numbers = at.numbers("scatter", ("update_window_dims", "inserted_window_dims", "input_batching_dims",
                                     "scatter_indices_batching_dims", "scatter_dims_to_operand_dims"))
    bound, error = reduced(name, y, x, count(at.batch))
    return b.emit(f'"stablehlo.scatter"({x.name}, {i.name}, {y.name}) <{{scatter_dimension_numbers = {numbers}}}> {body} '
                  f": ({x.type}, {i.type}, {y.type}) -> {x.type}", [x, i, y], [(x.shape, x.dtype, bound, error)])


@op(0.7)
def scatter_rows(b):
    """Rows replaced by others, none of them twice."""
    x = b.pick(lambda v: v.shape)
    if not x:
        return False
    n = b.rng.randint(1, x.shape[0])
    places = b.splat((n, 1), "i32", listing(f"[{p}]" for p in b.rng.sample(range(x.shape[0]), n)))
    y, s = b.like((n, *x.shape[1:]), x.dtype), spell((), x.dtype)
    p, q = b.name(), b.name()
    body = f"({{\n  ^bb0({p}: {s}, {q}: {s}):\n    stablehlo.return {q} : {s}\n  }})"
    numbers = (f"#stablehlo.scatter<update_window_dims = {listing(range(1, len(x.shape)))}, inserted_window_dims = [0], "
               f"scatter_dims_to_operand_dims = [0], index_vector_dim = 1>")
    return b.emit(f'"stablehlo.scatter"({x.name}, {places.name}, {y.name}) <{{scatter_dimension_numbers = {numbers}, '
                  f"unique_indices = true}}> {body} : ({x.type}, {places.type}, {y.type}) -> {x.type}", [x, places, y],
                  [(x.shape, x.dtype, max(x.bound, y.bound), max(x.error, y.error))])


# ---- normalisation, random bits


@op(0.5)
def batch_norm(b):
    x = b.pick(lambda v: len(v.shape) > 1 and v.exact and v.bound < 50 and v.dtype in ("f32", "f64"))
    if not x:
        return False
    feature = b.rng.randrange(len(x.shape))
    n = x.shape[feature]
    scale, offset, mean = (b.like((n,), x.dtype, lambda v: v.exact and v.bound < 50) for _ in range(3))
    t, bound = spell((n,), x.dtype), 60 * (x.bound + mean.bound) * scale.bound + offset.bound
    one = b.like((n,), x.dtype, lambda v: v.exact and v.bound < 50)
    b.tied("stablehlo.multiply", [one, one], (n,), x.dtype, one.bound**2, 0)
    variance = b.values[-1]
    return b.emit(f'"stablehlo.batch_norm_inference"({x.name}, {scale.name}, {offset.name}, {mean.name}, {variance.name}) '
                  f"<{{epsilon = 0.001 : f32, feature_index = {feature} : i64}}> : ({x.type}, {t}, {t}, {t}, {t}) -> "
                  f"{x.type}", [x, scale, offset, mean, variance],
                  [(x.shape, x.dtype, bound, 64 * bound * FLOATS[x.dtype][1])])


@op(0.5)
def random_bits(b):
    state, shape = b.like((2,), "ui64"), b.shape(3) or (3,)
    dtype, algorithm = b.rng.choice(["ui32", "ui64", "ui8"]), b.rng.choice(["THREE_FRY", "PHILOX", "DEFAULT"])
    return b.emit(f"stablehlo.rng_bit_generator {state.name}, algorithm = {algorithm} : ({state.type}) -> ({state.type}, "
                  f"{spell(shape, dtype)})", [state], [((2,), "ui64", 2**64, 0), (shape, dtype, largest(dtype), 0)])


# ---- control flow


def inner_block(b, arguments, n_ops):
    """Ops on the arguments and on what is outside."""
    inner = Builder(b.rng, b.names, [*b.values[-3:], *arguments, *arguments])
    inner.inner = b.inner + 1
    known = {v.name for v in inner.values}
    grow(inner, n_ops)
    used = set().union(*(o.uses for o in inner.ops)) if inner.ops else set()
    return inner, used & (known - {v.name for v in arguments})


def same(b, value):
    """A value of the type, no larger and no less exact; made of what there is, or the value itself."""
    return b.pick(lambda v: v.type == value.type and v.bound <= value.bound and v.error <= value.error) or value


def block_text(inner, returned):
    ops = "".join(f"    {o.text}\n" for o in inner.ops)
    types = ", ".join(v.type for v in returned)
    return f"{ops}    stablehlo.return {', '.join(v.name for v in returned)} : {types}\n"


@op(1.5)
def branch(b):
    if b.inner > 1:
        return False
    x = b.pick()
    if not x:
        return False
    is_case = b.rng.random() < 0.4
    p = b.like((), "i32" if is_case else "i1")
    regions, uses = [], {p.name, x.name}
    for _ in range(b.rng.randint(2, 3) if is_case else 2):
        inner, captured = inner_block(b, [], b.rng.randint(0, 3))
        y = same(inner, x)
        uses |= captured | ({y.name} if y.name in {v.name for v in b.values} else set())
        regions.append(f"{{\n{block_text(inner, [y])}  }}")
    operands = [v for v in b.values if v.name in uses]
    return b.emit(f'"stablehlo.{"case" if is_case else "if"}"({p.name}) ({", ".join(regions)}) : ({p.type}) -> {x.type}',
                  operands, [(x.shape, x.dtype, x.bound, x.error)])


@op(1.5)
def loop(b):
    """A counted loop that carries up to three values, which stay within their bounds."""
    if b.inner > 1:
        return False
    starts = [v for v in (b.pick(lambda v: v.dtype not in NARROW) for _ in range(b.rng.randint(1, 3))) if v]
    if not starts:
        return False
    zero, limit = neutral(b, "add", "i32"), b.splat((), "i32", b.rng.randint(0, 4))
    counter = Value(b.name(), (), "i32", 7, 0)
    arguments = [Value(b.name(), v.shape, v.dtype, v.bound, v.error) for v in starts]
    inner, captured = inner_block(b, [counter, *arguments], b.rng.randint(1, 4))
    returned = [same(inner, a) for a in arguments]
    outside = {v.name for v in b.values}
    one, more, next_ = (b.name() for _ in range(3))
    heads = ", ".join(f"{a.name} = {v.name}" for a, v in zip([counter, *arguments], [zero, *starts]))
    types = ", ".join(v.type for v in [counter, *arguments])
    tail = block_text(inner, returned).rsplit("    stablehlo.return", 1)[0]
    text = (f"stablehlo.while({heads}) : {types}\n  cond {{\n    {more} = stablehlo.compare LT, {counter.name}, "
            f"{limit.name} : (tensor<i32>, tensor<i32>) -> tensor<i1>\n    stablehlo.return {more} : tensor<i1>\n  }} do "
            f"{{\n{tail}    {one} = stablehlo.constant dense<1> : tensor<i32>\n    {next_} = stablehlo.add {counter.name}, "
            f"{one} : tensor<i32>\n    stablehlo.return {', '.join([next_] + [v.name for v in returned])} : {types}\n  }}")
    uses = {zero.name, limit.name, *(v.name for v in starts), *captured, *(v.name for v in returned if v.name in outside)}
    every = {v.name: v for v in [*b.values, zero, limit]}
    return b.emit(text, [every[u] for u in uses if u in every],
                  [((), "i32", 7, 0)] + [(v.shape, v.dtype, v.bound, v.error) for v in starts])


# ---- programs


def grow(b, n_ops):
    weights, functions = [w for w, _ in OPS], [f for _, f in OPS]
    made = tries = 0
    while made < n_ops and tries < 20 * n_ops:
        tries += 1
        if b.rng.choices(functions, weights)[0](b):
            made += 1


def build(rng):
    b = Builder(rng, [0])
    types = rng.sample([*INTS, *FLOATS, *COMPLEX, "i1", "f32", "f32", "bf16", "f64"], rng.randint(2, 4))
    shape = b.shape()
    for dtype in types:
        b.fresh(shape if rng.random() < 0.6 else b.shape(), dtype)
    grow(b, rng.randint(3, 14))
    made = [v for o in b.ops if o.uses for v in o.results] or b.values
    used = set().union(*(o.uses for o in b.ops))
    last = [v for v in made if v.name not in used]
    return Graph(b.ops, (last or made)[-6:]).pruned()
