# shellcheck shell=bash
# packages: dma
# program: /usr/sbin/sendmail
# domain: example.com
# scenarios: nouser nocode hash disabled full relay multiline sender banner ehlo spam toobig virus size nohost nullmx eai two verp refused servfail full_for_now grey
# The DragonFly Mail Agent hands mail straight to the mail hosts; its bounces go out the same way, to the sender's server.
start() {
    chgrp mail /usr/sbin/dma && chmod 2755 /usr/sbin/dma
    install -d -o root -g mail -m 2770 /var/spool/dma
    printf 'MAILNAME mail.example.org\n' >/etc/dma/dma.conf
    ln -sf dma /usr/sbin/sendmail
    recipe "A mail system that only sends"
}

expire() { # by the queue files' age
    # shellcheck disable=SC2046
    kill $(pidof dma) || true
    touch -d "6 days ago" /var/spool/dma/M* /var/spool/dma/Q*
    sendmail -q
}
