"""Texts made to break a reader: none may crash it, take long or need much memory, and every refusal has a place.

usage: hostile.py SCRATCH_DIRECTORY"""
import os
import pathlib
import re
import resource
import subprocess
import sys
import time

N = 100_000
SECONDS, MEGABYTES = 5, 1024


def op(attribute):
    return f'"a.b"() {{t = {attribute}}} : () -> ()\n'


def declaration(type_):
    return f"func.func private @f({type_})\n"


def nested(before, middle, after, n=N):
    return before * n + middle + after * n


def chain(first, step, n=N):
    return first + "".join(step.format(i + 1, i) for i in range(n))


# Accepted (True) or refused (False).
TEXTS = {
    "nested types": (op(nested("tuple<", "", ">")), False),
    "nested lists": (op(nested("[", "", "]")), False),
    "nested dictionaries": (op(nested("{a = ", "1", "}")), False),
    "nested brackets": (op("#d.a" + nested("<", "", ">")), False),
    "nested literal": (op("dense<" + nested("[", "1", "]") + "> : tensor<i32>"), False),
    "nested regions": (nested('"a.b"() ({', "", "}) : () -> ()"), False),
    "nested modules": (nested("module {", "", "}"), False),
    "nested functions": ('"a.b"() : ' + nested("(", "", ")"), False),
    "nested locations": ('"a.b"() : () -> () loc(' + nested('"a"(', "unknown", ")") + ")", False),
    "open parentheses": ('"a.b"(' + "(" * N, False),
    "dimension 2^63": (declaration("tensor<9223372036854775808xf32>"), False),
    "dimension -1": (declaration("tensor<-1xf32>"), False),
    "product 2^64": (declaration("tensor<4294967296x4294967296xf32>"), False),
    "0 times 2^63 - 1": (declaration("tensor<0x9223372036854775807xf32>"), False),
    "rank of ones": (declaration("tensor<" + "1x" * N + "f32>"), True),
    "rank of twos": (declaration("tensor<" + "2x" * N + "f32>"), False),
    "odd hexadecimal": (op('dense<"0xABC"> : tensor<3xi8>'), False),
    "no hexadecimal": (op('dense<"0xXY"> : tensor<1xi8>'), False),
    "ragged literal": (op("dense<[[1, 2], [3]]> : tensor<2x2xi8>"), False),
    "short literal": (op("dense<[1, 2]> : tensor<3xi8>"), False),
    "splat of 4 TB": (op("dense<1.0> : tensor<1000000000000xf32>"), True),
    "splat of 4 TB as a list": ('%0 = "stablehlo.iota"() {iota_dimension = dense<1> : tensor<1000000000000xi64>} '
                                ": () -> tensor<1xi32>\n", False),
    "list from a large splat": ('func.func @f(%a: tensor<f32>) {\n  %0 = "stablehlo.broadcast"(%a) {broadcast_sizes = '
                                "dense<1> : tensor<1000000000000xi64>} : (tensor<f32>) -> tensor<f32>\n  return\n}\n",
                                False),
    "10 MB of hexadecimal": (op(f'dense<"0x{"AB" * 5_000_000}"> : tensor<5000000xi8>'), True),
    "alias of itself": ("#a = [#a]\n", False),
    "aliases in a circle": ("#a = [#b]\n#b = [#a]\n", False),
    "alias before its definition": (op("#a") + "#a = 1\n", False),
    "doubling aliases": (chain("#a0 = [1]\n", "#a{0} = [#a{1}, #a{1}]\n", 200) + op("#a200"), False),
    "chain of attributes": (chain("#a0 = [1]\n", "#a{0} = [#a{1}]\n") + op(f"#a{N}"), False),
    "chain of types": (chain("!a0 = tuple<>\n", "!a{0} = tuple<!a{1}>\n") + op(f"!a{N}"), False),
    "chain of locations": (chain('#a0 = loc("x")\n', '#a{0} = loc("x"(#a{1}))\n'), False),
    "use without definition": ("func.func @f() -> i32 {\n  return %x : i32\n}\n", False),
    "use of itself": ('"a.c"() ({ %0 = "a.b"(%0) : (i32) -> i32 }) : () -> ()\n', False),
    "undefined block": ('"a.c"() ({ "a.b"()[^bb9] : () -> () }) : () -> ()\n', False),
    "value 10^20": ('%100000000000000000000 = "a.b"() : () -> i32\n', True),
    "2^32 - 1 results": ('%a:4294967295 = "a.b"() : () -> i32\n', False),
    "2^32 results": ('%a:4294967296 = "a.b"() : () -> i32\n', False),
    "integer 10^32": (op("1" + "0" * 32), False),
    "float 1e999999": (op("1.0e999999"), True),
    "long float": (op("1." + "0" * N + "1"), True),
    "i16777216": (op("1 : i16777216"), False),
    "open string": (op('"abc'), False),
    "string at the end": ('"a.b"() {t = "abc', False),
    "open region": ('"a.b"() ({\n', False),
    "zero byte": (b'"a.b"() {t = 1\0} : () -> ()\n', False),
    "zero byte in a string": (b'"a.b"() {t = "a\0b"} : () -> ()\n', False),
    "byte order mark": (b"\xef\xbb\xbfmodule {}\n", False),
    "UTF-16": (b"\xff\xfem\0o\0d\0", False),
    "overlong UTF-8 in a string": (b'"a.b"() {t = "\xc0\x80\xff"} : () -> ()\n', True),
    "carriage returns": ("module {\r  func.func private @f()\r}\r", True),
    "10 MB identifier": ('"a.b"() {' + "a" * 10_000_000 + " = 1} : () -> ()\n", True),
    "10 MB value name": ("%" + "a" * 10_000_000 + ' = "a.b"() : () -> i32\n', True),
    "50 MB comment": ("//" + "x" * 50_000_000 + "\nmodule {}\n", True),
    "long line": ('"a.b"() {' + ", ".join(f"a{i} = {i}" for i in range(N)) + "} : () -> ()\n", True),
    "many arguments": ("func.func @f(" + ", ".join(f"%a{i}: f32" for i in range(N)) + ") {\n  return\n}\n", True),
    "many uses": ('%a = "a.b"() : () -> i32\n"a.c"(' + ", ".join(["%a"] * N) + ") : (" + ", ".join(["i32"] * N) +
                  ") -> ()\n", True),
    "many uses before the definition": ('"a.c"() ({\n  "a.c"(' + ", ".join(f"%x#{i}" for i in range(20_000)) + ") : (" +
                                        ", ".join(["i32"] * 20_000) + ') -> ()\n  %x:20000 = "a.b"() : () -> (' +
                                        ", ".join(["i32"] * 20_000) + ")\n}) : () -> ()\n", False),
    "many blocks": ('"a.c"() ({\n' + "".join(f'^bb{i}:\n  "a.b"()[^bb{(i + 1) % N}] : () -> ()\n' for i in range(N)) +
                    "}) : () -> ()\n", None),
    "many symbols": ("".join(f"func.func private @f{i}()\n" for i in range(N)), True),
    "symbol twice": ("func.func private @f()\nfunc.func private @f()\n", False),
    "attribute twice": ('"a.b"() {a = 1, a = 2} : () -> ()\n', False),
    "empty": ("", True),
    "blank": ("\n\n", True),
    "open trailer": ("{-#", False),
    "trailer with a hole": ("module {}\n{-# external_resources: { #-}", False),
    "empty op name": ('"" () : () -> ()\n', False),
    "unknown location alias": ('"a.b"() : () -> () loc(#x)\n', False),
    "nothing behind an op": ("stablehlo.add\n", False),
}


