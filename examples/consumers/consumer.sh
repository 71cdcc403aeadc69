#!/bin/bash
# Keeps a list of addresses to send nothing more to: README.md. Needs socat and jq.
#
# usage: consumer.sh SOCKET NAME FILE
set -u
socket=$1 name=$2 list=$3

# one line for each line of the server: the number to acknowledge, what to do, the recipient or what the server said
# (events before the answer to FOLLOW weren't asked for, and come again)
tell='foreach inputs as $m ({}; {is_ours: (.is_ours or ($m | has("following"))), $m}; . as $state | .m |
      if .v and $state.is_ours then [.seq, (if .kind == "bounce" and .advice == "suppress" and .recipient then "suppress" else "pass" end), .recipient // ""]
      elif .gap or .error then ["-", "say", tojson]
      else empty end | map(tostring) | join("\t"))'

suppress() { # the list is on disk before the event is acknowledged
    printf '%s\n' "$1" >>"$list" && sync "$list"
}

take() { # fails only if the list can't be written
    local seq what text
    while IFS=$'\t' read -r seq what text; do
        case $what in
        suppress) suppress "$text" || return 1 ;;
        say) echo "dsnd: $text" >&2; continue ;;
        esac
        echo "ACK $seq" 2>/dev/null || return 0
    done
    return 0
}

follow() { # takes events until the connection ends
    local talker rc
    rm -f "$pipes"/* && mkfifo "$pipes/to" "$pipes/from" || exit
    socat -t 1 STDIO UNIX-CONNECT:"$socket" <"$pipes/to" >"$pipes/from" &
    talker=$!
    # nobody else has the writing end: socat ends with this shell
    exec 3>"$pipes/to"
    exec 4< <(jq --unbuffered -nr "$tell" <"$pipes/from" 3>&-)
    echo "FOLLOW $name" >&3
    take <&4 >&3
    rc=$?
    exec 3>&- 4<&-
    kill "$talker" 2>/dev/null
    wait "$talker"
    return "$rc"
}

pipes=$(mktemp -d) || exit
trap 'rm -rf "$pipes"' EXIT
trap 'exit 143' TERM INT
trap '' PIPE
while follow; do
    sleep 1
done
echo "$list can't be written" >&2
exit 1
