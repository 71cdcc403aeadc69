# shellcheck shell=bash
# packages: nullmailer
# program: /usr/sbin/sendmail
# domain: example.com
# scenarios: nouser nocode hash disabled full relay multiline two verp full_for_now grey
# nullmailer relays everything to one host; what that one refuses comes back to the sender's server.
start() {
    echo "mx.rcpt.example.net smtp" >/etc/nullmailer/remotes
    echo mail.example.org >/etc/nullmailer/me
    echo 1 >/etc/nullmailer/pausetime
    echo 6 >/etc/nullmailer/queuelifetime
    install -d -o mail -g mail -m 0755 /var/spool/nullmailer
    install -d -o mail -g mail -m 0700 /var/spool/nullmailer/queue /var/spool/nullmailer/tmp /var/spool/nullmailer/failed
    mkfifo -m 0622 /var/spool/nullmailer/trigger && chown mail:mail /var/spool/nullmailer/trigger
    chown mail /usr/sbin/nullmailer-queue && chmod 4755 /usr/sbin/nullmailer-queue
    recipe "A mail system that only sends"
    setpriv --reuid=mail --regid=mail --clear-groups nullmailer-send >/var/log/mail.log 2>&1 &
}

expire() {
    : # by itself, after fifteen seconds
}
