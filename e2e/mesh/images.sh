#!/usr/bin/env bash
# Packs the programs in folder $1, and some of the distribution's, into images in $1/images, as tars that
# `ctr images import` reads: one layer each, no container engine needed. They have the names by which Istio's charts and
# samples ask for them.
set -euo pipefail
# shellcheck source=settings.sh
source "$(dirname "${BASH_SOURCE[0]}")/settings.sh"
cd "$1"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir -p images
architecture="$(go env GOARCH)"

# put ROOT FILE [AS]: copies a program with the libraries that it loads.
put() {
  local library
  install -D -m 755 "$2" "$1${3:-$2}"
  for library in $(ldd "$2" 2>/dev/null | grep -o '/[^ )]*'); do
    [ -e "$1$library" ] || install -D -m 755 "$(readlink -f "$library")" "$1$library"
  done
}

# base ROOT: users, names by DNS, certificates, and a shell.
base() {
  local root="$1" tool library found
  mkdir -p "$root"/{bin,etc/ssl/certs,root,run,tmp,usr/bin,var}
  chmod 1777 "$root/tmp"
  ln -s /run "$root/var/run"
  printf 'root:x:0:0::/root:/bin/sh\nistio-proxy:x:1337:1337::/:/bin/false\ncurl_user:x:100:101::/:/bin/sh\n' \
    >"$root/etc/passwd"
  printf 'root:x:0:\nistio-proxy:x:1337:\ncurl_group:x:101:\n' >"$root/etc/group"
  printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"
  install -m 644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
  install -m 644 /etc/protocols /etc/services "$root/etc/" 2>/dev/null || true
  for library in libnss_dns.so.2 libnss_files.so.2 libresolv.so.2; do
    found="$(ldconfig -p | awk -v name="$library" '$1 == name && !seen++ { print $NF }')"
    [ -z "$found" ] || install -D -m 755 "$(readlink -f "$found")" "$root$found"
  done
  install -m 755 "$(command -v busybox)" "$root/bin/busybox"
  for tool in sh ls cat sleep echo env id ip ps grep nc netstat head tail timeout kill; do
    ln -s busybox "$root/bin/$tool"
  done
}

# pack ROOT NAME CONFIG: CONFIG is what an image says of its container, as members of a JSON object.
pack() {
  local root="$1" name="$2" config="$3" file layer id
  file="$1.image"
  mkdir "$file"
  # What makes two builds of the same files differ is left out; capabilities of files are kept.
  tar --create --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --xattrs --xattrs-include=security.capability \
    --format=pax --pax-option=delete=atime,delete=ctime --directory="$root" --file="$file/layer.tar" .
  layer="$(sha256sum "$file/layer.tar" | cut -d' ' -f1)"
  printf '{"architecture":"%s","os":"linux","config":{%s},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
    "$architecture" "$config" "$layer" >"$file/config"
  id="$(sha256sum "$file/config" | cut -d' ' -f1)"
  mv "$file/config" "$file/$id.json"
  printf '[{"Config":"%s.json","RepoTags":["%s"],"Layers":["layer.tar"]}]' "$id" "$name" >"$file/manifest.json"
  tar --create --directory="$file" --file="images/${root##*/}.tar" manifest.json "$id.json" layer.tar
  rm -rf "$file"
}

mkdir -p "$work"/{pause,pilot,proxyv2,curl,httpbin,echo,coredns}

install -D -m 755 "$(command -v busybox)" "$work/pause/bin/busybox"
pack "$work/pause" mesh/pause:1 '"Entrypoint":["/bin/busybox","sleep","infinity"],"User":"65535:65535"'

base "$work/pilot"
install -D -m 755 pilot-discovery "$work/pilot/usr/local/bin/pilot-discovery"
pack "$work/pilot" "mesh/pilot:$istio_tag" '"Entrypoint":["/usr/local/bin/pilot-discovery"],"User":"1337:1337"'

root="$work/proxyv2"
base "$root"
install -D -m 755 pilot-agent "$root/usr/local/bin/pilot-agent"
put "$root" envoy /usr/local/bin/envoy
put "$root" /usr/bin/curl
put "$root" /usr/bin/tcpdump
# The proxy's user may listen on the wire, where its container may at all (global.proxy.privileged).
setcap cap_net_raw+ep "$root/usr/bin/tcpdump"
put "$root" /usr/sbin/xtables-nft-multi
put "$root" /usr/sbin/xtables-legacy-multi
for family in iptables ip6tables; do
  for tool in "" -save -restore; do
    ln -s xtables-nft-multi "$root/usr/sbin/$family$tool"
    ln -s xtables-nft-multi "$root/usr/sbin/$family-nft$tool"
    ln -s xtables-legacy-multi "$root/usr/sbin/$family-legacy$tool"
  done
done
extensions="$(dirname "$(find /usr/lib -name libxt_REDIRECT.so -o -name libxt_conntrack.so | head -1)")"
mkdir -p "$root$extensions"
cp -L "$extensions"/*.so "$root$extensions/"
install -D -m 644 envoy_bootstrap.json "$root/var/lib/istio/envoy/envoy_bootstrap_tmpl.json"
pack "$root" "mesh/proxyv2:$istio_tag" '"Entrypoint":["/usr/local/bin/pilot-agent"]'

sample() { # FILE: the image that a sample names
  awk '$1 == "image:" || ($1 == "-" && $2 == "image:") { print $NF; exit }' "samples/$1.yaml"
}
base "$work/curl"
put "$work/curl" /usr/bin/curl
pack "$work/curl" "$(sample curl)" '"User":"100:101"'

base "$work/httpbin"
install -m 755 go-httpbin "$work/httpbin/bin/go-httpbin"
pack "$work/httpbin" "$(sample httpbin)" '"Cmd":["/bin/go-httpbin"],"User":"65534:65534"'

base "$work/echo"
install -m 755 echo "$work/echo/bin/server"
pack "$work/echo" mesh/echo:1 '"Entrypoint":["/bin/server"],"User":"65534:65534"'

base "$work/coredns"
install -m 755 coredns "$work/coredns/coredns"
pack "$work/coredns" mesh/coredns:1 '"Entrypoint":["/coredns"]'
