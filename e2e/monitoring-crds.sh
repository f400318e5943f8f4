#!/usr/bin/env bash
# Writes the custom resource definitions of the Prometheus Operator that the end-to-end tests install to
# src/test/resources/monitoring-crds, one file each, as it publishes them (needs Go).
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
out="$here/../src/test/resources/monitoring-crds"
version=v0.92.1

module="$(cd "$(mktemp -d)" && go mod download -json "github.com/prometheus-operator/prometheus-operator@$version" |
  sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')"
mkdir -p "$out"
rm -f "$out"/*.yaml
for name in podmonitors prometheusrules servicemonitors; do
  {
    printf '# Copyright The prometheus-operator Authors. Licensed under the Apache License 2.0. Unchanged from\n'
    printf '# github.com/prometheus-operator/prometheus-operator %s.\n' "$version"
    cat "$module/example/prometheus-operator-crd/monitoring.coreos.com_$name.yaml"
  } >"$out/$name.monitoring.coreos.com.yaml"
done
