#!/bin/bash
# All benchmarks, each beside its peer: run.sh [BUILD [PART ...]]
#
# Parts: products models tools parse collectives iopddl resharding python_calls, and, only where it is named since it takes an hour,
# accuracy (STRIDE=N measures every N-th value of f32) and plan_suite (SUITE=directory of its models).  Each writes bench/results/PART.md, which begins with what the
# machine is, and shows it.  Peers are installed here and nowhere else: Debian's OpenBLAS and oneDNN, and jax in a
# Python environment of its own under BUILD.  Without the rights or the network for that, a part says what it lacks.
cd "$(dirname "$0")/.." || exit 1
build=$(realpath "${1:-build}")
shift
parts=${*:-products models tools parse collectives iopddl resharding python_calls}
results=bench/results
peer=$build/bench-venv/bin/python
first=
chrt -f 50 true 2> /dev/null && first="chrt -f 50"
cores=$(nproc)
mkdir -p "$results"

describe_machine() {
  local features
  features=$(grep -m1 '^flags' /proc/cpuinfo | grep -oE '\b(avx2|fma|avx512f|avx512_bf16|avx512_vnni|amx_tile)\b' | sort -u | tr '\n' ' ')
  echo "Machine: $cores cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), ${features}"
  echo "$(lscpu | sed -n 's/^L2 cache: */L2 /p') and $(lscpu | sed -n 's/^L3 cache: */L3 /p'),"
  echo "$(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo) of memory; load average at the start: $(cut -d' ' -f1 /proc/loadavg)."
  [ -n "$first" ] && echo "Both sides ran at real-time priority, because others use the machine too."
}

install_packages() {
  local missing=
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2> /dev/null | grep -q 'ok installed' || missing="$missing $package"
  done
  [ -z "$missing" ] && return
  local as_root=
  [ "$(id -u)" = 0 ] || as_root=sudo
  echo "installing:$missing" >&2
  $as_root apt-get update -qq > /dev/null
  DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing > /dev/null
}

install_jax() {
  "$peer" -c 'import jax, safetensors' 2> /dev/null && return
  python3 -m venv "$build/bench-venv" && "$peer" -m pip -q install jax==0.10.2 numpy safetensors
}

find_mlir_opt() {
  for candidate in /usr/lib/llvm-19/bin/mlir-opt "$(command -v mlir-opt-19)" "$(command -v mlir-opt)"; do
    [ -x "$candidate" ] && echo "$candidate" && return
  done
}

products() {
  install_packages libopenblas-dev libdnnl-dev || echo "Without OpenBLAS and oneDNN, which could not be installed."
  { cmake "$build" && cmake --build "$build" --target bench_contraction; } > /dev/null || return 1
  echo "The kernels that a program of one \`dot_general\` becomes, run through the public API, against libraries."
  # OpenBLAS takes its Haswell kernels for processors that it does not know.
  local core_type=HASWELL
  grep -qw avx512f /proc/cpuinfo && core_type=SKYLAKEX
  grep -qw avx512_bf16 /proc/cpuinfo && core_type=COOPERLAKE
  for threads in $(seq 1 $((cores < 2 ? 1 : 2))); do
    OPENBLAS_CORETYPE=$core_type $first "$build/bench/contraction" "$threads" 5
  done
}

models() {
  install_jax || { echo "No XLA: jax could not be installed."; return 1; }
  echo "One device that uses all cores, against XLA's CPU backend (jax 0.10.2); least of all steps of two runs."
  echo
  python3 bench/models.py --build "$build" --peer "$peer"
}

tools() { python3 bench/tools.py --build "$build" --mlir-opt "$(find_mlir_opt)"; }

parse() {
  local file=models/gpt2-124m/step.mlir copy
  copy=$(mktemp --suffix=.mlir)
  [ -n "$SUITE" ] && zstd -dqf "$SUITE/gpt-39b.mlir.zst" -o "$copy" && file=$copy
  echo "Reading and printing, against mlir-opt; SUITE=directory in the environment takes gpt-39b of the suite."
  echo
  echo '```'
  $first "$build/bench/parse" "$file" "$(find_mlir_opt)" | sed "s|$copy|gpt-39b|"
  echo '```'
  rm -f "$copy"
}

collectives() {
  echo '```'
  $first "$build/bench/collectives"
  echo '```'
}

python_calls() {
  install_jax || { echo "jax could not be installed."; return 1; }
  echo "A call of a function of 500 small arrays, beside jax.jit's (jax 0.10.2)."
  echo
  PYTHONPATH=python ALPA_LIBRARY="$build/lib/libalpa.so" $first "$peer" bench/python_calls.py
}

iopddl() {
  echo "The solver on instances of the ASPLOS 2025 contest, against its best published results."
  echo
  echo '```'
  bash bench/iopddl.sh "$build"
  echo '```'
}

resharding() {
  echo "Transfers between meshes: the plan's time beside the lower bound and beside sending each device its piece by itself."
  echo
  echo '```'
  "$build/bench/resharding"
  echo '```'
}

plan_suite() {
  [ -n "$SUITE" ] || { echo "Needs SUITE=directory of the models of Alpa's evaluation."; return 1; }
  python3 bench/plan_suite.py --build "$build" --suite "$SUITE"
}

accuracy() {
  "$build/bench/accuracy" --stride="${STRIDE:-1}" --threads="$cores"
}

failed=0
for part in $parts; do
  if [ "$(type -t "$part")" != function ]; then
    echo "run.sh: there is no part '$part'" >&2
    exit 2
  fi
  { echo "# $part"; echo; describe_machine; echo; "$part" || touch "$build/bench-failed"; } | tee "$results/$part.md.new"
  if [ -e "$build/bench-failed" ]; then
    rm -f "$build/bench-failed" "$results/$part.md.new"
    failed=1
  else
    mv "$results/$part.md.new" "$results/$part.md"
  fi
done
exit $failed
