# bash completion of dsnctl(1). Verbs, words and options are read from its own --help, and what a word of the help stands
# for tells what completes it (FILE, DIR, NAME, ...): a new option needs no change here.

# What option $1 takes: the word behind its "=" in $help.
_dsnctl_value ()
{
    sed -nE 's/^ *(-[a-z], )?'"$1"'=([^ ]+).*/\2/p; s/^ *'"$1"', --[a-z-]+=([^ ]+).*/\1/p' <<<"$help"
}

# Completes the last of several words between commas.
_dsnctl_list ()
{
    local first=
    [[ $cur == *,* ]] && first=${cur%,*},
    COMPREPLY=($(compgen -P "$first" -W "$*" -- "${cur##*,}"))
    compopt -o nospace
}

# Completes what the word $1 of the help stands for; $2 is the option that takes it, if one does.
_dsnctl_complete ()
{
    case $2:$1 in
    --envelope-header:*) COMPREPLY=($(compgen -W 'Delivered-To Envelope-To X-Original-To' -- "$cur")) ;;
    *:LIST) _dsnctl_list bounce delayed delivered complaint receipt auto_reply challenge unsubscribe other unprocessable ;;
    *:FORMAT) COMPREPLY=($(compgen -W "$(sed -nE 's/^ *--format=FORMAT .*: //;T;s/,//gp' <<<"$help")" -- "$cur")) ;;
    *:HOW) COMPREPLY=($(compgen -W "$(sed -nE 's/^ *--structure=HOW .*: //;T;s/,//gp' <<<"$help")" -- "$cur")) ;;
    *:SEQ) COMPREPLY=($(compgen -W 'first next' -- "$cur")) ;;
    *:CMD) COMPREPLY=($(compgen -c -- "$cur")) ;;
    *:NAME | *:\[NAME\])
        COMPREPLY=($(compgen -W "$("$program" consumers --json 2>/dev/null | sed -n 's/.*"name":"\([^"]*\)".*/\1/p')" -- "$cur"))
        ;;
    *:DIR | *SPOOL*) _filedir -d ;;
    *FILE* | *PATH* | *MAIL*) _filedir ;;
    esac
}

# Completes an argument by the forms that the usage line gives: "list [TYPE] | show ID | lint", or "FILE|DIR|MBOX".
_dsnctl_argument ()
{
    local usage form starts=
    usage=$(sed -n '2s/.*\[OPTION[^]]*\] *//p' <<<"$help")
    while read -r form; do
        if [[ $form =~ ^[a-z] ]]; then
            # the word is there already: what follows it is asked for
            [[ " ${words[*]:2:cword-2} " == *" ${form%% *} "* ]] && { _dsnctl_complete "${form#"${form%% *}"}"; return; }
            starts+=" ${form%% *}"
        fi
    done <<<"${usage// | /$'\n'}"
    if [[ $starts ]]; then
        COMPREPLY=($(compgen -W "$starts" -- "$cur"))
    else
        _dsnctl_complete "$usage"
    fi
}

_dsnctl ()
{
    local cur prev words cword split program help value
    _init_completion -s || return
    program=${words[0]}
    if ((cword == 1)); then
        help=$("$program" --help 2>/dev/null)
        COMPREPLY=($(compgen -W "$(sed -nE 's/^  ([a-z][a-z-]*)  .*/\1/p' <<<"$help") --help --version" -- "$cur"))
        return
    fi
    help=$("$program" "${words[1]}" --help 2>/dev/null) || return
    [[ $prev == -* ]] && value=$(_dsnctl_value "$prev")
    if [[ $value ]]; then
        _dsnctl_complete "$value" "$prev"
    elif [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W "$(sed -nE 's/^ *(-[a-z], )?(--[a-z-]+=?).*/\2/p' <<<"$help")" -- "$cur"))
        [[ ${COMPREPLY-} == *= ]] && compopt -o nospace
    elif ! $split; then
        _dsnctl_argument
    fi
} && complete -F _dsnctl dsnctl
