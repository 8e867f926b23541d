#!/usr/bin/env python3
"""join_cases.py RECORDING ARCH: one PTX module with the kernels of all cases of record_ptx that an architecture has, each
under names of its own."""
import re
import sys

CASE = re.compile(r"^case [^\n]*\nlaunch (\d+)[^\n]*\nmap [^\n]*\nptx\n(.*?)^end$", re.MULTILINE | re.DOTALL)
NAME = re.compile(r"(?<![%\w.])(k|rows|tile|full)\b(?=[\s(\[\];,])")


def main():
    path, arch = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        cases = CASE.findall(file.read())
    print(f".version 8.5\n.target {arch}\n.address_size 64")
    for number, (least, ptx) in enumerate(cases):
        if int(least) <= int(re.search(r"\d+", arch)[0]):
            print(NAME.sub(rf"\1_{number}", ptx))


if __name__ == "__main__":
    main()
