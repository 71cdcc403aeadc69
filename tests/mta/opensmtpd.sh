# shellcheck shell=bash
# packages: opensmtpd
# Mail that can't be delivered stays fifteen seconds, with a warning after one.
start() {
    account opensmtpd /var/lib/opensmtpd/empty
    account opensmtpq /var/lib/opensmtpd/empty
    install -d -m 0711 /var/lib/opensmtpd /var/lib/opensmtpd/empty
    chgrp opensmtpq /usr/sbin/smtpctl && chmod 2555 /usr/sbin/smtpctl
    printf '%s\n' 'pipe: "|/bin/false"' 'alias: nouser@rcpt.example.net' >/etc/aliases
    cat >/etc/smtpd.conf <<'C'
table aliases file:/etc/aliases
queue ttl 15s
bounce warn-interval 1s
listen on 192.0.2.25
C
    recipe OpenSMTPD
    cat >>/etc/smtpd.conf <<'C'
action "local" mbox alias <aliases>
action "relay" relay
match from any for domain "example.org" action "local"
match from any for any action "relay"
C
    smtpd -dv </dev/null >/var/log/mail.log 2>&1 &
}

expire() {
    : # by itself, after the fifteen seconds
}
