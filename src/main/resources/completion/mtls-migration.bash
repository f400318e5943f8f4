# bash completion of mtls-migration. The words are split at blanks: bash itself splits at colons, too, and so takes
# addresses apart.
_mtls_migration() {
  local line="${COMP_LINE:0:COMP_POINT}" words=() answer=() word directive
  read -ra words <<< "$line"
  case "$line" in *[[:blank:]]) words+=("") ;; esac
  while IFS= read -r word; do answer+=("$word"); done < <("${words[0]}" __complete "${words[@]:1}" 2> /dev/null)
  COMPREPLY=()
  [ "${#answer[@]}" -gt 0 ] || return 0
  directive="${answer[${#answer[@]} - 1]}"
  unset "answer[${#answer[@]} - 1]"
  COMPREPLY=("${answer[@]}")
  if [ "$directive" = :0 ]; then compopt -o default; fi
}
complete -F _mtls_migration mtls-migration
