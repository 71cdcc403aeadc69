# shellcheck shell=bash
# Sourced by lookuppostfix.sh and lookupexim.sh, in tests/mta/room: $1 is the lookup file.
set -eu
recipe() {
    python3 /dsnd/tests/mta/recipe.py /dsnd/docs/suppression.md "$1"
}

account() {
    getent group "$1" >/dev/null || groupadd --system "$1"
    id "$1" >/dev/null 2>&1 || useradd --system --gid "$1" --home-dir /nonexistent --shell /usr/sbin/nologin "$1"
}

# A line on SMTP's other side: the answer to RCPT.
ask_smtp() {
    python3 - "$1" "$2" <<'P'
import smtplib, sys
with smtplib.SMTP('127.0.0.1', int(sys.argv[1]), timeout=60) as client:
    client.ehlo('client.example.com')
    client.mail('')
    code, words = client.rcpt(sys.argv[2])
    print(code, words.decode(), flush=True)
P
}

wait_for_port() {
    for _ in $(seq 600); do
        (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return
        sleep 0.1
    done
    echo "nobody listens at port $1" >&2
    exit 1
}


install -d /var/lib/dsnd-store
cp "$1" /var/lib/dsnd-store/lookup.db
chmod 644 /var/lib/dsnd-store/lookup.db
