# packages: sendmail-bin sendmail-base sensible-mda m4
# Sendmail: one configuration made with m4, mails live a second.
useradd -m ok; useradd -m fullbox
printf 'pipe: "|/bin/false"\nalias: nouser@rcpt.example.net\nforward: full@rcpt.example.net\nMAILER-DAEMON: ok\npostmaster: ok\n' >>/etc/mail/aliases
cat >/etc/mail/test.mc <<'C'
divert(0)dnl
include(`/usr/share/sendmail/cf/m4/cf.m4')dnl
OSTYPE(`debian')dnl
DOMAIN(`debian-mta')dnl
FEATURE(`promiscuous_relay')dnl
FEATURE(`accept_unresolvable_domains')dnl
FEATURE(`accept_unqualified_senders')dnl
define(`confTO_QUEUERETURN', `1s')dnl
define(`confTO_QUEUEWARN', `0')dnl
define(`confDOMAIN_NAME', `mail.example.org')dnl
define(`confDONT_PROBE_INTERFACES', `True')dnl
define(`confPRIVACY_FLAGS', `')dnl
LOCAL_DOMAIN(`example.org')dnl
DAEMON_OPTIONS(`Addr=192.0.2.25, Name=MTA')dnl
MAILER(local)dnl
MAILER(smtp)dnl
C
m4 /etc/mail/test.mc >/etc/mail/sendmail.cf
mkdir -p /run/sendmail/mta && chown -R smmta:smmsp /run/sendmail
mkdir -p /var/lib/sendmail/host_status /var/spool/mqueue /var/spool/mqueue-client && chown -R smmta:smmsp /var/lib/sendmail /var/spool/mqueue
newaliases || true
sendmail -X /out/sendmail.log -O LogLevel=15 -bd -q2s -L sm-mta
sleep 3
python3 /mta/send.py /run/sink /out sendmail 25
mailq >>/out/sendmail.log 2>&1 || true
