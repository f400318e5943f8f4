#!/usr/bin/env bash
# Sees contract/breaking.sh refuse what breaks clients, and let pass what does not. Each case is a change of the released
# document by one expression for awk or sed.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
failed=0

# case_of breaks|passes NAME SED-EXPRESSION
case_of() {
  sed -E "$3" "$here/released.yaml" >"$work/changed.yaml"
  if cmp -s "$here/released.yaml" "$work/changed.yaml"; then
    printf 'FAILED %s: the expression changes nothing\n' "$2" >&2
    failed=1
    return
  fi
  local verdict=passes
  "$here/breaking.sh" "$work/changed.yaml" >"$work/said" 2>&1 || verdict=breaks
  if [ "$verdict" != "$1" ]; then
    printf 'FAILED %s: %s, expected %s\n' "$2" "$verdict" "$1" >&2
    cat "$work/said" >&2
    failed=1
  else
    printf '%s: %s\n' "$2" "$verdict"
  fi
}

case_of breaks "a path that is gone" 's|^  /api/v1/findings:|  /api/v1/hazards:|'
case_of breaks "a parameter that is gone" '/^      operationId: listFindings/,/responses:/ s/name: severity/name: gravity/'
case_of breaks "a field of an answer that is gone" '/^    Cell:/,/^    [A-Z]/ s/^        httpCode:/        code:/'
case_of breaks "another type of a field" '/^    Cell:/,/^    [A-Z]/ { /httpCode:/,/format/ s/int32/int64/; /httpCode:/,/integer/ s/integer/string/ }'
case_of breaks "a new field that a body must have" '/^    PlanBody:/,/^    [A-Z]/ s/^      - name$/      - name\n      - target/'
case_of passes "a new description" 's/^      summary: .*Start a plan.*/      summary: Let a plan begin/'
case_of passes "a new value of an enum in answers" 's/^      - EQUAL_TIMESTAMPS_ON_AMBIENT$/&\n      - ONE_MORE/'
[ "$failed" = 0 ]
