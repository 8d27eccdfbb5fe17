#!/usr/bin/env bash
# Measures the rule engine beside its peers and writes its part of
# bench/results.md. Needs Go and Node; installs json-rules-engine apart.
# Arguments go to the program, as: bench/rules/run.sh -rounds 3
set -euo pipefail
cd "$(dirname "$0")"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
node_flag=()
if command -v npm >/dev/null; then
  cp engine.mjs package.json package-lock.json "$dir/"
  (cd "$dir" && npm ci --ignore-scripts --no-audit --no-fund --silent)
  node_flag=(-node "$dir")
else
  echo "npm is not there: json-rules-engine is left out" >&2
fi
go build -o "$dir/rules" .
"$dir/rules" "${node_flag[@]}" "$@"
