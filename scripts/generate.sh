#!/usr/bin/env bash
# Make Go from the pages' templates, package by package: the generated text
# names each file relative to the folder it was made for.
set -euo pipefail
cd "$(dirname "$0")/.."
for dir in $(git ls-files 'internal/*.templ' | xargs -n1 dirname | sort -u); do
	(cd tools && go tool templ generate -log-level error -path "../$dir")
done
