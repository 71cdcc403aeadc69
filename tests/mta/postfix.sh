# shellcheck shell=bash
# packages: postfix
# Mail that can't be delivered stays a day, with a warning at once, until `expire`.
start() {
    account postfix
    getent group postdrop >/dev/null || groupadd --system postdrop
    cat >/etc/postfix/main.cf <<'C'
compatibility_level = 3.6
myhostname = mail.example.org
mydestination = example.org
inet_interfaces = 192.0.2.25
inet_protocols = ipv4
mynetworks = 192.0.2.25/32 127.0.0.0/8
smtpd_recipient_restrictions = permit_mynetworks, reject
local_recipient_maps =
mailbox_size_limit = 20000
message_size_limit = 15000
maillog_file = /var/log/mail.log
smtputf8_enable = yes
maximal_queue_lifetime = 1d
delay_warning_time = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 1s
queue_run_delay = 1s
C
    printf '%s\n' 'pipe: "|/bin/sh -c \"echo no room on the disk of this program >&2; exit 1\""' \
        'alias: nouser@rcpt.example.net' >/etc/aliases
    sed 's/^\([a-z]\S*\s\+\(unix\|inet\)\s\+\S\+\s\+\S\+\s\+\)y/\1n/' /usr/share/postfix/master.cf.dist >/etc/postfix/master.cf
    : >/etc/postfix/dynamicmaps.cf
    recipe Postfix
    head -c 19900 /dev/zero | tr '\0' x >/var/mail/fullbox
    chown fullbox:mail /var/mail/fullbox
    newaliases
    postfix set-permissions >/dev/null 2>&1 || true
    postfix start
}

expire() {
    postconf -e maximal_queue_lifetime=0 bounce_queue_lifetime=0
    postfix reload
    postfix flush
}
