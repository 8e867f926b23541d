"""Random programs: generate(seed) gives a Graph of StableHLO and CHLO ops.

Each value has a bound on its size and one on its error (0: exact, small whole numbers), both carried through the ops as
in a running error analysis.  Ops that are not continuous (comparisons, rounding, sorting, conversion to integers) take
exact values only; what an op would make too large is not built.  So every result has a tolerance by construction.

An op is registered with @op(weight): it takes the builder, chooses operands, and returns False where none suit."""
import math
import random

INTS = {"i8": 8, "i16": 16, "i32": 32, "i64": 64, "ui8": 8, "ui16": 16, "ui32": 32, "ui64": 64}
# The largest whole number up to which all are exact, the distance of 1 to the next number, the largest number.
FLOATS = {"f8E5M2": (8, 2.0**-2, 5e4), "f8E4M3FN": (16, 2.0**-3, 440.0), "bf16": (256, 2.0**-7, 1e30),
          "f16": (2048, 2.0**-10, 6e4), "f32": (2**24, 2.0**-23, 1e30), "f64": (2**53, 2.0**-52, 1e200)}
COMPLEX = {"complex<f32>": "f32", "complex<f64>": "f64"}
NARROW = ("f8E5M2", "f8E4M3FN", "bf16", "f16")
MAX_COUNT = 400
OPS = []


def op(weight=1.0):
    return lambda function: OPS.append((weight, function)) or function


def part(dtype):
    return COMPLEX.get(dtype, dtype)


def is_float(dtype):
    return part(dtype) in FLOATS


def largest(dtype):
    """Of whole numbers that are exact."""
    if dtype == "i1":
        return 1
    return FLOATS[part(dtype)][0] if is_float(dtype) else 2**(INTS[dtype] - (dtype[0] != "u")) - 1


def spell(shape, dtype):
    return "tensor<" + "".join(f"{n}x" for n in shape) + dtype + ">"


def count(shape):
    return math.prod(shape)


def listing(values):
    return "[" + ", ".join(str(v) for v in values) + "]"


def array(values):
    return "array<i64" + (": " + ", ".join(str(v) for v in values) if values else "") + ">"


class Value:
    def __init__(self, name, shape, dtype, bound, error):
        self.name, self.shape, self.dtype, self.bound, self.error = name, tuple(shape), dtype, bound, error

    @property
    def type(self):
        return spell(self.shape, self.dtype)

    @property
    def exact(self):
        return self.error == 0


class Op:
    """`text` defines the values `results` and uses the names `uses`; it may call `function`, which is text too."""

    def __init__(self, results, text, uses):
        self.results, self.text, self.uses, self.function = results, text, uses, ""


def literal(rng, shape, dtype):
    """A constant of whole numbers between -4 and 4."""
    low = 0 if dtype in ("i1",) or dtype.startswith("ui") else -4

    def one():
        n = rng.randint(low, 1 if dtype == "i1" else 4)
        if dtype == "i1":
            return "true" if n else "false"
        if dtype in COMPLEX:
            return f"({n}.0, {rng.randint(-4, 4)}.0)"
        return f"{n}.0" if is_float(dtype) else str(n)

    def nest(dims):
        return one() if not dims else "[" + ", ".join(nest(dims[1:]) for _ in range(dims[0])) + "]"
    return nest(list(shape))


class Graph:
    """Ops in order, and the values that are returned."""

    def __init__(self, ops, results):
        self.ops, self.results = ops, results

    def text(self):
        types = ", ".join(f'{v.type} {{jax.result_info = "tolerance={v.error:.3e}"}}' for v in self.results)
        body = "".join(f"  {o.text}\n" for o in self.ops)
        names = ", ".join(v.name for v in self.results)
        functions = "".join(dict.fromkeys(o.function for o in self.ops))
        return (f"func.func public @main() -> ({types}) {{\n{body}"
                f"  return {names} : {', '.join(v.type for v in self.results)}\n}}\n{functions}")

    def pruned(self):
        """Without ops that no result needs."""
        needed, kept = {v.name for v in self.results}, []
        for o in reversed(self.ops):
            if any(v.name in needed for v in o.results):
                kept.append(o)
                needed |= o.uses
        return Graph(kept[::-1], self.results)

    def smaller(self):
        """Candidates for shrinking: one result, one result less, then one op replaced by constants."""
        if len(self.results) > 1:
            for v in self.results:
                yield Graph(self.ops, [v]).pruned()
            for v in self.results:
                yield Graph(self.ops, [u for u in self.results if u is not v]).pruned()
        rng = random.Random(len(self.ops))
        for i in reversed(range(len(self.ops))):
            o = self.ops[i]
            if not o.uses:
                continue
            inputs = [constant(rng, v) for v in o.results]
            candidate = Graph(self.ops[:i] + inputs + self.ops[i + 1:], self.results).pruned()
            if sum(bool(c.uses) for c in candidate.ops) < sum(bool(c.uses) for c in self.ops):
                yield candidate


