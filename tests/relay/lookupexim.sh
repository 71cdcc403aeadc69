#!/bin/bash
# Asks the lookup file $1 through Exim as docs/suppression.md configures it. Runs in tests/mta/room.
# packages: exim4-daemon-heavy
# shellcheck source=lookupcommon.sh
. "$(dirname "$0")/lookupcommon.sh"
account Debian-exim
install -d -o Debian-exim -g Debian-exim -m 0750 /var/spool/exim4 /var/log/exim4
recipe Exim
cat >/etc/exim4/exim4.conf <<'C'
primary_hostname = mail.example.org
keep_environment =
tls_advertise_hosts =
disable_ipv6 = true
local_interfaces = 127.0.0.1
daemon_smtp_ports = 2526
.include /etc/exim4/dsnd-suppressed-main.conf
acl_smtp_rcpt = check_rcpt
begin acl
check_rcpt:
.include /etc/exim4/dsnd-suppressed.conf
  accept
C
exim4 -bd -q1h
wait_for_port 2526
echo "exim: $(ask_smtp 2526 User0@Example.org)"
echo "exim: $(ask_smtp 2526 free@example.org)"
