#!/usr/bin/env bash
# Run every fuzz test for a while: scripts/fuzz.sh [TIME], 20s each when not
# given. What one finds lies in testdata/fuzz of its package: keep it as a test.
set -euo pipefail
cd "$(dirname "$0")/.."
said=$(mktemp)
trap 'rm -f "$said"' EXIT
grep -rE '^func Fuzz' --include='*_test.go' internal | sed -E 's/^([^:]*)\/[^/]*:func (Fuzz[A-Za-z0-9]+).*/\1 \2/' | sort | while read -r dir name; do
	echo "$name in $dir"
	if ! go test "./$dir" -run '^$' -fuzz "^$name\$" -fuzztime "${1:-20s}" >"$said" 2>&1 </dev/null; then
		cat "$said"
		exit 1
	fi
	grep -E '^fuzz: elapsed' "$said" | tail -1
done
