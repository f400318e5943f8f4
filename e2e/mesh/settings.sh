# Names and addresses of the mesh, and how to run something in it; sourced by the other scripts.
# shellcheck shell=bash disable=SC2034
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
home="${XDG_CACHE_HOME:-$HOME/.cache}/mtls-migration"

# One mesh a machine: its state lies here, whoever started it.
state="$home/mesh"
kubeconfig="$state/kubeconfig"

# What the machine's own loopback shows of it.
api_port=16443
service_port=16480
prometheus_port=16490

# The rest is seen by the mesh alone, which has a network of its own.
node=mesh-node
node_ip=10.88.0.2
service_cidr=10.96.0.0/16
pod_cidr=10.244.0.0/24
api_ip=10.96.0.1
dns_ip=10.96.0.10
migration_ip=10.96.0.80
istio_tag=1.31.0-mesh

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

say() { printf 'e2e/mesh: %s\n' "$*" >&2; }

# started PID: when a process was started, in the kernel's ticks; nothing when there is none. A number alone may be
# somebody else's by now.
started() { awk '{ sub(/.*\) /, ""); print $20 }' "/proc/$1/stat" 2>/dev/null || true; }

# keep NAME PID: notes a process of ours, to be found again by `alive` in another run.
keep() { printf '%s %s\n' "$2" "$(started "$2")" >"$state/pid/$1"; }

# alive NAME: prints the process that was noted, if it is still that one.
alive() {
  local pid since
  [ -e "$state/pid/$1" ] && read -r pid since <"$state/pid/$1" && [ -n "$since" ] || return 1
  [ "$(started "$pid")" = "$since" ] || return 1
  printf '%s\n' "$pid"
}

# inside COMMAND…: runs it in the mesh's namespaces, where $state is /run/mesh and the programs are in /run/programs.
inside() {
  local pid
  pid="$(alive node)" || fail "the mesh is not up: make mesh-up"
  nsenter --target "$pid" --mount --uts --ipc --net --pid -- env -i HOME=/root \
    PATH=/run/programs:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

containers() { inside ctr --address /run/containerd.sock --namespace k8s.io "$@"; }
