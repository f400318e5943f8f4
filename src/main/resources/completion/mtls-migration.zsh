#compdef mtls-migration
# zsh completion of mtls-migration.
_mtls_migration() {
  local -a answer
  local directive
  answer=("${(@f)$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2> /dev/null)}")
  directive="${answer[-1]}"
  answer[-1]=()
  if (( ${#answer} )); then
    compadd -- "${answer[@]}"
  elif [[ "$directive" == ":0" ]]; then
    _files
  fi
}
if [[ "${funcstack[1]}" == "_mtls-migration" ]]; then
  _mtls_migration "$@"
else
  compdef _mtls_migration mtls-migration
fi
