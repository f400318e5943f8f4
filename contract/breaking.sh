#!/usr/bin/env bash
# Compares a document (openapi.yaml unless one is named) with the one of the last release, contract/released.yaml, and
# fails when a client of that release could break: on what oasdiff calls an error, and on what it warns of.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
document="${1:-$here/../openapi.yaml}"
tools="$("$here/tools/build.sh" oasdiff)"
# Values of enums in answers may grow (docs/api.md).
"$tools/oasdiff" breaking --fail-on WARN --severity-levels "$here/severity.txt" "$here/released.yaml" "$document"
