# To be sourced: starts what make package has left, on any free port, and stops it again.
# shellcheck shell=bash

# BINARY=target/…-runner takes a native binary in place of the jar.
# start_service LOG [JVM-OPTION… -- PROGRAM-ARGUMENT…]: sets SERVICE_PID and SERVICE_URL.
start_service() {
  local log="$1" options=() program
  shift
  program="${BINARY:-$(dirname "${BASH_SOURCE[0]}")/../target/quarkus-app/quarkus-run.jar}"
  [ -e "$program" ] || { echo "$program is missing: run make package, or make native" >&2; return 1; }
  while [ $# -gt 0 ] && [ "$1" != -- ]; do
    options+=("$1")
    shift
  done
  [ $# -eq 0 ] || shift
  options=(-Xmx512m -Dquarkus.http.port=0 -Dquarkus.management.port=0 ${options[@]+"${options[@]}"})
  if [ -n "${BINARY:-}" ]; then
    set -- "$program" "${options[@]}" "$@"
  else
    set -- "$("$(dirname "${BASH_SOURCE[0]}")/find-jdk.sh")/bin/java" "${options[@]}" -jar "$program" "$@"
  fi
  "$@" >"$log" 2>&1 &
  SERVICE_PID=$!
  local tries=0 port=""
  while [ -z "$port" ]; do
    port="$(sed -n -E 's|.*Listening on: http://[^:]+:([0-9]+).*|\1|p' "$log" | head -1)"
    [ -n "$port" ] && break
    tries=$((tries + 1))
    if [ "$tries" -gt 600 ] || ! kill -0 "$SERVICE_PID" 2>/dev/null; then
      echo "the service does not start:" >&2
      cat "$log" >&2
      return 1
    fi
    sleep 0.2
  done
  # shellcheck disable=SC2034 # for who sources this
  SERVICE_URL="http://127.0.0.1:$port"
}

stop_service() {
  kill "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}
