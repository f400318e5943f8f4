#!/usr/bin/env bash
# Builds parts of Kubernetes from the Go module proxy, in the versions that go.mod beside this file names, and prints the
# folder they lie in as its only line on standard output. Without an argument etcd, kube-apiserver,
# kube-controller-manager and kubectl; with the argument `node` kube-scheduler, kubelet and kube-proxy.
#
# They are kept in ${XDG_CACHE_HOME:-~/.cache}/mtls-migration/e2e/HASH, where HASH is that of everything they are
# made of; a folder appears there when it is complete, so a run that was killed, or another one at the same time,
# leaves nothing half done. Go's own module and build caches serve the rest.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

say() { printf 'e2e/kubernetes: %s\n' "$*" >&2; }

part="${1:-control-plane}"
case "$part" in
  control-plane) programs="kube-apiserver kube-controller-manager kubectl" ;;
  node) programs="kube-scheduler kubelet kube-proxy" ;;
  *) fail "there is no part called $part" ;;
esac

command -v go >/dev/null || fail "go not found: the end-to-end tests build Kubernetes; install Go 1.24 or newer"
cd "$here"
# An older one (1.21 and newer) fetches the toolchain that go.mod asks for; what cannot, says so here.
go version >/dev/null || fail "go.mod asks for Go 1.24 or newer, and the go on PATH cannot provide it"

export CGO_ENABLED=0 GOFLAGS="-mod=readonly -buildvcs=false" GOWORK=off
unset GOBIN
target="$(go env GOOS)-$(go env GOARCH)"
hash="$(cat go.mod go.sum build.sh | (sha256sum 2>/dev/null || shasum -a 256))"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/mtls-migration/e2e"
folder="$cache/$part-$target-${hash:0:16}"
mkdir -p "$cache"

# What `kubectl version` and /version show; without it the server calls itself v0.0.0.
version="$(go list -m -f '{{.Version}}' k8s.io/kubernetes)"
minor="${version#v*.}"
flags="-s -w"
for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
  flags+=" -X $package.gitVersion=$version -X $package.gitMajor=1 -X $package.gitMinor=${minor%.*}"
  flags+=" -X $package.gitTreeState=clean"
done

build() { # NAME PACKAGE
  local begin=$SECONDS
  go build -ldflags "$flags" -o "$partial/$1" "$2"
  say "$1: $((SECONDS - begin)) s"
}

if [ ! -d "$folder" ]; then
  say "Kubernetes $version ($part) for $target; the first build takes some minutes"
  begin=$SECONDS
  go mod download
  say "download: $((SECONDS - begin)) s"
  partial="$(mktemp -d "$cache/partial.XXXXXX")"
  trap 'rm -rf "$partial"' EXIT
  [ "$part" = node ] || build etcd go.etcd.io/etcd/server/v3
  for program in $programs; do
    build "$program" "k8s.io/kubernetes/cmd/$program"
  done
  chmod 755 "$partial"
  # Another run may have been faster; what it made is the same.
  [ -d "$folder" ] || mv "$partial" "$folder"
fi
printf '%s\n' "$folder"
