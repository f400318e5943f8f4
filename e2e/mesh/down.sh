#!/usr/bin/env bash
# Ends the mesh, whatever state it is in, and undoes what it has changed of the machine. Its logs stay until the next one.
set -euo pipefail
# shellcheck source=settings.sh
source "$(dirname "${BASH_SOURCE[0]}")/settings.sh"

[ "$(id -u)" -eq 0 ] || fail "needs root"
mkdir -p "$state/pid"

# end NAME: by SIGKILL, for the kernel ends what runs in the namespaces of the first process with it.
end() {
  local pid
  pid="$(alive "$1")" || return 0
  kill -KILL "$pid"
  for _ in $(seq 300); do
    [ -n "$(alive "$1" || true)" ] && grep -qs '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$pid/status" || return 0
    sleep 0.1
  done
  fail "process $pid ($1) does not end"
}

end node
for relay in api service prometheus; do
  end "outside-$relay"
done
rm -rf "$state/pid" "$state/complete"

# The deepest first. The last processes may take a moment to leave.
for _ in $(seq 50); do
  left=0
  for group in /sys/fs/cgroup/"$node" /sys/fs/cgroup/*/"$node"; do
    if [ -d "$group" ]; then
      find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || left=1
    fi
  done
  [ "$left" = 1 ] || break
  sleep 0.1
done
[ "$left" = 0 ] || say "some cgroups under $node could not be removed"

if [ -e "$state/sysctl.conf" ]; then
  sysctl -q -p "$state/sysctl.conf"
  rm -f "$state/sysctl.conf"
fi
rm -rf --one-file-system "${state:?}"/{cni,containerd,etcd,folder,kubelet,kubectl-cache,pki,prometheus,relay,run,var}
rm -f "${state:?}"/*.{yaml,yml,toml,tmpl,conf} "$state/kubeconfig"
