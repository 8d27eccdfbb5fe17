#!/usr/bin/env bash
# Install what the tests need where that is possible, start a PostgreSQL server
# of our own, run every test on both engines, and stop it again.
# With MSW_TEST_STRICT=1 leaving something out is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
find_postgres() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1; }
find_chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome || true; }

install() { # install PACKAGE…: by apt where we are root
	if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
		echo "installing $*"
		(apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@") >/dev/null 2>&1 && return 0
	fi
	missing+=("apt-get install $*")
	return 1
}

[[ -n $(find_postgres) ]] || install postgresql || true
[[ -n $(find_chromium) ]] || install chromium || true
command -v sqlite3 >/dev/null || install sqlite3 || true
find_clamd() { command -v clamd || { [[ ! -x /usr/sbin/clamd ]] || echo /usr/sbin/clamd; }; }
[[ -n $(find_clamd) ]] || install clamav-daemon || true

work=$(mktemp -d)
stop() {
	if [[ -n ${server:-} ]]; then as_server "$bin/pg_ctl" -D "$work/data" -m immediate stop >/dev/null 2>&1 || true; fi
	if [[ -s $work/clamav/clamd.pid ]]; then kill "$(cat "$work/clamav/clamd.pid")" 2>/dev/null || true; fi
	rm -rf "$work"
}
trap stop EXIT

# PostgreSQL refuses to run as root: it gets an unprivileged user.
as_server() {
	if [[ $(id -u) == 0 ]]; then runuser -u "$owner" -- "$@"; else "$@"; fi
}

if [[ -z ${MSW_TEST_POSTGRES:-} && -n $(find_postgres) ]]; then
	bin=$(find_postgres)
	owner=postgres
	id "$owner" >/dev/null 2>&1 || owner=nobody
	chmod 755 "$work"
	mkdir "$work/data" "$work/socket"
	[[ $(id -u) != 0 ]] || chown -R "$owner" "$work/data" "$work/socket"
	port=$(node -e 's=require("net").createServer();s.listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')
	as_server "$bin/initdb" -D "$work/data" -E UTF8 --locale=C -A trust -U msw >/dev/null
	as_server "$bin/pg_ctl" -D "$work/data" -w -l "$work/socket/log" \
		-o "-p $port -k $work/socket -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=300" start >/dev/null
	server=1
	export MSW_TEST_POSTGRES="postgres://msw@127.0.0.1:$port/postgres?sslmode=disable"
fi
if [[ -z ${MSW_TEST_CLAMAV:-} && -n $(find_clamd) ]]; then
	mkdir "$work/clamav"
	if scripts/clamav.sh "$work/clamav"; then
		export MSW_TEST_CLAMAV=$work/clamav/clamd.socket
	else
		missing+=("a clamd that starts")
	fi
fi
export MSW_TEST_CHROMIUM=${MSW_TEST_CHROMIUM:-$(find_chromium)}

for m in "${missing[@]:-}"; do
	[[ -z $m ]] || echo "left out: tests that need what this command installs: $m"
done
if [[ -n ${MSW_TEST_STRICT:-} && ${#missing[@]} -gt 0 ]]; then exit 1; fi

scripts/check.sh
echo "what is linked"
scripts/linked.sh
echo "race detector: the parts with goroutines"
go test -race ./internal/clock ./internal/problem ./internal/access ./internal/audit ./internal/jobs ./internal/web ./internal/notify
echo "everything, both engines"
go test -timeout 20m ./...
