#!/usr/bin/env bash
# Fuzzes the packaged service with schemathesis (its version is in requirements.txt), in the sandbox: once as an
# administrator and once without a token. No answer may be a 5xx, and none may be outside of the document.
#
# The same SEED asks the same again; FUZZ_SECONDS bounds each half, EXAMPLES the number of calls to each operation.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
work="$here/../target/fuzz"
# shellcheck source=scripts/packaged-service.sh
. "$here/../scripts/packaged-service.sh"
rm -rf "$work"
mkdir -p "$work"

# The environment is made anew when what it is made of changes.
environment="${XDG_CACHE_HOME:-$HOME/.cache}/mtls-migration/fuzz/$( (cat "$here/requirements.txt"; python3 --version) | sha256sum | cut -c1-16)"
if [ ! -e "$environment/complete" ]; then
  rm -rf "$environment"
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
  touch "$environment/complete"
fi

encoded() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

# A provider of identities without a server: its public key is in the service's configuration.
openssl genrsa -out "$work/key.pem" 2048 2>/dev/null
public="$(openssl rsa -in "$work/key.pem" -pubout 2>/dev/null | grep -v -- ----- | tr -d '\n')"
claims="{\"sub\":\"fuzz\",\"preferred_username\":\"fuzz\",\"groups\":[\"admins\"],\"iat\":$(date +%s),\"exp\":$(($(date +%s) + 3600))}"
unsigned="$(printf '{"alg":"RS256","typ":"JWT"}' | encoded).$(printf '%s' "$claims" | encoded)"
token="$unsigned.$(printf '%s' "$unsigned" | openssl dgst -sha256 -sign "$work/key.pem" -binary | encoded)"

start_service "$work/service.log" \
  -Dmtls-migration.auth.mode=oidc -Dmtls-migration.auth.oidc.admins=admins \
  -Dquarkus.oidc.tenant-enabled=true -Dquarkus.oidc.public-key="$public" \
  -Dquarkus.oidc.token.allow-opaque-token-introspection=false -Dquarkus.oidc.token.allow-jwt-introspection=false \
  -Dquarkus.log.handler.console.audit.enabled=false
trap 'stop_service "$SERVICE_PID"' EXIT

status="$(curl -s -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $token" "$SERVICE_URL/api/v1/mesh")"
[ "$status" = 200 ] || { echo "the token is not taken: $status" >&2; exit 1; }

# fuzz NAME OPTION…
fuzz() {
  local name="$1"
  shift
  echo "== $name"
  PYTHONPATH="$here" SCHEMATHESIS_HOOKS=fuzz_hooks PYTHONDONTWRITEBYTECODE=1 \
    "$environment/bin/schemathesis" --config-file "$here/schemathesis.toml" run "$here/../openapi.yaml" \
    --url "$SERVICE_URL" --seed "${SEED:-1}" --max-examples "${EXAMPLES:-25}" \
    --max-time "${FUZZ_SECONDS:-60}" --generation-database none --no-color "$@"
}

failed=0
# Answers of several YAML documents kill the threads of schemathesis 4.32.5, which reads each as one.
fuzz "with a token" -H "Authorization: Bearer $token" --exclude-operation-id getPlanManifests \
  --exclude-operation-id listAuthorizationPolicies --exclude-operation-id getRatchet || failed=1
# Without a token nothing is accepted, which is as it should be.
fuzz "without a token" --phases examples,coverage,fuzzing --exclude-checks positive_data_acceptance || failed=1

if grep -n "Call failed" "$work/service.log"; then
  echo "the service's log tells of calls that failed" >&2
  failed=1
fi
[ "$failed" = 0 ]
