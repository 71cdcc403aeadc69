# packages: exim4-daemon-light
# Exim: errors are final at once, but for the cases in "delay", which get a warning.
id fullbox >/dev/null 2>&1 || useradd -m fullbox
id ok >/dev/null 2>&1 || useradd -m ok
cat >/etc/exim4/exim4.conf <<'C'
primary_hostname = mail.example.org
domainlist local = example.org
local_interfaces = 192.0.2.25
acl_smtp_rcpt = accept
acl_smtp_data = accept
disable_ipv6 = true
dsn_advertise_hosts = *
message_size_limit = 0
tls_advertise_hosts =
received_header_text = Received: from client.example.com by $primary_hostname with $received_protocol id $message_exim_id
begin routers
remote:
  driver = dnslookup
  domains = ! +local
  transport = remote_smtp
  ignore_target_hosts = 127.0.0.0/8
  no_more
aliases:
  driver = redirect
  data = ${lookup{$local_part}lsearch{/etc/aliases}}
  allow_fail
  allow_defer
  pipe_transport = address_pipe
  file_transport = address_file
loop:
  driver = redirect
  local_parts = loop
  data = :fail: this address leads back to itself
local:
  driver = accept
  check_local_user
  transport = local_delivery
begin transports
remote_smtp:
  driver = smtp
  tls_try_verify_hosts =
  hosts_try_dane =
local_delivery:
  driver = appendfile
  file = /var/mail/$local_part_data
  quota = 1K
  quota_is_inclusive = false
  delivery_date_add
address_pipe:
  driver = pipe
  return_fail_output
address_file:
  driver = appendfile
begin retry
*  *  F,1s,1s
C
delay() { # a second queue lifetime, with warnings
    sed -i -e 's/F,1s,1s/F,1d,1s/' -e '1i delay_warning = 1s' /etc/exim4/exim4.conf
}
printf 'pipe: "|/bin/sh -c \\"echo no such program here; exit 67\\""\nalias: nouser@rcpt.example.net\nforward: full@rcpt.example.net\n' >/etc/aliases
head -c 2000 /dev/zero | tr '\0' x >/var/mail/fullbox && chown fullbox:mail /var/mail/fullbox
exim4 -bd
sleep 1
python3 /mta/send.py /run/sink /tmp exim 8
exim4 -qff
sleep 6
python3 - <<'P'
import sys
sys.path.insert(0, "/mta")
import send
send.gather("/run/sink", "/tmp", "exim", list(send.CASES))
P
cp /tmp/exim-*.eml /out/
delay
CASES="fulltemp refused" python3 /mta/send.py /run/sink /out exim-delay 3
exim4 -qff; sleep 3
python3 -c 'import sys; sys.path.insert(0, "/mta"); import send; send.gather("/run/sink", "/out", "exim-delay", ["fulltemp", "refused"])'
cp /var/log/exim4/mainlog /out/exim.log
