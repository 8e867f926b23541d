#!/usr/bin/env bash
# Writes the documents that are generated from the tables into a directory: generate_docs.sh BUILD DIRECTORY
set -euo pipefail
build=$1
to=$2
for document in dialects passes; do
  "$build/tools/docs" "$document" > "$to/$document.md"
done
{
  echo "# Options"
  echo
  echo "Generated from the option tables by \`make docs\`."
  for tool in alpa alpa-opt; do
    printf '\n## %s\n\n```\n' "$tool"
    "$build/bin/$tool" --help
    echo '```'
  done
} > "$to/options.md"
mkdir -p "$to/python"
python3 "$(dirname "$0")/python_api.py" "$(dirname "$0")/../python/alpa" > "$to/python/reference.md"
