#!/usr/bin/env bash
# Runs a command in the mesh's namespaces: `e2e/mesh/inside.sh ip address`. Its state is /run/mesh there, and the numbers
# of the processes that keep it going are in /run/mesh/run.
set -euo pipefail
# shellcheck source=settings.sh
source "$(dirname "${BASH_SOURCE[0]}")/settings.sh"
inside "$@"
