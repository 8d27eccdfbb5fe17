#!/usr/bin/env bash
# size.sh FILE LIMIT_MB: say the size of a binary and fail when it is too large.
set -euo pipefail
bytes=$(stat -c %s "$1")
printf '%s: %d.%02d MB (limit %d MB)\n' "$1" $((bytes / 1000000)) $((bytes % 1000000 / 10000)) "$2"
if ((bytes > $2 * 1000000)); then
	echo "$1 is larger than $2 MB" >&2
	exit 1
fi
