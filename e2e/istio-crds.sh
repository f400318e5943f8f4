#!/usr/bin/env bash
# Writes the custom resource definitions of Istio that the end-to-end tests install to src/test/resources/istio-crds,
# one file each, as Istio publishes them: from the very version that oracle/go.mod names (needs Go).
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
out="$here/../src/test/resources/istio-crds"
# What the service reads or writes; the other kinds of Istio do not concern it.
names="authorizationpolicies.security.istio.io peerauthentications.security.istio.io
  destinationrules.networking.istio.io envoyfilters.networking.istio.io gateways.networking.istio.io
  serviceentries.networking.istio.io sidecars.networking.istio.io workloadentries.networking.istio.io
  workloadgroups.networking.istio.io telemetries.telemetry.istio.io"

cd "$here/../oracle"
go mod download istio.io/istio
module="$(go list -m -f '{{.Dir}}' istio.io/istio)"
version="$(go list -m -f '{{.Version}}' istio.io/istio)"

mkdir -p "$out"
rm -f "$out"/*.yaml
awk -v out="$out" -v names="$names" -v source="istio.io/istio $version, manifests/charts/base/files/crd-all.gen.yaml" '
  function flush() {
    if (name in wanted) {
      file = out "/" name ".yaml"
      printf "# Copyright Istio Authors. Licensed under the Apache License 2.0. Unchanged from\n# %s.\n%s", source, text > file
      close(file)
      delete wanted[name]
    }
    text = ""
    name = ""
  }
  BEGIN { split(names, list); for (i in list) wanted[list[i]] }
  /^---/ { flush(); next }
  /^  name: / { name = $2 }
  { text = text $0 "\n" }
  END {
    flush()
    for (left in wanted) { print "Istio does not publish " left > "/dev/stderr"; missing = 1 }
    exit missing
  }' "$module/manifests/charts/base/files/crd-all.gen.yaml"