def constant(rng, value):
    """An op that defines the value as a constant that the compiler must take for an input."""
    text = (f"{value.name}c = stablehlo.constant dense<{literal(rng, value.shape, value.dtype)}> : {value.type}\n"
            f"  {value.name} = stablehlo.optimization_barrier {value.name}c : {value.type}")
    return Op([value], text, set())


class Builder:
    """A block in the making.  Inner blocks see the values of the outer ones."""

    def __init__(self, rng, names, values=()):
        self.rng, self.names, self.ops, self.values = rng, names, [], list(values)
        self.inner = 0

    def name(self):
        self.names[0] += 1
        return f"%v{self.names[0]}"

    def fresh(self, shape, dtype):
        value = Value(self.name(), shape, dtype, 1 if dtype == "i1" else 4, 0)
        self.ops.append(constant(self.rng, value))
        self.values.append(value)
        return value

    def splat(self, shape, dtype, number):
        """A constant that the compiler may see through; for one purpose, not among the values to choose from."""
        value = Value(self.name(), shape, dtype, 0, 0)
        self.ops.append(Op([value], f"{value.name} = stablehlo.constant dense<{number}> : {value.type}", set()))
        return value

    def shape(self, max_rank=5):
        rank = self.rng.choice([r for r in (0, 1, 2, 2, 3, 3, 4, 5) if r <= max_rank])
        dims = []
        for _ in range(rank):
            room = max(1, MAX_COUNT // max(1, count(dims)))
            dims.append(self.rng.randint(1, min(7, room)))
        self.rng.shuffle(dims)
        return tuple(dims)

    def pick(self, suits=lambda v: True):
        """A value that suits, the latest ones more often; or None."""
        candidates = [v for v in self.values if suits(v)]
        if not candidates:
            return None
        return candidates[max(self.rng.randrange(len(candidates)), self.rng.randrange(len(candidates)))]

    def like(self, shape, dtype, suits=lambda v: True):
        """A value of that type: an existing one, or a new constant."""
        found = self.pick(lambda v: v.shape == tuple(shape) and v.dtype == dtype and suits(v))
        return found if found and self.rng.random() < 0.8 else self.fresh(shape, dtype)

    def emit(self, text, operands, results):
        """results: (shape, dtype, bound, error) each; `text` without the left side.  False where a bound is too large:
        integers wrap around, floats lose exactness first."""
        made = []
        for shape, dtype, bound, error in results:
            if is_float(dtype):
                exact, step, most = FLOATS[part(dtype)]
                if bound > most or bound + error > most:
                    return False
                if error or bound > exact:
                    error = error + step * bound
            else:
                bound, error = min(bound, largest(dtype) + 1), 0
            made.append(Value(self.name(), shape, dtype, bound, error))
        left = ", ".join(v.name for v in made)
        uses = {o.name for o in operands}
        self.ops.append(Op(made, f"{left} = {text}", uses))
        self.values.extend(made)
        return True

    def tied(self, name, operands, shape, dtype, bound, error, attrs=""):
        """An op in generic form with one result."""
        types = ", ".join(o.type for o in operands)
        names = ", ".join(o.name for o in operands)
        return self.emit(f'"{name}"({names}){attrs} : ({types}) -> {spell(shape, dtype)}', operands,
                         [(shape, dtype, bound, error)])


def generate(seed):
    import graphs_calls  # noqa: F401 (the ops, which register themselves)
    from graphs_table import build
    return build(random.Random(seed))
