#!/usr/bin/env bash
# Format, vet, generated code and architecture: what needs no server.
set -euo pipefail
cd "$(dirname "$0")/.."
unformatted=$(gofmt -l $(git ls-files '*.go'))
if [[ -n $unformatted ]]; then
	echo "not formatted with gofmt:" >&2
	echo "$unformatted" >&2
	exit 1
fi
go vet ./...
before=$(git status --porcelain -- '*_templ.go')
scripts/generate.sh
if [[ $(git status --porcelain -- '*_templ.go') != "$before" ]]; then
	echo "generated pages are not current: run 'make generate' and commit" >&2
	git status --porcelain -- '*_templ.go' >&2
	exit 1
fi
(cd tools && go vet ./... && go test ./...)
go test .
