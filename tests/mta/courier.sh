# packages: courier-mta
# Courier: everything relayed, given up at once.
useradd -m ok; useradd -m fullbox
echo example.org >/etc/courier/locals; echo mail.example.org >/etc/courier/me; echo example.org >/etc/courier/defaultdomain
mkdir -p /etc/courier/smtpaccess
printf '192.0.2.25\tallow,RELAYCLIENT\n198.51.100\tallow,RELAYCLIENT\n127\tallow,RELAYCLIENT\n' >/etc/courier/smtpaccess/default
echo 0 >/etc/courier/queuetime; echo 1s >/etc/courier/retryalpha; echo 1s >/etc/courier/retrybeta; echo 1s >/etc/courier/retrygamma; echo 0 >/etc/courier/warntime
mkdir -p /etc/courier/aliases
printf 'alias: nouser@rcpt.example.net\nforward: full@rcpt.example.net\n' >>/etc/courier/aliases/system
mkdir -p /run/courier && chown courier:courier /run/courier
makesmtpaccess || true; makealiases || true
mkdir -p /run/courier/authdaemon && chown -R courier:courier /run/courier && (authdaemond start || /usr/sbin/authdaemond start || true)
courier start || /usr/lib/courier/courier/courierd & 
sleep 2
python3 /mta/send.py /run/sink /out courier 30 sendmail /usr/sbin/sendmail
mailq >/out/courier.log 2>&1 || true
