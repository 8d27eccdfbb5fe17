#!/usr/bin/env bash
# Node.js 20 or newer is needed at build time only, for the NHS design system.
set -euo pipefail
version=$(node --version 2>/dev/null || true)
major=${version#v}; major=${major%%.*}
if [[ -z $version || $major -lt 20 ]]; then
	echo "msw needs Node.js 20 or newer to build (found: ${version:-none}). Install it, then run make again." >&2
	exit 1
fi
