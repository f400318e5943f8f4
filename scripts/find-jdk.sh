#!/usr/bin/env bash
# Prints the JAVA_HOME of the newest JDK on this machine that can build the project, or says what to install.
#
# The newest wins wherever it lies: JAVA_HOME and PATH often still name an older one. Runs on the bash 3.2
# of macOS, so no mapfile and no associative arrays.
set -euo pipefail

readonly MINIMUM=21
# Only the tests set this: the folder that stands in for `/`.
readonly ROOT="${FIND_JDK_ROOT:-}"

candidates() {
  local javac
  [ -z "${JAVA_HOME:-}" ] || printf '%s\n' "$JAVA_HOME"
  if javac="$(command -v javac)"; then
    home_of "$javac"
  fi
  local home
  for home in \
    "$ROOT"/usr/lib/jvm/* \
    "$ROOT"/opt/* \
    "$HOME"/.sdkman/candidates/java/* \
    "$HOME"/.jdks/* \
    "$ROOT"/Library/Java/JavaVirtualMachines/*/Contents/Home; do
    printf '%s\n' "$home"
  done
}

# The folder above bin/ of an executable, through any links.
home_of() {
  local file="$1" link
  while [ -L "$file" ]; do
    link="$(readlink "$file")"
    case "$link" in
      /*) file="$link" ;;
      *) file="$(dirname "$file")/$link" ;;
    esac
  done
  (cd "$(dirname "$file")/.." && pwd -P)
}

# 25.0.1 of a JDK; nothing of a JRE, or of anything else.
version_of() {
  local home="$1" version=""
  [ -x "$home/bin/javac" ] || return 0
  if [ -r "$home/release" ]; then
    version="$(sed -n 's/^JAVA_VERSION="\(.*\)"$/\1/p' "$home/release")"
  fi
  if [ -z "$version" ]; then
    version="$("$home/bin/javac" -version 2>&1 </dev/null | sed -n 's/^javac \([0-9][^ ]*\).*/\1/p')" || version=""
  fi
  printf '%s\n' "$version"
}

# A key that sorts as versions do: 25.0.9 before 25.0.10.
sort_key() {
  printf '%s\n' "$1" | awk -F'[^0-9]+' '{ printf "%05d.%05d.%05d.%05d", $1, $2, $3, $4 }'
}

newest="" newest_key="" found=""
while IFS= read -r home; do
  version="$(version_of "$home")"
  [ -n "$version" ] || continue
  found="$found  $version in $home"$'\n'
  major="${version%%[!0-9]*}"
  [ "${major:-0}" -ge "$MINIMUM" ] || continue
  key="$(sort_key "$version")"
  if [ -z "$newest" ] || [[ "$key" > "$newest_key" ]]; then
    newest="$home" newest_key="$key"
  fi
done < <(candidates)

if [ -n "$newest" ]; then
  (cd "$newest" && pwd -P)
  exit 0
fi

{
  echo "This build needs a JDK (with javac) of version $MINIMUM or newer; none was found."
  if [ -n "$found" ]; then
    echo "Found only:"
    printf '%s' "$found" | sort -u
  fi
  cat <<EOF
Install one:
  Debian 13, Ubuntu 24.04 or newer   sudo apt-get install openjdk-21-jdk-headless
  Debian 12                          add Adoptium's repository (https://adoptium.net/installation/linux),
                                     then: sudo apt-get install temurin-25-jdk
  Fedora                             sudo dnf install java-latest-openjdk-devel
  macOS                              brew install --cask temurin
Looked at: JAVA_HOME, PATH, /usr/lib/jvm, /opt, ~/.sdkman/candidates/java, ~/.jdks,
/Library/Java/JavaVirtualMachines.
EOF
} >&2
exit 1
