# shellcheck shell=bash
# packages: sendmail-bin sendmail-base sendmail-cf m4 procmail
# domain: bounces.example.org
# Mail that can't be delivered stays a day, with a warning at once, until `expire`.
configure() { # with the time that mail stays in the queue
    cat >/etc/mail/sendmail.mc <<C
divert(0)dnl
include(\`/usr/share/sendmail/cf/m4/cf.m4')dnl
OSTYPE(\`debian')dnl
DOMAIN(\`debian-mta')dnl
FEATURE(\`promiscuous_relay')dnl
FEATURE(\`accept_unresolvable_domains')dnl
FEATURE(\`accept_unqualified_senders')dnl
FEATURE(\`local_procmail')dnl
define(\`confTO_QUEUERETURN', \`$1')dnl
define(\`confTO_QUEUEWARN', \`1s')dnl
define(\`confMIN_QUEUE_AGE', \`0')dnl
define(\`confDOMAIN_NAME', \`mail.example.org')dnl
define(\`confDONT_PROBE_INTERFACES', \`True')dnl
define(\`confPRIVACY_FLAGS', \`')dnl
LOCAL_DOMAIN(\`example.org')dnl
DAEMON_OPTIONS(\`Addr=192.0.2.25, Name=MTA')dnl
C
    grep -v MAILER /etc/mail/dsnd.m4 >>/etc/mail/sendmail.mc
    printf '%s\n' "MAILER(\`local')dnl" "MAILER(\`smtp')dnl" >>/etc/mail/sendmail.mc
    grep MAILER /etc/mail/dsnd.m4 >>/etc/mail/sendmail.mc
    m4 /etc/mail/sendmail.mc >/etc/mail/sendmail.cf
}

start() {
    account smmta /var/lib/sendmail
    account smmsp /var/lib/sendmail
    install -d -o smmta -g smmsp -m 2755 /run/sendmail /run/sendmail/mta /var/lib/sendmail /var/lib/sendmail/host_status
    install -d -o smmta -g smmsp -m 0750 /var/spool/mqueue
    printf '%s\n' 'pipe: "|/bin/false"' 'alias: nouser@rcpt.example.net' 'MAILER-DAEMON: ok' 'postmaster: ok' >/etc/mail/aliases
    ln -sf /usr/libexec/sendmail/sendmail /usr/sbin/sendmail
    : >/etc/mail/sendmail.cf
    recipe Sendmail
    configure 1d
    sendmail -bi
    sendmail -O LogLevel=10 -bd -q1s -L sm-mta
}

expire() {
    configure 1s
    kill "$(head -1 /run/sendmail/mta/sendmail.pid)"
    sleep 1
    sendmail -O LogLevel=10 -bd -q1s -L sm-mta
}
