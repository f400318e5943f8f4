#!/usr/bin/env bash
# A certificate authority, certificates, and kubeconfigs for the mesh's components and for its administrator.
set -euo pipefail
# shellcheck source=settings.sh
source "$(dirname "${BASH_SOURCE[0]}")/settings.sh"
umask 077
mkdir -p "$state/pki"
cd "$state/pki"

key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }

key ca
openssl req -x509 -new -key ca.key -subj /CN=mesh -days 30 -out ca.crt \
  -addext basicConstraints=critical,CA:true -addext keyUsage=critical,keyCertSign,digitalSignature

certificate() { # NAME SUBJECT [ALTERNATIVE NAMES]
  key "$1"
  openssl req -new -key "$1.key" -subj "$2" | openssl x509 -req -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 \
    -out "$1.crt" -extfile <(
      printf 'keyUsage=digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\n'
      [ -z "${3:-}" ] || printf 'subjectAltName=%s\n' "$3"
    ) 2>/dev/null
}

kubeconfig_of() { # NAME FILE PORT
  cat >"$2" <<END
apiVersion: v1
kind: Config
clusters:
- name: mesh
  cluster:
    server: https://127.0.0.1:$3
    certificate-authority-data: $(base64 -w0 ca.crt)
users:
- name: $1
  user:
    client-certificate-data: $(base64 -w0 "$1.crt")
    client-key-data: $(base64 -w0 "$1.key")
contexts:
- name: mesh
  context:
    cluster: mesh
    user: $1
current-context: mesh
END
}

kubernetes=kubernetes.default
names="IP:127.0.0.1,IP:$node_ip,IP:$api_ip,DNS:localhost,DNS:$kubernetes,DNS:$kubernetes.svc"
certificate apiserver /CN=kube-apiserver "$names,DNS:$kubernetes.svc.cluster.local"
certificate apiserver-to-kubelet /O=system:masters/CN=apiserver-to-kubelet
certificate kubelet "/O=system:nodes/CN=system:node:$node" "IP:$node_ip,IP:127.0.0.1,DNS:$node"
certificate kube-proxy /CN=system:kube-proxy
certificate admin /O=system:masters/CN=admin
openssl genrsa -out accounts.key 2048 2>/dev/null
openssl rsa -in accounts.key -pubout -out accounts.pub 2>/dev/null

for user in admin kubelet kube-proxy; do
  kubeconfig_of "$user" "$user.kubeconfig" 6443
done
kubeconfig_of admin "$kubeconfig" "$api_port"
