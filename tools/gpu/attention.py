"""Attention as JAX writes it, forward, and forward with backward; run as a program, prints one by its name."""
import sys

DOT = "  %{0} = stablehlo.dot_general %{1}, %{2}, batching_dims = {3}, contracting_dims = {4} : ({5}, {6}) -> {7}\n"
MOVE = "  %{0} = stablehlo.transpose %{1}, dims = {2} : ({3}) -> {4}\n"


class Program:
    """Text of one program; tensors are [batch, length, head, width], scores [batch, head, row, column]."""

    def __init__(self, batch, heads, length, width, causal, trains):
        self.line = f"tensor<{batch}x{length}x{heads}x{width}xbf16>"
        self.head = f"tensor<{batch}x{heads}x{length}x{width}xbf16>"
        self.low = f"tensor<{batch}x{heads}x{length}x{length}xbf16>"
        self.scores = f"tensor<{batch}x{heads}x{length}x{length}xf32>"
        self.bits = f"tensor<{batch}x{heads}x{length}x{length}xi1>"
        self.row = f"tensor<{batch}x{heads}x{length}xf32>"
        self.square = f"tensor<{length}x{length}x{{}}>"
        self.causal = causal
        results = [self.line] * (4 if trains else 1)
        self.text = (f"func.func public @main(%q: {self.line}, %k: {self.line}, %v: {self.line}, %do: {self.line}) -> "
                     f"({', '.join(results)}) {{\n")
        self.forward(width)
        if trains:
            self.backward()
        self.text += f"  return %o{', %dq, %dk, %dv' if trains else ''} : {', '.join(results)}\n}}\n"

    def scalar(self, name, value):
        self.text += f"  %{name} = stablehlo.constant dense<{value}> : tensor<f32>\n"

    def all(self, name, value):
        self.text += f"  %{name} = stablehlo.constant dense<{value}> : {self.scores}\n"

    def op(self, name, op, *operands, shape=None):
        self.text += f"  %{name} = stablehlo.{op} {', '.join('%' + o for o in operands)} : {shape or self.scores}\n"

    def convert(self, name, operand, source, target):
        self.text += f"  %{name} = stablehlo.convert %{operand} : ({source}) -> {target}\n"

    def reduce(self, name, operand, init, op):
        self.text += (f"  %{name} = stablehlo.reduce(%{operand} init: %{init}) applies stablehlo.{op} across dimensions = "
                      f"[3] : ({self.scores}, tensor<f32>) -> {self.row}\n")

    def spread(self, name, operand):
        self.text += (f"  %{name} = stablehlo.broadcast_in_dim %{operand}, dims = [0, 1, 2] : ({self.row}) -> "
                      f"{self.scores}\n")

    def select(self, name, *operands):
        self.text += (f"  %{name} = stablehlo.select %keep, {', '.join('%' + o for o in operands)} : {self.bits}, "
                      f"{self.scores}\n")

    def mask(self):
        i32, i1 = self.square.format("i32"), self.square.format("i1")
        self.text += (f"  %i = stablehlo.iota dim = 0 : {i32}\n  %j = stablehlo.iota dim = 1 : {i32}\n"
                      f"  %lower = stablehlo.compare GE, %i, %j, SIGNED : ({i32}, {i32}) -> {i1}\n"
                      f"  %keep = stablehlo.broadcast_in_dim %lower, dims = [2, 3] : ({i1}) -> {self.bits}\n")
        self.all("fill", "0xFF800000")
        self.select("masked", "scaled", "fill")

    def forward(self, width):
        self.scalar("zero", "0.0")
        self.scalar("least", "0xFF800000")
        self.all("zeros", "0.0")
        self.all("scale", width ** -0.5)
        self.text += DOT.format("s", "q", "k", "[0, 2] x [0, 2]", "[3] x [3]", self.line, self.line, self.low)
        self.convert("s32", "s", self.low, self.scores)
        self.op("scaled", "multiply", "s32", "scale")
        if self.causal:
            self.mask()
        x = "masked" if self.causal else "scaled"
        self.reduce("max", x, "least", "maximum")
        self.spread("maxs", "max")
        self.op("d", "subtract", x, "maxs")
        self.op("e", "exponential", "d")
        self.reduce("sum", "e", "zero", "add")
        self.spread("sums", "sum")
        self.op("p32", "divide", "e", "sums")
        self.convert("p", "p32", self.scores, self.low)
        self.text += DOT.format("oh", "p", "v", "[0, 1] x [0, 2]", "[3] x [1]", self.low, self.line, self.head)
        self.text += MOVE.format("o", "oh", "[0, 2, 1, 3]", self.head, self.line)

    def backward(self):
        self.text += DOT.format("dvh", "p", "do", "[0, 1] x [0, 2]", "[2] x [1]", self.low, self.line, self.head)
        self.text += MOVE.format("dv", "dvh", "[0, 2, 1, 3]", self.head, self.line)
        self.text += DOT.format("dp", "do", "v", "[0, 2] x [0, 2]", "[3] x [3]", self.line, self.line, self.low)
        self.convert("dp32", "dp", self.low, self.scores)
        self.op("t", "multiply", "dp32", "p32")
        self.reduce("r", "t", "zero", "add")
        self.spread("rs", "r")
        self.op("u", "subtract", "dp32", "rs")
        self.op("dx", "multiply", "u", "p32")
        if self.causal:
            self.select("dm", "dx", "zeros")
        self.op("ds32", "multiply", "dm" if self.causal else "dx", "scale")
        self.convert("ds", "ds32", self.scores, self.low)
        for name, dims, other in (("dq", "[3] x [1]", "k"), ("dk", "[2] x [1]", "q")):
            self.text += DOT.format(f"{name}h", "ds", other, "[0, 1] x [0, 2]", dims, self.low, self.line, self.head)
            self.text += MOVE.format(name, f"{name}h", "[0, 2, 1, 3]", self.head, self.line)


def row(batch, heads, length, width, causal, trains):
    """One benchmark; backward counts as two and a half times forward, a causal mask as half of both."""
    flops = 4 * batch * heads * length * length * width * (3.5 if trains else 1) / (2 if causal else 1)
    return {"kind": "attention", "text": Program(batch, heads, length, width, causal, trains).text,
            "shape": [batch, heads, length, width], "causal": causal, "trains": trains, "flops": flops,
            "options": ["--memory=128"]}  # plans count the scores, which kernels do not store


def rows():
    table = {"attention-64-causal-train": row(1, 2, 64, 32, True, True)}  # for tests of the scripts
    for heads, width in ((32, 64), (16, 128)):
        for length in (1024, 4096, 16384):
            for causal in (False, True):
                for trains in (False, True):
                    name = f"attention-{width}-{length}{'-causal' if causal else ''}{'-train' if trains else ''}"
                    table[name] = row(16384 // length, heads, length, width, causal, trains)
    return table


if __name__ == "__main__":
    print(rows()[sys.argv[1]]["text"])
