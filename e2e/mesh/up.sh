#!/usr/bin/env bash
# Brings the mesh up: a node of Kubernetes with Istio, and the workloads of Istio's task in foo, bar and legacy.
# Nothing is done when it is up already; what a run that was killed has left behind goes first.
set -euo pipefail
# shellcheck source=settings.sh
source "$(dirname "${BASH_SOURCE[0]}")/settings.sh"

missing="$("$here/possible.sh")" || fail "$missing"
begin=$SECONDS
lap=$SECONDS
took() {
  say "$1: $((SECONDS - lap)) s"
  lap=$SECONDS
}

folder="$("$here/build.sh")"
took "programs and images"
if alive node >/dev/null && [ "$(cat "$state/folder" 2>/dev/null)" = "$folder" ] && [ -e "$state/complete" ]; then
  say "is up: export KUBECONFIG=$kubeconfig"
  exit 0
fi
"$here/down.sh"
mkdir -p "$state"/{pid,log,relay,pki,prometheus}
printf '%s\n' "$folder" >"$state/folder"
kubectl() { "$folder/kubectl" --kubeconfig="$kubeconfig" --cache-dir="$state/kubectl-cache" "$@"; }

# until_true SECONDS WHAT COMMAND…
until_true() {
  local limit=$((SECONDS + $1)) what="$2"
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$limit" ] || fail "$what takes too long: see $state/log"
    sleep 0.2
  done
}

"$here/certificates.sh"

# kubelet sets these for the whole machine, and its own cgroup has to be there; down.sh undoes both.
sysctl vm.overcommit_memory vm.panic_on_oom kernel.panic kernel.panic_on_oops kernel.keys.root_maxkeys \
  kernel.keys.root_maxbytes >"$state/sysctl.conf"
for controller in /sys/fs/cgroup /sys/fs/cgroup/*; do
  if [ -e "$controller/cgroup.procs" ]; then
    if [ -e "$controller/cgroup.subtree_control" ] && [ "$controller" = /sys/fs/cgroup ]; then
      mkdir -p "$controller/$node"
      break
    fi
    [ ! -e "$controller/tasks" ] || mkdir -p "$controller/$node"
  fi
done

write() { # FILE, from standard input, with the settings in it
  sed -e "s|@node@|$node|g" -e "s|@node_ip@|$node_ip|g" -e "s|@pod_cidr@|$pod_cidr|g" -e "s|@dns_ip@|$dns_ip|g" \
    -e "s|@istio_tag@|$istio_tag|g" >"$state/$1"
}
for file in containerd.toml kubelet.yaml network.conflist prometheus.yml targets.tmpl coredns.yaml istio.yaml; do
  write "$file" <"$here/manifests/$file"
done
mkdir -p "$state/cni"
mv "$state/network.conflist" "$state/cni/"
printf 'nameserver %s\n' "$node_ip" >"$state/resolv.conf"

# In a session of its own, so that an interrupt of this script is none of the mesh.
setsid unshare --mount --uts --ipc --net --pid --fork -- "$here/node.sh" "$folder" \
  </dev/null >>"$state/log/node.log" 2>&1 &
until_true 10 "the node" alive node
cd "$state"
relay() { # NAME PORT
  setsid socat "TCP-LISTEN:$2,bind=127.0.0.1,fork,reuseaddr" "UNIX-CONNECT:relay/$1" \
    </dev/null >>"log/outside-$1.log" 2>&1 &
  keep "outside-$1" $!
}
relay api "$api_port"
relay service "$service_port"
relay prometheus "$prometheus_port"
until_true 60 "kube-apiserver" kubectl get --raw=/readyz
took "etcd and kube-apiserver"

until_true 30 "containerd" containers version
for image in "$folder"/images/*.tar; do
  containers images import "/run/programs/images/${image##*/}" >>log/images.log 2>&1
done
took "images"
until_true 60 "kubelet" kubectl get node "$node"
kubectl wait --for=condition=Ready "node/$node" --timeout=60s >/dev/null
took "node"

kubectl apply --server-side -f coredns.yaml >/dev/null
inside istioctl install --kubeconfig=/run/mesh/pki/admin.kubeconfig -y -f /run/mesh/istio.yaml \
  --readiness-timeout 120s >log/istioctl.log 2>&1 || fail "istioctl install has failed: see $state/log/istioctl.log"
kubectl apply --server-side -f "$here/manifests/requests-total.yaml" >/dev/null
took "istiod"

kubectl apply --server-side -f "$here/manifests/namespaces.yaml" >/dev/null
for namespace in foo bar; do
  kubectl apply --server-side -n "$namespace" -f "$folder/samples/httpbin.yaml" -f "$folder/samples/curl.yaml" >/dev/null
done
kubectl apply --server-side -n legacy -f "$folder/samples/curl.yaml" >/dev/null
kubectl -n kube-system rollout status deployment coredns --timeout=60s >/dev/null
for namespace in foo bar legacy; do
  kubectl -n "$namespace" wait --for=condition=Available deployment --all --timeout=120s >/dev/null
done
took "workloads of the task"
touch complete
say "up in $((SECONDS - begin)) s: export KUBECONFIG=$kubeconfig"
