# packages: opensmtpd
# OpenSMTPD: a second's life for each mail, and a warning before that.
useradd -m ok && useradd -m fullbox
printf 'pipe: "|/bin/false"\nalias: nouser@rcpt.example.net\nforward: full@rcpt.example.net\nloop: loop@example.org\n' >/etc/aliases
cat >/etc/smtpd.conf <<'C'
table aliases file:/etc/aliases
queue ttl 5s
bounce warn-interval 1s
listen on 192.0.2.25
action "local" mbox alias <aliases>
action "relay" relay
match from any for domain "example.org" action "local"
match from any for any action "relay"
C
mkdir -p /var/empty /run/smtpd
smtpd -dv >/out/opensmtpd.log 2>&1 &
sleep 2
python3 /mta/send.py /run/sink /out opensmtpd 40
smtpctl show queue >>/out/opensmtpd.log || true
