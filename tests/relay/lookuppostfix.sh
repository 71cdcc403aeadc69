#!/bin/bash
# Asks the lookup file $1 through Postfix as docs/suppression.md configures it. Runs in tests/mta/room.
# packages: postfix postfix-sqlite
# shellcheck source=lookupcommon.sh
. "$(dirname "$0")/lookupcommon.sh"
account postfix
getent group postdrop >/dev/null || groupadd --system postdrop
cat >/etc/postfix/main.cf <<'C'
compatibility_level = 3.6
myhostname = mail.example.org
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
maillog_file = /var/log/mail.log
C
sed -e 's/^\([a-z]\S*\s\+\(unix\|inet\)\s\+\S\+\s\+\S\+\s\+\)y/\1n/' -e 's/^smtp\( *inet\)/2525\1/' /usr/share/postfix/master.cf.dist >/etc/postfix/master.cf
echo 'sqlite /usr/lib/postfix/postfix-sqlite.so dict_sqlite_open' >/etc/postfix/dynamicmaps.cf
recipe Postfix
postconf -e 'smtpd_client_restrictions =' 'mynetworks =' 'local_recipient_maps =' 'relay_domains = example.org'
echo "postmap: $(postmap -q user0@example.org sqlite:/etc/postfix/dsnd-suppressed.cf)"
echo "postmap: $(postmap -q free@example.org sqlite:/etc/postfix/dsnd-suppressed.cf || echo free)"
postfix set-permissions >/dev/null 2>&1 || true
postfix start >/dev/null 2>&1
wait_for_port 2525
echo "smtpd: $(ask_smtp 2525 User0@Example.org)"
echo "smtpd: $(ask_smtp 2525 free@example.org)"
postfix stop >/dev/null 2>&1
