#!/usr/bin/env bash
# From the first byte of a photo to the moment somebody else may open it, by the
# photo's size: parts, check, writing anew, sealing, and a scan by a clamd of our
# own that knows one signature. Writes its section of bench/results.md.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
stop() {
	if [[ -s $work/clamd.pid ]]; then kill "$(cat "$work/clamd.pid")" 2>/dev/null || true; fi
	rm -rf "$work"
}
trap stop EXIT
load=$(cut -d' ' -f1-3 /proc/loadavg)
scanner='without a scanner: none is installed'
if scripts/clamav.sh "$work" 2>/dev/null; then
	export MSW_TEST_CLAMAV=$work/clamd.socket
	scanner='scanned by clamd'
fi
go test ./internal/document -run '^$' -bench UploadToReady -benchtime "${ROUNDS:-20}x" | tee "$work/out"
{
	echo '## From upload to ready to view'
	echo
	echo "Photos as a phone makes them, ${ROUNDS:-20} of each size, one after another, on SQLite and a local folder, $scanner. Load at the start: $load:"
	echo
	echo '| size | median | memory allocated |'
	echo '|---|---|---|'
	awk '/^BenchmarkUploadToReady/ {
		split($1, name, "/"); sub(/-[0-9]+$/, "", name[2]); median = ""; memory = "–"
		for (i = 2; i < NF; i++) { if ($(i+1) == "ms-median") median = $i; if ($(i+1) == "B/op") memory = sprintf("%.0f MB", $i / 1e6) }
		printf "| %s | %.0f ms | %s |\n", name[2], median, memory
	}' "$work/out"
} >"$work/section"
out=bench/results.md
awk -v section="$work/section" '
	/^<!-- section: upload -->$/ { skip = 1 }
	!skip { print }
	/^<!-- end: upload -->$/ { skip = 0 }
' "$out" | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' >"$work/rest"
{ cat "$work/rest"; echo; echo '<!-- section: upload -->'; cat "$work/section"; echo '<!-- end: upload -->'; } >"$out"
