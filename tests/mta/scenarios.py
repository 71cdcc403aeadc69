"""What is sent to a mail system so that it bounces: a letter a scenario, each from a return path that names it."""
import smtplib
import subprocess

AT_REMOTE = {  # refused by another mail host, or because of one
    "nouser": "nouser@rcpt.example.net", "nocode": "nocode@rcpt.example.net", "full": "full@rcpt.example.net",
    "disabled": "disabled@rcpt.example.net", "relay": "relay@rcpt.example.net", "multiline": "multi@rcpt.example.net",
    "hash": "hash@rcpt.example.net", "sender": "user@mailfrom.example.net", "banner": "user@banner.example.net",
    "ehlo": "user@ehlo.example.net", "spam": "spam@data.example.net", "toobig": "toobig@data.example.net",
    "virus": "virus@data.example.net", "size": "user@size.example.net", "nohost": "user@nx.example.net",
    "nullmx": "user@nullmx.example.net", "loop": "user@loop.example.net", "eai": "j\u00f6rg@utf8.example.net",
    "eai_refused": "j\u00f6rg@ascii.example.net", "two": "nouser@rcpt.example.net,full@rcpt.example.net,good@rcpt.example.net",
    "relayed": "good@rcpt.example.net",
}
DELAYED = {  # refused for now
    "refused": "user@closed.example.net", "dropped": "user@drop.example.net", "servfail": "user@servfail.example.net",
    "full_for_now": "fulltemp@rcpt.example.net", "grey": "grey@rcpt.example.net",
}
AT_HOME = {  # addresses of the mail system itself
    "local_nouser": "nosuchuser@example.org", "local_full": "fullbox@example.org", "pipe": "pipe@example.org",
    "alias": "alias@example.org", "delivered": "ok@example.org",
}
TO = {**AT_REMOTE, **DELAYED, **AT_HOME, "verp": "nouser@rcpt.example.net"}
NOTIFY = {"delivered": "NOTIFY=SUCCESS,FAILURE", "relayed": "NOTIFY=SUCCESS,FAILURE"}
SERVER = ("192.0.2.25", 25)


def return_path(scenario, domain, separator):
    """Where the bounce is to go: bounces+SCENARIO@, or with the recipient in it."""
    tag = TO[scenario].replace("@", "=") if scenario == "verp" else scenario
    return "bounces%s%s@%s" % (separator, tag, domain)


def letter(scenario, sender):
    body = "Dear reader,\n\nthis is a short letter about nothing.\n"
    if scenario == "size":
        body += ("x" * 70 + "\n") * 40
    to = TO[scenario].replace(",", ", ")
    return ("From: Sender <%s>\nTo: %s\nSubject: A letter (%s)\nMessage-ID: <%s.1@example.com>\n"
            "Date: Fri, 20 Nov 2026 10:00:00 +0000\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n%s"
            % (sender, to, scenario, scenario, body)).encode()


def send_by_smtp(scenario, sender):
    with smtplib.SMTP(*SERVER, local_hostname="client.example.com", timeout=30) as server:
        server.command_encoding = "utf-8"
        server.ehlo()
        answers = [server.mail(sender, ["SMTPUTF8"] if scenario.startswith("eai") else [])]
        notify = [NOTIFY[scenario]] if scenario in NOTIFY else []
        answers += [server.rcpt(to, notify) for to in TO[scenario].split(",")]
        if all(code < 400 for code, _ in answers):
            answers.append(server.data(letter(scenario, sender).replace(b"\n", b"\r\n")))
        for code, text in answers:
            if code >= 400:
                raise OSError("refused at once: %d %s" % (code, text.decode("utf-8", "replace")))


def send_by_program(scenario, sender, program):
    notify = ["-N", NOTIFY[scenario].removeprefix("NOTIFY=").lower()] if scenario in NOTIFY else []
    done = subprocess.run([*program, "-i", "-f", sender, *notify, "--", *TO[scenario].split(",")],
                          input=letter(scenario, sender), timeout=30, capture_output=True)
    if done.returncode:
        raise OSError("refused at once: %s" % (done.stderr or done.stdout).decode("utf-8", "replace").strip())
