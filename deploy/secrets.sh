#!/usr/bin/env bash
# Makes the secrets that compose.yaml hands to the containers, where they are missing. What is there already stays.
#
#   secrets/secret_key          seals what is secret in the database: without it a backup of the database is worth little
#   secrets/database_password   of the user brine in Postgres; counts only when the database is made
#   secrets/settings.toml       settings that are secret
set -euo pipefail
folder=${1:-$(dirname "$0")/secrets}

random() { od -An -N "$1" -tx1 /dev/urandom | tr -d ' \n'; }

# Containers read the files as users of their own; nobody else on this machine gets into the folder.
install -d -m 0700 "$folder"
umask 0333
[ -e "$folder/secret_key" ] || random 32 >"$folder/secret_key"
[ -e "$folder/database_password" ] || random 24 >"$folder/database_password"
if [ ! -e "$folder/settings.toml" ]; then
    printf '[database]\nurl = "postgres://brine:%s@postgres:5432/brine"\n' "$(cat "$folder/database_password")" >"$folder/settings.toml"
fi
