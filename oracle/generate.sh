#!/usr/bin/env bash
# Writes the vectors that the Java resolver is tested against. The same arguments give the same bytes.
#   oracle/generate.sh [number of worlds] [seed of the first] [output folder] [worlds by name, instead: 4711 4711-3-5] \
#     [-apart: no two worlds have a namespace in common]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
worlds=${1:-600}
seed=${2:-1}
only=${4:-}
out=${3:-$here/../src/test/resources/vectors}
mkdir -p "$out"
out=$(cd "$out" && pwd)
rm -f "$out"/worlds-*.jsonl "$out"/ambient.jsonl
cd "$here"
CGO_ENABLED=0 go test -vet=off -count=1 -timeout 30m -run '^TestGenerate(Ambient)?$' -args -out "$out" -worlds "$worlds" -seed "$seed" \
  -only "$only" "${@:5}"
