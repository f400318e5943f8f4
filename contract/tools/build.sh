#!/usr/bin/env bash
# Builds those that are named of vacuum, oasdiff and vegeta from the Go module proxy, in the versions that go.mod beside this
# file names, and prints the folder they lie in as its only line on standard output.
#
# They are kept in ${XDG_CACHE_HOME:-~/.cache}/mtls-migration/contract/HASH, where HASH is that of everything they are
# made of; each appears there when it is complete, so a run that was killed, or another one at the same time, leaves
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
mkdir -p "$folder"
partial="$(mktemp -d "$cache/partial.XXXXXX")"
trap 'rm -rf "$partial"' EXIT

for name in "$@"; do
  case "$name" in
    vacuum) package=github.com/daveshanley/vacuum ;;
    oasdiff) package=github.com/oasdiff/oasdiff ;;
    vegeta) package=github.com/tsenart/vegeta/v12 ;;
    *) fail "there is no tool called $name" ;;
  esac
  [ ! -x "$folder/$name" ] || continue
  say "the first build of $name for $target may take some minutes"
  begin=$SECONDS
  go build -ldflags "-s -w" -o "$partial/$name" "$package"
  # Another run may have been faster; what it made is the same.
  mv "$partial/$name" "$folder/$name"
  say "$name: $((SECONDS - begin)) s"
done
printf '%s\n' "$folder"
