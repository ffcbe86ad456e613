#!/usr/bin/env bash
# Holds the dependencies against deny.toml: licences, bans, sources, and known vulnerabilities when their database can be reached.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=${CARGO_TARGET_DIR:-$PWD/target}/tools

if command -v cargo-deny >/dev/null 2>&1; then
    deny=cargo-deny
else
    deny=$tools/bin/cargo-deny
    [ -x "$deny" ] || cargo install --locked --quiet --root "$tools" cargo-deny
fi

"$deny" --workspace --all-features check bans licenses sources

# Without the database a vulnerability can't be told from none, so that is said aloud and is no pass.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if "$deny" --workspace --all-features check advisories >"$log" 2>&1; then
    echo "advisories ok" >&2
elif grep -qiE 'failed to (fetch|clone|open|acquire)|unable to (fetch|clone)|fetch.*advisory' "$log"; then
    echo "ADVISORIES WERE NOT CHECKED: the advisory database can't be reached from here." >&2
else
    cat "$log" >&2
    exit 1
fi
