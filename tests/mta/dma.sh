# packages: dma
# DragonFly Mail Agent: hands mail straight to the mail hosts.
useradd -m ok; useradd -m fullbox
printf 'MAILNAME mail.example.org\nMASQUERADE bounces@example.com\n' >/etc/dma/dma.conf
printf 'alias: nouser@rcpt.example.net\nforward: full@rcpt.example.net\n' >>/etc/aliases
python3 /mta/send.py /run/sink /out dma 20 sendmail /usr/sbin/sendmail
dma -q 2>/dev/null || true
sleep 10
python3 - <<'P'
import sys
sys.path.insert(0, "/mta")
import send
send.gather("/run/sink", "/out", "dma", list(send.CASES))
P
cat /var/mail/* >/out/dma.mbox 2>/dev/null || true
