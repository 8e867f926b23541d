#!/usr/bin/env bash
# Reads and prints programs, as they are and in generic form: roundtrip.sh SCRATCH FILE...
# A file that has locations is printed with them; one that ends in .zst is unpacked first.
set -euo pipefail
scratch=$1
shift
mkdir -p "$scratch"
failures=0

# check FILE WHAT EXPECTED GOT: the tool ends its output with one empty line more than JAX.
check() {
  if ! cmp -s <(cat "$3") <(sed -e '${/^$/d}' "$4"); then
    echo "$1: $2 differs"
    diff "$3" "$4" | head -5
    failures=$((failures + 1))
  fi
}

for file in "$@"; do
  case $file in
  *.zst)
    zstd -q -f -d "$file" -o "$scratch/program"
    file=$scratch/program
    ;;
  esac
  flags=()
  grep -q 'loc(' "$file" && flags=(--mlir-print-debuginfo)
  alpa-opt "${flags[@]}" "$file" > "$scratch/text"
  check "$file" "the text" "$file" "$scratch/text"
  alpa-opt --mlir-print-op-generic "$file" > "$scratch/generic"
  alpa-opt --mlir-print-op-generic "$scratch/generic" | cmp -s - "$scratch/generic" ||
    { echo "$file: the generic form is no fixpoint"; failures=$((failures + 1)); }
  if command -v mlir-opt > /dev/null; then
    mlir-opt --allow-unregistered-dialect --mlir-print-op-generic "$scratch/generic" | cmp -s - "$scratch/generic" ||
      { echo "$file: mlir-opt prints the generic form differently"; failures=$((failures + 1)); }
  fi
done
exit $((failures != 0))