def limit():
    resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES << 20, MEGABYTES << 20))


def check(name, path, accepted, limited):
    start = time.monotonic()
    run = subprocess.run(["alpa-opt", "--allow-unregistered-dialect", "--mlir-print-op-generic", str(path), "-o",
                          os.devnull], capture_output=True, preexec_fn=limit if limited else None, check=False)
    seconds = time.monotonic() - start
    errors = run.stderr.decode(errors="replace")
    if run.returncode not in (0, 1):
        return f"exit status {run.returncode}"
    if accepted is not None and accepted != (run.returncode == 0):
        return f"should be {'accepted' if accepted else 'refused'}: {errors[:200]}"
    if run.returncode and not re.match(re.escape(str(path)) + r":\d+:\d+: error: \S", errors):
        return f"an error without a place: {errors[:200]}"
    return f"{seconds:.1f} s" if seconds > SECONDS else None


def main():
    scratch = pathlib.Path(sys.argv[1])
    scratch.mkdir(parents=True, exist_ok=True)
    limited = "--unlimited" not in sys.argv
    failures = 0
    for name, (text, accepted) in TEXTS.items():
        path = scratch / (name.replace(" ", "-").replace("^", "") + ".mlir")
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        problem = check(name, path, accepted, limited)
        path.unlink()
        if problem:
            failures += 1
            print(f"{name}: {problem}")
    print(f"{len(TEXTS)} texts, {failures} failures")
    sys.exit(failures != 0)


main()
