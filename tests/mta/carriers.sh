# shellcheck shell=bash
# packages: mlmmj rsyslog
# What carries events on: rsyslog from the spool, and dsnctl with mlmmj's hook.
start() {
    printf '[ReturnPath]\nHeader=Delivered-To\n' >>/etc/dsnd/dsnd.conf
    { echo 'global(maxMessageSize="600k" workDirectory="/var/spool/rsyslog")'; cat /dsnd/examples/shippers/rsyslog.conf; } >/etc/rsyslog.conf
    install -d /var/spool/rsyslog
    install -d -o ok -g ok /var/spool/mlmmj /var/spool/mlmmj/letters
    cd /var/spool/mlmmj/letters || return
    install -d -o ok -g ok subscribers.d digesters.d nomailsubs.d control queue text
    cp -r /usr/share/mlmmj/text.skel/en/. text
    echo letters@example.org >control/listaddress
    printf '%s\n' user0@example.org keep@example.org >subscribers.d/u
    chown ok: subscribers.d/u
    rsyslogd -i /run/rsyslogd.pid
}

deliver() { # the mail on standard input
    cat >/var/mail/bounces/Maildir/tmp/1.letter
    chown dsnd: /var/mail/bounces/Maildir/tmp/1.letter
    mv /var/mail/bounces/Maildir/tmp/1.letter "/var/mail/bounces/Maildir/new/$RANDOM.letter"
}
