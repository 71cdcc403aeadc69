# shellcheck shell=bash
# packages: courier-mta
# program: /usr/sbin/sendmail
# separator: -
# Mail that can't be delivered stays twenty seconds, with a warning after one.
start() {
    local package user group mode path
    account courier /var/lib/courier
    # the packages set modes and owners when they're installed
    for package in /dsnd/build-mta/courier/courier-*.deb; do
        dpkg-deb -I "$package" postinst 2>/dev/null | sed -n 's/^ *add_override //p'
    done | while read -r user group mode path; do
        [ ! -e "$path" ] || { chown "$user:$group" "$path" && chmod "$mode" "$path"; }
    done
    install -d -o courier -g courier -m 0775 /run/courier /run/courier/authdaemon /var/lib/courier/track /var/lib/courier/msgs
    ln -sf makedat.courier /usr/bin/makedat
    ln -sf lockmail.courier /usr/bin/lockmail
    ln -sf preline.courier /usr/bin/preline
    echo example.org >/etc/courier/locals
    echo example.org >/etc/courier/defaultdomain
    echo mail.example.org >/etc/courier/me
    echo 20s >/etc/courier/queuetime
    echo 1s | tee /etc/courier/warntime /etc/courier/retryalpha /etc/courier/retrygamma >/dev/null
    echo 1 | tee /etc/courier/retrybeta /etc/courier/retrymaxdelta >/dev/null
    printf '%s\n' 'alias: nouser@rcpt.example.net' 'pipe: |/bin/sh -c "exit 70"' >>/etc/courier/aliases/system
    recipe Courier
    makealiases
    authdaemond start
    courier start
}

expire() {
    : # by itself, after twenty seconds
}
