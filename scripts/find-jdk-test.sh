#!/usr/bin/env bash
# Tests of find-jdk.sh on folders that only look like JDKs.
set -euo pipefail

here="$(cd "$(dirname "$0")" && pwd -P)"
tools="$(mktemp -d)"
sandbox=""
passed=0 failed=0
trap 'rm -rf "$tools" "$sandbox"' EXIT

# A PATH with what the script itself needs, and without any javac of this machine.
for tool in awk bash cat dirname readlink sed sort; do
  ln -s "$(command -v "$tool")" "$tools/$tool"
done

# jdk HOME VERSION [no-release]
jdk() {
  local home="$sandbox/$1"
  mkdir -p "$home/bin"
  printf '#!/bin/sh\necho "javac %s"\n' "$2" >"$home/bin/javac"
  chmod +x "$home/bin/javac"
  [ "${3:-}" = no-release ] || printf 'IMPLEMENTOR="x"\nJAVA_VERSION="%s"\n' "$2" >"$home/release"
}

# Runs find-jdk.sh with nothing but the fake machine; arguments are NAME=value for its environment.
find_jdk() {
  env -i PATH="$tools" HOME="$sandbox/home" FIND_JDK_ROOT="$sandbox" "$@" \
    bash "$here/find-jdk.sh" 2>"$sandbox/stderr"
}

check() {
  if [ "$2" = "$3" ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAILED %s\n  expected: %s\n  was:      %s\n' "$1" "$2" "$3"
  fi
}

given() {
  [ -z "$sandbox" ] || rm -rf "$sandbox"
  sandbox="$(cd "$(mktemp -d)" && pwd -P)"
  mkdir -p "$sandbox/home"
}

given
jdk usr/lib/jvm/jdk-21 21.0.8
jdk usr/lib/jvm/temurin-25 25.0.9
jdk opt/jdk-25 25.0.10
check takes_the_newest_and_compares_numbers "$sandbox/opt/jdk-25" "$(find_jdk)"

given
jdk elsewhere/jdk-21 21.0.1
jdk opt/jdk-25 25
check does_not_prefer_JAVA_HOME_to_a_newer_one "$sandbox/opt/jdk-25" \
  "$(find_jdk JAVA_HOME="$sandbox/elsewhere/jdk-21")"

given
jdk elsewhere/jdk-26 26-ea
jdk opt/jdk-25 25.0.1
check takes_JAVA_HOME_when_it_is_the_newest "$sandbox/elsewhere/jdk-26" \
  "$(find_jdk JAVA_HOME="$sandbox/elsewhere/jdk-26")"

given
jdk opt/jdk-21 21.0.2
check survives_a_JAVA_HOME_that_is_gone "$sandbox/opt/jdk-21" "$(find_jdk JAVA_HOME=/nowhere)"

given
jdk elsewhere/jdk-21 21.0.2
mkdir -p "$sandbox/bin"
ln -s ../elsewhere/jdk-21/bin/javac "$sandbox/bin/javac"
check follows_links_on_PATH "$sandbox/elsewhere/jdk-21" "$(find_jdk PATH="$tools:$sandbox/bin")"

given
jdk home/.sdkman/candidates/java/21-tem 21.0.2
jdk home/.jdks/temurin-22 22.0.2
jdk "Library/Java/JavaVirtualMachines/temurin 23.jdk/Contents/Home" 23.0.2
check looks_in_the_folders_of_macOS "$sandbox/Library/Java/JavaVirtualMachines/temurin 23.jdk/Contents/Home" "$(find_jdk)"
rm -r "$sandbox/Library"
check looks_in_the_folders_of_IntelliJ "$sandbox/home/.jdks/temurin-22" "$(find_jdk)"
rm -r "$sandbox/home/.jdks"
check looks_in_the_folders_of_SDKMAN "$sandbox/home/.sdkman/candidates/java/21-tem" "$(find_jdk)"

given
jdk opt/jdk-24 24.0.1 no-release
check asks_javac_when_there_is_no_release_file "$sandbox/opt/jdk-24" "$(find_jdk)"

given
mkdir -p "$sandbox/opt/jre-25/bin"
printf 'JAVA_VERSION="25"\n' >"$sandbox/opt/jre-25/release"
jdk opt/jdk-21 21.0.2
check skips_a_JRE "$sandbox/opt/jdk-21" "$(find_jdk)"

given
jdk usr/lib/jvm/jdk-8 1.8.0_402
jdk usr/lib/jvm/jdk-17 17.0.15
status=0
out="$(find_jdk)" || status=$?
check fails_when_all_are_too_old 1 "$status"
check prints_no_home_when_it_fails "" "$out"
check names_what_it_found "  17.0.15 in $sandbox/usr/lib/jvm/jdk-17" "$(grep 17.0.15 "$sandbox/stderr")"
for system in Debian Fedora macOS; do
  check "says_what_to_install_on_$system" yes \
    "$(if grep -q "$system .*install" "$sandbox/stderr"; then echo yes; else echo no; fi)"
done

given
status=0
find_jdk >/dev/null || status=$?
check fails_without_any_JDK 1 "$status"

echo "find-jdk.sh: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
