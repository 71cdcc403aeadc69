# packages: postfix
# Postfix: everything bounces at once (no retries), local users through aliases.
postconf -e 'myhostname = mail.example.org' 'mydestination = example.org' 'inet_interfaces = 192.0.2.25' \
    'mynetworks = 192.0.2.25/32 127.0.0.0/8' 'smtpd_recipient_restrictions = permit_mynetworks' 'local_recipient_maps =' \
    'maximal_queue_lifetime = 0' 'bounce_queue_lifetime = 0' 'inet_protocols = ipv4' 'mailbox_size_limit = 20000' \
    'message_size_limit = 15000' 'alias_maps = hash:/etc/aliases' 'smtpd_tls_security_level = none' 'maillog_file = /var/log/mail.log' \
    'smtp_address_preference = ipv4' 'smtputf8_enable = yes' 'disable_dns_lookups = no'
for service in $(postconf -M | awk '$5 == "y" { print $1 "/" $2 }'); do postconf -F "$service/chroot = n"; done
useradd -m fullbox && useradd -m ok
printf 'pipe: "|/bin/sh -c \\"echo no such program here >&2; exit 67\\""\nloop: loop@example.org\nalias: nouser@rcpt.example.net\nforward: full@rcpt.example.net\n' >/etc/aliases
newaliases
head -c 19900 /dev/zero | tr '\0' x >/var/mail/fullbox && chown fullbox:mail /var/mail/fullbox
postfix start
sleep 2
python3 /mta/send.py /run/sink /out postfix 12
postfix stop || true
sleep 1
postconf -e 'maximal_queue_lifetime = 1d' 'delay_warning_time = 1s' 'minimal_backoff_time = 1s' 'maximal_backoff_time = 2s' 'queue_run_delay = 1s'
postfix start
CASES='grey refused servfail two' python3 /mta/send.py /run/sink /out postfix-delay 8
postfix stop || true
sleep 1
cp /mta/postfix-bounce.cf /etc/postfix/bounce.cf
postconf -e 'maximal_queue_lifetime = 0' 'delay_warning_time = 0' 'bounce_template_file = /etc/postfix/bounce.cf'
postfix start
CASES='nouser full local-nouser' python3 /mta/send.py /run/sink /out postfix-localised 8
cp /var/log/mail.log /out/postfix.log
postfix stop || true
