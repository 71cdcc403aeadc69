# fish completion of dsnctl(1): verbs and options are read from its own --help.
function __dsnctl_verbs
    set -l words (commandline -opc)
    $words[1] --help 2>/dev/null | string replace -rf '^  ([a-z][a-z-]*)  +(.*)' '$1\t$2'
end

function __dsnctl_options
    set -l words (commandline -opc)
    $words[1] $words[2] --help 2>/dev/null | string replace -rf '^ *(?:-[a-z], )?(--[a-z-]+=?)\S* +(.*)' '$1\t$2'
end

complete -c dsnctl -n __fish_use_subcommand -f -a '(__dsnctl_verbs)'
complete -c dsnctl -n 'not __fish_use_subcommand' -a '(__dsnctl_options)'
