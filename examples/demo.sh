#!/usr/bin/env bash
# Plans and trains the GPT of models/gpt on eight devices of this machine, and compares the losses with JAX's.
set -euo pipefail
cd "$(dirname "$0")/.."
alpa=build/bin/alpa
model=models/gpt
program=("$model/step.mlir" --cluster=host:8)

echo "== the plan"
"$alpa" plan "${program[@]}"
echo
echo "== 20 steps"
run=("${program[@]}" "--init=$model/init.mlir" "--input=@$model/batches.safetensors")
"$alpa" run "${run[@]}" --json > build/demo.json
python3 tools/compare_losses.py build/demo.json "$model/model.json"
echo
echo "== again: plan and code come from the cache"
start=$(date +%s.%N)
"$alpa" run "${run[@]}" --steps=1
echo "first step after $(python3 -c "import time; print(f'{time.time() - $start:.2f}')") s"
