#!/usr/bin/env bash
# Builds vacuum, oasdiff and vegeta from the Go module proxy, in the versions that go.mod beside this file names, and prints the
# folder they lie in as its only line on standard output.
#
# They are kept in ${XDG_CACHE_HOME:-~/.cache}/mtls-migration/contract/HASH, where HASH is that of everything they are
# made of; a folder appears there when it is complete, so a run that was killed, or another one at the same time, leaves
# nothing half done.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

say() { printf 'contract/tools: %s\n' "$*" >&2; }

command -v go >/dev/null || fail "go not found: these tools are built from source; install Go 1.24 or newer"
cd "$here"
go version >/dev/null || fail "go.mod asks for a newer Go, and the go on PATH cannot provide it"

export CGO_ENABLED=0 GOFLAGS="-mod=readonly -buildvcs=false" GOWORK=off
unset GOBIN
target="$(go env GOOS)-$(go env GOARCH)"
hash="$(cat go.mod go.sum build.sh | (sha256sum 2>/dev/null || shasum -a 256))"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/mtls-migration/contract"
folder="$cache/$target-${hash:0:16}"
mkdir -p "$cache"

build() { # NAME PACKAGE
  local begin=$SECONDS
  go build -ldflags "-s -w" -o "$partial/$1" "$2"
  say "$1: $((SECONDS - begin)) s"
}

if [ ! -d "$folder" ]; then
  say "the first build for $target takes some minutes"
  partial="$(mktemp -d "$cache/partial.XXXXXX")"
  trap 'rm -rf "$partial"' EXIT
  build vacuum github.com/daveshanley/vacuum
  build oasdiff github.com/oasdiff/oasdiff
  build vegeta github.com/tsenart/vegeta/v12
  chmod 755 "$partial"
  # Another run may have been faster; what it made is the same.
  [ -d "$folder" ] || mv "$partial" "$folder"
fi
printf '%s\n' "$folder"
