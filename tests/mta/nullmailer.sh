# packages: nullmailer
# nullmailer: relays everything to one host; permanent refusals come back.
echo "mx.rcpt.example.net smtp" >/etc/nullmailer/remotes
echo mail.example.org >/etc/nullmailer/me
echo 1 >/etc/nullmailer/pausetime; echo 5 >/etc/nullmailer/queuelifetime
mkdir -p /var/spool/nullmailer && chown -R mail /var/spool/nullmailer
(runuser -u mail -- nullmailer-send >/out/nullmailer.log 2>&1 || nullmailer-send >/out/nullmailer.log 2>&1) &
sleep 1
CASES="nouser full multiline hash two" python3 /mta/send.py /run/sink /out nullmailer 15 sendmail /usr/sbin/sendmail
