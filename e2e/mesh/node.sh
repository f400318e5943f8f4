#!/usr/bin/env bash
# The first process of the mesh, in namespaces of its own for mounts, processes and network: whatever runs in the mesh
# ends with it, and so do its mounts and its network. Started by up.sh, with the folder of the programs as $1.
#
# Here the state is /run/mesh and the programs are /run/programs: short, for the path of a socket has 107 bytes.
set -euo pipefail
# shellcheck source=settings.sh
source "$(dirname "${BASH_SOURCE[0]}")/settings.sh"

# /proc is still the machine's, and calls this process what others call it.
read -r pid _ </proc/self/stat
keep node "$pid"

# Nothing that is mounted from here on shows outside.
mount --make-rprivate /
mkdir -p "$state"/{containerd,etcd,kubelet,log,prometheus,relay,run,var/lib,var/log,var/tmp}
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/mesh /run/programs /run/lock
mount --bind "$state" /run/mesh
mount --bind "$1" /run/programs
mount -t proc proc /proc
# kubelet and the plugins of CNI have fixed places there.
mount --bind /run/mesh/var /var
# kubelet wants mounts that it may pass on to containers.
mount --make-rshared /
export PATH="/run/programs:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
hostname "$node"
cd /run/mesh

# The node's address is on one end of a pair whose other end is here, too: no packet leaves.
ip link set lo up
ip link add mesh0 type veth peer name mesh1
ip link set mesh1 up
ip address add "$node_ip/24" dev mesh0
ip link set mesh0 up
ip route add default dev mesh0 src "$node_ip"
sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.route_localnet=1
sysctl -qw net.bridge.bridge-nf-call-iptables=1 2>/dev/null || true

# always NAME COMMAND…: runs it, and again whenever it ends, as an init system would.
always() {
  local name="$1"
  shift
  (
    while :; do
      "$@" >>"log/$name.log" 2>&1 </dev/null &
      echo $! >"run/$name"
      wait $! || true
      echo "--- $name has ended and is started again" >>"log/$name.log"
      sleep 1
    done
  ) &
}

always etcd etcd --name node --data-dir etcd --unsafe-no-fsync \
  --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
  --listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 \
  --initial-cluster node=http://127.0.0.1:2380
always kube-apiserver kube-apiserver --etcd-servers=http://127.0.0.1:2379 --secure-port=6443 \
  --advertise-address="$node_ip" --service-cluster-ip-range="$service_cidr" --allow-privileged=true \
  --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --profiling=false \
  --client-ca-file=pki/ca.crt --tls-cert-file=pki/apiserver.crt --tls-private-key-file=pki/apiserver.key \
  --kubelet-client-certificate=pki/apiserver-to-kubelet.crt --kubelet-client-key=pki/apiserver-to-kubelet.key \
  --kubelet-certificate-authority=pki/ca.crt --kubelet-preferred-address-types=InternalIP \
  --service-account-issuer=https://kubernetes.default.svc --service-account-key-file=pki/accounts.pub \
  --service-account-signing-key-file=pki/accounts.key
always containerd containerd --config containerd.toml
# These wait for the API server by themselves.
always kube-controller-manager kube-controller-manager --kubeconfig=pki/admin.kubeconfig --leader-elect=false \
  --bind-address=127.0.0.1 --root-ca-file=pki/ca.crt --service-account-private-key-file=pki/accounts.key \
  --use-service-account-credentials --cluster-signing-cert-file=pki/ca.crt --cluster-signing-key-file=pki/ca.key
always kube-scheduler kube-scheduler --kubeconfig=pki/admin.kubeconfig --leader-elect=false --bind-address=127.0.0.1
always kubelet kubelet --config=kubelet.yaml --kubeconfig=pki/kubelet.kubeconfig --hostname-override="$node" \
  --node-ip="$node_ip" --root-dir=/run/mesh/kubelet --cert-dir=/run/mesh/pki/kubelet
always kube-proxy kube-proxy --kubeconfig=pki/kube-proxy.kubeconfig --hostname-override="$node" --proxy-mode=iptables \
  --cluster-cidr="$pod_cidr" --metrics-bind-address=127.0.0.1:10249 --healthz-bind-address=127.0.0.1:10256 \
  --conntrack-max-per-core=0 --conntrack-tcp-timeout-established=0s --conntrack-tcp-timeout-close-wait=0s

# A file's socket is reached from every network: the other ends of these are on the machine's loopback.
always relay-api socat UNIX-LISTEN:relay/api,fork,unlink-early TCP:127.0.0.1:6443
always relay-service socat UNIX-LISTEN:relay/service,fork,unlink-early "TCP:$migration_ip:8080"
always relay-prometheus socat UNIX-LISTEN:relay/prometheus,fork,unlink-early TCP:127.0.0.1:9090

# Debian's Prometheus does not discover pods: it is told of those whose sidecars offer metrics.
targets() {
  while :; do
    kubectl --kubeconfig=pki/admin.kubeconfig get pods --all-namespaces -o go-template-file=targets.tmpl \
      >prometheus/targets.partial && mv prometheus/targets.partial prometheus/targets.json
    sleep 3
  done
}
always targets targets
always prometheus prometheus --config.file=prometheus.yml --storage.tsdb.path=prometheus/data \
  --web.listen-address=0.0.0.0:9090

# Reaps what loses its parent, too, until up.sh or down.sh ends it.
while :; do wait -n || sleep 1; done
