# fish completion of mtls-migration.
function __mtls_migration
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l answer ($words[1] __complete $words[2..-1] "$current" 2> /dev/null)
    if test (count $answer) -gt 1
        printf '%s\n' $answer[1..-2]
    else if test "$answer[1]" = ":0"
        __fish_complete_path "$current"
    end
end
complete -c mtls-migration -f -a '(__mtls_migration)'
