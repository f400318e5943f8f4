#!/usr/bin/env bash
# Compiles the generated clients in target/clients with the programs beside this script, and runs each against a packaged
# service of its own: test.sh java typescript python go. The lines of README.md are part of what runs.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$here/.."
target="$root/target/clients"
logs="$target/logs"
mkdir -p "$logs"
# shellcheck source=scripts/packaged-service.sh
. "$root/scripts/packaged-service.sh"
java_home="$("$root/scripts/find-jdk.sh")"
cd "$root"

# shown HEADING: the code under a heading of README.md.
shown() {
  awk -v heading="## $1" '$0 == heading { here = 1; next } /^## / { here = 0 } here && /^```/ { code = !code; next } here && code' "$here/README.md"
}

# played FILE: what runs between "begin README" and "end README", without its indentation.
played() {
  awk '/end README/ { on = 0 } on { if (!known) { match($0, /^[ \t]*/); known = RLENGTH + 1 } print substr($0, known) } /begin README/ { on = 1 }' "$1"
}

# same HEADING FILE
same() {
  [ -n "$(played "$2")" ] || { echo "$2 has no lines of README.md" >&2; return 1; }
  diff <(shown "$1") <(played "$2") || { echo "clients/README.md shows other lines than $2 runs" >&2; return 1; }
}

# environment NAME REQUIREMENTS: a virtual environment of Python, made anew when what it is made of changes.
environment() {
  local folder
  folder="${XDG_CACHE_HOME:-$HOME/.cache}/mtls-migration/clients/$1-$( (cat "$2"; python3 --version) | sha256sum | cut -c1-16)"
  if [ ! -e "$folder/complete" ]; then
    rm -rf "$folder"
    python3 -m venv "$folder"
    "$folder/bin/pip" install --quiet --disable-pip-version-check -r "$2"
    touch "$folder/complete"
  fi
  printf '%s\n' "$folder"
}

build_java() {
  same Java "$here/java/Task.java"
  local classpath
  # Jackson and the annotations come with the service; a project of its own takes them from the generated pom.xml.
  classpath="$(printf '%s:' target/quarkus-app/lib/main/*.jar)"
  rm -rf "$target/java-classes"
  mkdir -p "$target/java-classes"
  find "$target/java/src/main/java" "$here/java" -name '*.java' >"$target/java-sources"
  "$java_home/bin/javac" --release 21 -nowarn -proc:none -d "$target/java-classes" -cp "$classpath" "@$target/java-sources"
}

run_java() {
  "$java_home/bin/java" -cp "$target/java-classes:$(printf '%s:' target/quarkus-app/lib/main/*.jar)" Task "$1"
}

build_python() {
  same Python "$here/python/task.py"
  python="$(environment python "$target/python/requirements.txt")"
}

run_python() {
  PYTHONPATH="$target/python" "$python/bin/python" -W error::SyntaxWarning "$here/python/task.py" "$1"
}

build_go() {
  same Go "$here/go/main.go"
  (cd "$here/go" && CGO_ENABLED=0 GOFLAGS="-mod=readonly -buildvcs=false" GOWORK=off go vet . && CGO_ENABLED=0 GOFLAGS="-mod=readonly -buildvcs=false" GOWORK=off go build -o "$target/go-task" .)
}

run_go() { "$target/go-task" "$1"; }

build_typescript() {
  same TypeScript "$here/typescript/task.ts"
  scripts/mvn --batch-mode --no-transfer-progress --quiet -Pclients dependency:unpack@typescript
  node="$(environment typescript "$here/typescript/requirements.txt")/bin/node"
  local compiler
  compiler="$(find "$target/compiler" -path '*/lib/tsc.js')"
  "$node" "$compiler" -p "$here/typescript"
}

run_typescript() { "$node" "$target/typescript-js/clients/typescript/task.js" "$1"; }

services=()
end() {
  local pid
  for pid in ${services[@]+"${services[@]}"}; do
    stop_service "$pid"
  done
}
trap end EXIT

for language in "$@"; do
  begin=$SECONDS
  "build_$language"
  echo "$language: compiled in $((SECONDS - begin)) s"
done

# The task waits for its last plaintext client to stop, so all play it at the same time.
players=()
for language in "$@"; do
  start_service "$logs/$language-service.log"
  services+=("$SERVICE_PID")
  "run_$language" "$SERVICE_URL" >"$logs/$language.log" 2>&1 &
  players+=($!)
done
failed=0
index=0
for language in "$@"; do
  verdict=passed
  wait "${players[$index]}" || verdict=FAILED
  index=$((index + 1))
  echo "== $language: $verdict"
  cat "$logs/$language.log"
  [ "$verdict" = passed ] || failed=1
done
[ "$failed" = 0 ]
