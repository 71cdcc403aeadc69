# shellcheck shell=bash
# packages: exim4-daemon-light
# Mail that can't be delivered stays a day, with a warning at once, until `expire`.
start() {
    account Debian-exim
    install -d -o Debian-exim -g Debian-exim -m 0750 /var/spool/exim4 /var/log/exim4
    printf '%s\n' 'pipe: "|/bin/sh -c \"echo no room on the disk of this program; exit 1\""' \
        'alias: nouser@rcpt.example.net' >/etc/aliases
    recipe Exim
    cat >/etc/exim4/exim4.conf <<'C'
primary_hostname = mail.example.org
domainlist local = example.org
local_interfaces = 192.0.2.25
acl_smtp_rcpt = accept
acl_smtp_data = accept
disable_ipv6 = true
dsn_advertise_hosts = *
smtputf8_advertise_hosts = *
tls_advertise_hosts =
keep_environment =
delay_warning = 1s:30d
begin routers
.include /etc/exim4/dsnd-router.conf
remote:
  driver = dnslookup
  domains = ! +local
  transport = remote_smtp
  ignore_target_hosts = 127.0.0.0/8
  self = fail
  no_more
aliases:
  driver = redirect
  data = ${lookup{$local_part}lsearch{/etc/aliases}}
  user = nobody
  pipe_transport = address_pipe
local:
  driver = accept
  check_local_user
  transport = local_delivery
begin transports
.include /etc/exim4/dsnd-transport.conf
remote_smtp:
  driver = smtp
  hosts_try_dane =
local_delivery:
  driver = appendfile
  file = /var/mail/$local_part_data
  group = mail
  quota = 1K
  quota_is_inclusive = false
address_pipe:
  driver = pipe
  return_fail_output
begin retry
*  *  F,1d,1s
C
    head -c 2000 /dev/zero | tr '\0' x >/var/mail/fullbox
    chown fullbox:mail /var/mail/fullbox
    exim4 -bd -q1s
}

expire() {
    sed -i 's/F,1d,1s/F,1s,1s/' /etc/exim4/exim4.conf
    exim4 -qff
}
