#!/usr/bin/env bash
# Runs a command beside busy loops, which end with it: `e2e/mesh/stress.sh 4 make …`. A slow machine is a kind of production.
set -euo pipefail

[[ $# -ge 2 && "$1" =~ ^[0-9]+$ ]] || { echo "usage: stress.sh LOOPS COMMAND…" >&2; exit 2; }
loops=()
end() { [ ${#loops[@]} -eq 0 ] || kill "${loops[@]}" 2>/dev/null || true; }
trap end EXIT
for ((i = 0; i < $1; i++)); do
  while :; do :; done &
  loops+=($!)
done
shift
"$@"
