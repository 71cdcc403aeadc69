# bash completion of dsnd(8): the options are read from its own --help.
_dsnd ()
{
    local cur prev words cword split
    _init_completion -s || return
    if [[ $prev == --config ]]; then
        _filedir
    else
        COMPREPLY=($(compgen -W "$("${words[0]}" --help 2>/dev/null | grep -o -e '--[a-z-]*' | sort -u)" -- "$cur"))
    fi
} && complete -F _dsnd dsnd
