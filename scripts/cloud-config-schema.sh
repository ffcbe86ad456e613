#!/usr/bin/env bash
# Fetches the JSON schema of cloud-init's user data into a file:  scripts/cloud-config-schema.sh FILE
#
# It is taken out of Debian's or Ubuntu's package cloud-init, which is not installed: it would take over the machine's start.
# Elsewhere: put schema-cloud-config-v1.json of cloud-init's source (cloudinit/config/schemas/) there by hand.
set -euo pipefail
file=$(realpath -m "${1:?name the file}")

fail() {
    echo "cloud-config-schema: $*" >&2
    exit 1
}

command -v apt-get >/dev/null || fail "no apt-get here: put cloud-init's schema-cloud-config-v1.json to $file by hand"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# Downloads are done by a user of apt's own where root calls it.
chmod 0777 "$folder"
cd "$folder"
download() { apt-get -q -o Acquire::Retries=3 download cloud-init >>log 2>&1; }
# The lists of a fresh image are empty or old; only root may bring them up to date.
update() {
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then as_root=(sudo -n); fi
    "${as_root[@]}" apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 update >>log 2>&1
}
if ! download; then
    if ! { update && download; }; then
        tail -n 20 log >&2
        fail "the package cloud-init cannot be downloaded (see above)"
    fi
fi
dpkg-deb --extract cloud-init_*.deb unpacked
found=$(find unpacked -name schema-cloud-config-v1.json -print -quit)
[ -n "$found" ] || fail "the package holds no schema"
mkdir -p "$(dirname "$file")"
cp "$found" "$file"
