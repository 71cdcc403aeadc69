# shellcheck shell=bash
# Sourced before NAME.sh, in the room.
account() { # an account of the system, as a package would make it
    getent group "$1" >/dev/null || groupadd --system "$1"
    id "$1" >/dev/null 2>&1 || useradd --system --gid "$1" --home-dir "${2:-/nonexistent}" --shell /usr/sbin/nologin "$1"
}

person() { # somebody with a mailbox
    id "$1" >/dev/null 2>&1 || useradd --create-home --shell /bin/sh "$1"
}

recipe() { # does what a section of docs/recipes.md says
    python3 /dsnd/tests/mta/recipe.py /dsnd/docs/recipes.md "$1"
}

prepare() {
    account dsnd /var/lib/dsnd
    install -d -o dsnd -g dsnd -m 0700 /var/lib/dsnd /run/dsnd
    person ok
    person fullbox
    recipe "The mailbox"
}
