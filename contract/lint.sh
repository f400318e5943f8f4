#!/usr/bin/env bash
# Lints a document with contract/ruleset.yaml and fails on any finding, hints included. Without a name it is what make
# package has written as JSON: in YAML vacuum takes instants in examples for timestamps, which no schema of strings takes.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
document="${1:-$here/../target/openapi/openapi.json}"
tools="$("$here/tools/build.sh" vacuum)"
"$tools/vacuum" lint --ruleset "$here/ruleset.yaml" --details --no-style --no-banner --fail-severity info "$document"
