#!/usr/bin/env bash
# Puts a dump of backup.sh in the place of what is in the database now:  restore.sh /var/lib/brine/backups/brine-….dump
#
# Stops Brine, restores in one transaction (all or nothing), starts it again. Redis is emptied: its queue is made anew from
# the database. /etc/brine/secret.key must be the one that was in use when the dump was made.
set -euo pipefail
dump=${1:?name the dump}
[ "$(id -u)" -eq 0 ] || { echo "restore: run it as root" >&2; exit 1; }
[ -r "$dump" ] || { echo "restore: $dump cannot be read" >&2; exit 1; }

workers=$(systemctl list-units --plain --no-legend 'brine-worker@*' | cut -d ' ' -f 1)
systemctl stop brine-web.service 'brine-worker@*.service'
runuser -u postgres -- psql -X -q -v ON_ERROR_STOP=1 -d postgres \
    -c 'DROP DATABASE IF EXISTS brine_restored' -c 'CREATE DATABASE brine_restored OWNER brine'
runuser -u brine -- pg_restore --no-owner --single-transaction --exit-on-error \
    --dbname='postgresql:///brine_restored?host=/var/run/postgresql' <"$dump"
# The one before stays until you drop it.
runuser -u postgres -- psql -X -q -v ON_ERROR_STOP=1 -d postgres \
    -c "ALTER DATABASE brine RENAME TO \"brine_before_$(date -u +%Y%m%dT%H%M%SZ)\"" \
    -c 'ALTER DATABASE brine_restored RENAME TO brine'
redis-cli flushdb >/dev/null
# shellcheck disable=SC2086 # several names
systemctl start brine-web.service $workers
echo "restored: $dump"
