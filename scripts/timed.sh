#!/usr/bin/env bash
# Runs a command under a heading, and says afterwards how long it took:  scripts/timed.sh NAME COMMAND...
set -uo pipefail
name=$1
shift
printf '\n== %s\n' "$name" >&2
SECONDS=0
"$@"
status=$?
if [ "$status" -eq 0 ]; then outcome="done"; else outcome="FAILED (exit code $status)"; fi
printf '== %s: %s after %d min %02d s\n' "$name" "$outcome" $((SECONDS / 60)) $((SECONDS % 60)) >&2
exit "$status"
