#!/usr/bin/env bash
# Start a clamd of our own that knows one signature, the EICAR test string:
#   scripts/clamav.sh FOLDER
# writes its process id to FOLDER/clamd.pid and listens on FOLDER/clamd.socket.
# It fetches nothing and reads no other configuration.
set -euo pipefail
folder=$(cd "$1" && pwd)
mkdir -p "$folder/signatures"
# The string is put together here, so that no scanner takes this file for it.
half='X5O!P%@AP[4\PZX54(P^)7CC)7}$'
hex=$(printf '%s%s%s' "$half" 'EICAR-STANDARD-' 'ANTIVIRUS-TEST-FILE!$H+H*' | od -An -v -tx1 | tr -d ' \n')
echo "Local.Eicar.Test:0:*:$hex" >"$folder/signatures/local.ndb"
cat >"$folder/clamd.conf" <<CONF
DatabaseDirectory $folder/signatures
LocalSocket $folder/clamd.socket
LogFile $folder/clamd.log
Foreground yes
StreamMaxLength 30M
MaxThreads 4
CONF
clamd=$(command -v clamd || echo /usr/sbin/clamd)
"$clamd" -c "$folder/clamd.conf" >/dev/null 2>&1 </dev/null &
echo $! >"$folder/clamd.pid"
for _ in $(seq 100); do
	[[ ! -S $folder/clamd.socket ]] || exit 0
	sleep 0.2
done
cat "$folder/clamd.log" >&2
exit 1
