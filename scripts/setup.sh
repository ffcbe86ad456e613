#!/usr/bin/env bash
# Installs what building, the demo and the tests need and what this machine lacks, with apt; or says what to install.
#
#   scripts/setup.sh         what `make demo` needs: Rust, a C compiler, Python 3 with pip, Node with npm
#   scripts/setup.sh test    also rustfmt, clippy, and Chromium with its driver for the browser tests, and the
#                            programs of Postgres, Redis, faketime and systemd
#
# Quick and silent when everything is there.
set -euo pipefail

purpose=${1:-demo}

has() { command -v "$1" >/dev/null 2>&1; }
fail() {
    echo "setup: $*" >&2
    exit 1
}

has cargo || fail "Rust is missing: install it with rustup (the latest stable version), then run this again."

missing=()
has cc || missing+=(build-essential)
has python3 || missing+=(python3)
if ! python3 -m pip --version >/dev/null 2>&1; then missing+=(python3-pip); fi
has node || missing+=(nodejs)
has npm || missing+=(npm)

if [ "$purpose" = test ]; then
    for component in fmt clippy; do
        if ! cargo "$component" --version >/dev/null 2>&1; then
            has rustup || fail "cargo $component is missing: install the Rust components rustfmt and clippy."
            rustup component add rustfmt clippy
        fi
    done
    has chromium || has chromium-browser || has google-chrome || missing+=(chromium)
    has chromedriver || missing+=(chromium-driver)
    # Debian keeps Postgres' own programs outside the path.
    if ! { has initdb && has psql && has pg_isready; } && ! compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; then
        missing+=(postgresql)
    fi
    # Judges the units in deploy/; a machine that does not run it may lack its programs.
    has systemd-analyze || missing+=(systemd)
    has faketime || missing+=(faketime)
    has redis-server || has valkey-server || missing+=(redis-server)
fi

if [ ${#missing[@]} -gt 0 ]; then
    has apt-get || fail "please install what Debian calls: ${missing[*]}"
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! { has sudo && sudo -n true 2>/dev/null; }; then fail "please run: sudo apt-get install ${missing[*]}"; fi
        as_root=(sudo -n)
    fi
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    apt() {
        echo "setup: apt-get $*" >&2
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" >"$log" 2>&1 && return
        tail -n 20 "$log" >&2
        fail "apt-get $1 failed (see above)."
    }
    # The lists of a fresh image are empty or old.
    apt update
    # Ubuntu has other names for the browser and its driver.
    if [ -z "$(apt-cache show chromium-driver 2>/dev/null)" ]; then
        missing=("${missing[@]/#chromium-driver/chromium-chromedriver}")
        missing=("${missing[@]/%chromium/chromium-browser}")
    fi
    apt install --no-install-recommends "${missing[@]}"
fi

version=$(node --version)
major=${version#v}
major=${major%%.*}
# Atlassian's validators are for newer ones than the demo needs.
least=18
if [ "$purpose" = test ]; then least=20; fi
[ "$major" -ge "$least" ] || fail "Node ${least} or newer is needed; this is ${version}."
