# shellcheck shell=bash
# packages: dovecot-imapd dovecot-lmtpd isync getmail6
# The ways into the Maildir that aren't a mail system's own: Dovecot's LMTP and delivery agent, and fetching by IMAP.
start() {
    account dovecot
    account dovenull
    install -d /run/dovecot /etc/dovecot/conf.d
    openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=imap.example.org -addext subjectAltName=DNS:imap.example.org -days 2 \
        -keyout /etc/dovecot/key.pem -out /etc/dovecot/cert.pem 2>/dev/null
    cp /etc/dovecot/cert.pem /usr/local/share/ca-certificates/imap.crt
    cat /etc/dovecot/cert.pem >>/etc/ssl/certs/ca-certificates.crt
    echo "127.0.0.1 imap.example.org" >>/etc/hosts
    cat >/etc/dovecot/dovecot.conf <<'C'
protocols = imap lmtp
log_path = /var/log/mail.log
listen = 127.0.0.1
ssl = yes
ssl_cert = </etc/dovecot/cert.pem
ssl_key = </etc/dovecot/key.pem
passdb {
  driver = static
  args = password=secret
}
service imap-login {
  inet_listener imap {
    port = 0
  }
}
!include conf.d/99-dsnd.conf
C
    recipe Dovecot
    # the provider's mailbox is another one of the same Dovecot
    cat >>/etc/dovecot/dovecot.conf <<'C'
protocol imap {
  mail_location = maildir:/var/mail/provider
}
C
    install -d -o dsnd -g dsnd -m 0700 /var/mail/provider /var/mail/provider/new /var/mail/provider/cur /var/mail/provider/tmp
    recipe mbsync
    recipe getmail
    echo secret >/etc/dsnd/imap-password
    chown -R dsnd: /etc/dsnd/getmail
    install -m 0666 /dev/null /var/log/mail.log
    dovecot
}

as_dsnd() {
    setpriv --reuid=dsnd --regid=dsnd --clear-groups env HOME=/var/lib/dsnd "$@"
}

lda() { # mail on standard input, like the others
    as_dsnd /usr/lib/dovecot/dovecot-lda -d bounces
}

lmtp() {
    python3 -c 'import smtplib, sys
with smtplib.LMTP("/run/dovecot/lmtp") as server:
    server.sendmail("", ["bounces+user=example.net@example.org"], sys.stdin.buffer.read())'
}

to_provider() {
    local file
    rm -f /var/mail/provider/???/*.mail*
    file=/var/mail/provider/new/$RANDOM.mail
    cat >"$file"
    chown dsnd: "$file"
}

mbsync() {
    to_provider
    as_dsnd mbsync --config /etc/dsnd/mbsyncrc bounces
    # what was fetched once isn't fetched again
    as_dsnd mbsync --config /etc/dsnd/mbsyncrc bounces
}

getmail() {
    to_provider
    as_dsnd getmail --getmaildir /etc/dsnd/getmail
}
