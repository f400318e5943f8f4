#!/usr/bin/env bash
# Says on standard output why no mesh can run on this machine, and ends with 1; with 0 and no word when one can.
set -euo pipefail
no() {
  printf 'no mesh can run here: %s\n' "$*"
  exit 1
}

[ "$(uname -s)" = Linux ] || no "this is not Linux"
[ "$(id -u)" -eq 0 ] || no "needs root, for namespaces, mounts and cgroups"
packages=""
need() { # PROGRAM PACKAGE
  command -v "$1" >/dev/null || packages+=" $2"
}
need containerd containerd
need runc runc
need iptables iptables
need conntrack conntrack
need socat socat
need nsenter util-linux
need ip iproute2
need sysctl procps
need openssl openssl
need curl curl
need tcpdump tcpdump
need setcap libcap2-bin
need busybox busybox-static
need prometheus prometheus
need pip python3-pip
need go golang-go
[ -x /usr/lib/cni/bridge ] || packages+=" containernetworking-plugins"
[ -z "$packages" ] || no "what these packages of Debian bring is missing:$packages"
ldd "$(command -v busybox)" >/dev/null 2>&1 && no "busybox is not static: Debian's package busybox-static is"
unshare --mount --uts --ipc --net --pid --fork true 2>/dev/null || no "namespaces may not be made"
unshare --net -- ip link add mesh0 type veth peer name mesh1 2>/dev/null || no "the kernel has no veth devices"
unshare --net -- sh -c 'ip link add mesh0 type bridge' 2>/dev/null || no "the kernel has no bridges"
unshare --net -- iptables -t nat -L >/dev/null 2>&1 || no "the kernel has no NAT for iptables"
grep -q overlay /proc/filesystems || modprobe overlay 2>/dev/null || no "the kernel has no overlayfs"
