#!/usr/bin/env bash
# Dumps Brine's database into a file of today and keeps the newest fourteen.
#
# The dump is of no use without /etc/brine/secret.key, which seals what is secret in it. Keep both, in different places, and
# neither on this machine alone.
set -euo pipefail
folder=${1:-/var/lib/brine/backups}
kept=14

file="$folder/brine-$(date -u +%Y%m%dT%H%M%SZ).dump"
# Renamed when it is whole: what has this name can be restored.
trap 'rm -f "$file.part"' EXIT
pg_dump --format=custom --compress=6 --no-owner --file="$file.part" "${BRINE_BACKUP_DATABASE:-postgresql:///brine?host=/var/run/postgresql}"
pg_restore --list "$file.part" >/dev/null
mv "$file.part" "$file"

mapfile -t old < <(find "$folder" -maxdepth 1 -name 'brine-*.dump' -printf '%f\n' | sort -r | tail -n "+$((kept + 1))")
for name in "${old[@]}"; do
    rm -f "$folder/$name"
done
