#!/usr/bin/env bash
# Installs the service in the mesh from k8s/, with the image in the tar $1, and waits until every replica runs it.
# What an earlier one has left of its plans goes first.
set -euo pipefail
# shellcheck source=settings.sh
source "$(dirname "${BASH_SOURCE[0]}")/settings.sh"
kubectl() { "$(cat "$state/folder")/kubectl" --kubeconfig="$kubeconfig" --cache-dir="$state/kubectl-cache" "$@"; }

containers images import - <"$1" >>"$state/log/images.log"
if kubectl get crd migrationplans.mtls-migration.io >/dev/null 2>&1; then
  kubectl -n mtls-migration scale deployment mtls-migration --replicas=0 >/dev/null
  kubectl -n mtls-migration wait --for=delete pod -l app.kubernetes.io/name=mtls-migration --timeout=60s >/dev/null
  for plan in $(kubectl get migrationplans -o name); do
    kubectl patch "$plan" --type=merge -p '{"metadata":{"finalizers":null}}' >/dev/null
  done
  kubectl delete --all-namespaces --all migrationplans,namespacemigrations,peerauthentications >/dev/null
fi
kubectl apply --server-side -k "$here/service" >/dev/null
kubectl -n mtls-migration rollout status deployment mtls-migration --timeout=180s >/dev/null
say "the service is at http://127.0.0.1:$service_port"
