#!/usr/bin/env bash
# Runs what bench/README.md promises; `make bench` calls it after a build.
# Arguments go to the program, as: bench/run.sh -sizes 2000,50000
set -euo pipefail
cd "$(dirname "$0")/.."
exec go run ./bench "$@"
