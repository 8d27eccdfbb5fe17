#!/usr/bin/env bash
# linked.sh: fail when something linked into msw finds methods by reflection
# with a name or number known only at run time (reflect's Method, MethodByName;
# text/template does). The linker must then keep every exported method of every
# type: it made the program 5 MB larger (docs/decisions/0011).
set -euo pipefail
cd "$(dirname "$0")/.."
deps=$(mktemp)
trap 'rm -f "$deps"' EXIT
if ! CGO_ENABLED=0 "${GO:-go}" build -trimpath -ldflags '-s -w -dumpdep' -o /dev/null ./cmd/msw 2>"$deps"; then
	grep -v -e ' -> ' "$deps" >&2 || true
	exit 1
fi
[[ $(wc -l <"$deps") -gt 10000 ]] || { echo "linked.sh: the linker's list of what is reached is not as expected" >&2; exit 1; }
found=$(grep -m1 -e '-> .* <ReflectMethod>$' "$deps" || true)
if [[ -n $found ]]; then
	echo "Something linked into msw looks up methods by reflection, so that no unused method can be left out. Leave that library out, or the part of it. It is reached so:" >&2
	name=${found##* -> }
	for _ in {1..12}; do
		echo "  ${name%% <*}" >&2
		name=$(grep -m1 -F -e " -> ${name%% <*}" "$deps" | sed 's/ -> .*//' || true)
		[[ -n $name && $name != *main.main* ]] || break
	done
	exit 1
fi
