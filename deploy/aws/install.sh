#!/usr/bin/env bash
# Builds Brine from the source around this script and sets up its services. Run it as root: once by user-data.yaml, and again
# after `git -C /opt/brine checkout VERSION` for an upgrade. What is there already stays.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$here/../.." && pwd)
builder=brine-build

fail() {
    echo "install: $*" >&2
    exit 1
}

[ "$(id -u)" -eq 0 ] || fail "run it as root"
[ -r /etc/brine/site.env ] || fail "/etc/brine/site.env is missing: see user-data.yaml"
# shellcheck source=/dev/null
. /etc/brine/site.env
case ${BRINE_HOST:-} in '' | *example.com) fail "fill in /etc/brine/site.env, then run $0" ;; esac

users() {
    getent passwd brine >/dev/null || useradd --system --home-dir /var/lib/brine --shell /usr/sbin/nologin brine
    getent passwd "$builder" >/dev/null || useradd --system --create-home --home-dir "/var/lib/$builder" "$builder"
    getent group render >/dev/null || groupadd --system render
    install -d -m 0755 -o brine -g brine /var/lib/brine /var/lib/brine/models
}

build() {
    # The A10G of a g5. Without a card nothing of CUDA is asked for.
    local features=()
    if command -v nvcc >/dev/null; then features=(--features cuda); fi
    runuser -u "$builder" -- env HOME="/var/lib/$builder" rustup toolchain install stable --profile minimal
    runuser -u "$builder" -- env HOME="/var/lib/$builder" CUDA_COMPUTE_CAP="${CUDA_COMPUTE_CAP:-86}" \
        rustup run stable cargo build --profile dist --locked --manifest-path "$source/Cargo.toml" \
        --target-dir "/var/lib/$builder/target" -p brine "${features[@]}"
    # In place of the old one in one step: processes that run keep theirs.
    install -m 0755 "/var/lib/$builder/target/dist/brine" /usr/local/bin/brine.new
    mv /usr/local/bin/brine.new /usr/local/bin/brine
}

settings() {
    install -d -m 0755 /etc/brine /usr/local/lib/brine
    install -m 0644 "$here/brine.env" /etc/brine/brine.env
    printf 'BRINE_BASE_URL=https://%s\nBRINE_FORGE_APP_IDS=%s\n' "$BRINE_HOST" "$BRINE_FORGE_APP_IDS" >/etc/brine/local.env
    if [ ! -e /etc/brine/secret.key ]; then
        (umask 0077 && od -An -N 32 -tx1 /dev/urandom | tr -d ' \n' >/etc/brine/secret.key)
    fi
    install -m 0755 "$here/backup.sh" "$here/restore.sh" /usr/local/lib/brine/
}

database() {
    # The first two ask whether it is there. The server takes the system's user for the database's: no password.
    ask() { runuser -u postgres -- psql -X -q -A -t -v ON_ERROR_STOP=1 -d postgres -c "$1"; }
    [ "$(ask "SELECT 1 FROM pg_roles WHERE rolname = 'brine'")" = 1 ] || ask 'CREATE ROLE brine LOGIN'
    [ "$(ask "SELECT 1 FROM pg_database WHERE datname = 'brine'")" = 1 ] || ask 'CREATE DATABASE brine OWNER brine'
}

queue() {
    install -m 0644 "$here/redis.conf" /etc/redis/brine.conf
    grep -qx 'include /etc/redis/brine.conf' /etc/redis/redis.conf || echo 'include /etc/redis/brine.conf' >>/etc/redis/redis.conf
    systemctl enable redis-server.service
    systemctl restart redis-server.service
}

proxy() {
    install -m 0644 "$here/Caddyfile" /etc/caddy/Caddyfile
    install -d /etc/systemd/system/caddy.service.d
    printf '[Service]\nEnvironmentFile=/etc/brine/site.env\n' >/etc/systemd/system/caddy.service.d/brine.conf
}

services() {
    install -m 0644 "$here"/brine-*.service "$here"/brine-*.timer /etc/systemd/system/
    systemctl daemon-reload
    systemctl enable postgresql.service caddy.service brine-web.service brine-worker@1.service brine-backup.timer
    # shellcheck source=/dev/null
    (set -a && . /etc/brine/brine.env && . /etc/brine/local.env && runuser -u brine -- brine model pull)
    # Web first: it brings the tables up to date. Workers finish their jobs before they stop.
    systemctl restart caddy.service brine-web.service brine-worker@1.service
    systemctl start brine-backup.timer
}

users
build
settings
database
queue
proxy
services
echo "install: done; https://$BRINE_HOST/readyz answers 200 once everything is up"
