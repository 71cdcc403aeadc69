"""Odd and hostile mails: which addresses may not be given up, whatever stands in them.

    suppress.py DSNCTL

C holds mails with the addresses that may not get the advice `suppress`, '*' for nobody; U holds requests to be taken off a list and complaints, of which
only those in WISHES are one.
"""
import json
import os
import subprocess
import sys
import tempfile

def m(frm, subj, body, more="", ct=None):
    h = "From: %s\nTo: bounces@example.com\nSubject: %s\nMIME-Version: 1.0\nDate: Thu, 26 Nov 2026 10:00:00 +0000\nMessage-ID: <x1@mx.example.net>\n%s" % (frm, subj, more)
    if ct: h += "Content-Type: %s\n" % ct
    return h + "\n" + body
DAEMON = "Mail Delivery System <MAILER-DAEMON@mx.example.net>"
PERSON = "Jo Person <jo@partner.example>"
BOUNCE = """This is the mail system at host mx.example.net.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

                   The mail system

<victim@example.org>: host mx.example.org[192.0.2.1] said: 550 5.1.1
    <victim@example.org>: Recipient address rejected: User unknown (in reply to
    RCPT TO command)
"""
def q(t, p="> "): return "".join(p + l + "\n" for l in t.splitlines())
def dsn(groups, text="Your message could not be delivered.\n", orig="From: news@example.com\nTo: victim@example.org\nSubject: News\nMessage-ID: <o@example.com>\n\nHello\n", frm=DAEMON, more="", subj="Undelivered Mail Returned to Sender", mta="dns; mx.example.net"):
    b = "--b\nContent-Type: text/plain\n\n" + text + "\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: " + mta + "\n\n" + "\n".join(groups) + "\n--b\nContent-Type: message/rfc822\n\n" + orig + "\n--b--\n"
    return m(frm, subj, b, more, 'multipart/report; report-type=delivery-status; boundary="b"')
def g(rcpt, action="failed", status="5.1.1", diag="smtp; 550 5.1.1 user unknown", orig=None):
    return ("Original-Recipient: rfc822; %s\n" % orig if orig else "") + "Final-Recipient: rfc822; %s\nAction: %s\nStatus: %s\n" % (rcpt, action, status) + ("Diagnostic-Code: %s\n" % diag if diag else "")
V = "victim@example.org"
C = {}   # name -> (mail, [addresses that must not get suppress]; '*' = nobody)
C["reply-quotes-bounce"] = (m(PERSON, "Re: Undelivered Mail Returned to Sender", "Hi, I got this, what is it?\n\nOn Thu, Mail Delivery System wrote:\n" + q(BOUNCE)), "*")
C["reply-quotes-bounce-noprefix"] = (m(PERSON, "Re: Undelivered Mail Returned to Sender", "Hi, I got this, what is it?\n\n-----Original Message-----\nFrom: Mail Delivery System\n\n" + BOUNCE), "*")
C["reply-topless"] = (m(PERSON, "AW: Undelivered Mail Returned to Sender", BOUNCE + "\n\nwhat does this mean? Jo\n"), "*")
C["forward-inline"] = (m(PERSON, "Fwd: Undelivered Mail Returned to Sender", "please look\n\n---------- Forwarded message ---------\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example.net>\nDate: Thu\nSubject: Undelivered Mail Returned to Sender\nTo: <jo@partner.example>\n\n" + BOUNCE), "*")
C["forward-attached"] = (m(PERSON, "Fwd: Undelivered Mail", "--f\nContent-Type: text/plain\n\nplease look at the attached\n--f\nContent-Type: message/rfc822\n\n" + dsn([g(V)]) + "\n--f--\n", "", 'multipart/mixed; boundary="f"'), "*")
C["list-digest"] = (m("users-request@lists.example.net", "users Digest, Vol 3, Issue 4", "Send users mailing list submissions to users@lists.example.net\n\nToday's Topics:\n\n   1. bounce help (Jo)\n\n----------------------------------------------------------------------\n\nMessage: 1\nFrom: Jo <jo@partner.example>\nSubject: bounce help\n\n" + BOUNCE, "List-Id: <users.lists.example.net>\nPrecedence: list\n"), "*")
C["list-post"] = (m(PERSON, "[users] what does User unknown mean", "I get:\n\n" + BOUNCE, "List-Id: <users.lists.example.net>\nPrecedence: list\n"), "*")
C["newsletter-tutorial"] = (m("Mail tips <tips@vendor.example>", "10 SMTP errors explained", "550 5.1.1 user unknown: the address does not exist. Example: <joe@example.org>: user unknown.\nRemove such addresses from your list.\nQuestions? support@vendor.example\n", "List-Unsubscribe: <mailto:u@vendor.example>\n"), "*")
C["ticket"] = (m("Support <support@helpdesk.example>", "[#4711] Delivery failed: 550 5.1.1 user unknown", "Thank you, your ticket was created.\n\nYou wrote:\n> delivery to victim@example.org failed: 550 5.1.1 user unknown\n", "Auto-Submitted: auto-generated\n"), "*")
C["admin-hand-written"] = (m("Postmaster <postmaster@corp.example>", "your mail to joe@corp.example", "Hello,\n\njoe@corp.example gets an error 550 5.1.1 user unknown when he writes to sales@example.com. Please fix.\n\nThe postmaster\n"), "*")
C["vacation-left"] = (m("Victim <victim@example.org>", "Automatic reply: News", "I no longer work for Example. This mailbox does not exist any more from January. Please write to info@example.org\n", "Auto-Submitted: auto-replied\nPrecedence: bulk\n"), ["info@example.org"])
C["vacation-undeliverable-subject"] = (m("Victim <victim@example.org>", "Out of Office: Undeliverable: News", "I am out of the office until Monday. Mail to assistant@example.org will be read.\n", "Auto-Submitted: auto-replied\n"), "*")
C["challenge"] = (m("Victim <victim@example.org>", "Your message to victim@example.org requires verification", "Your message could not be delivered yet. Please click to confirm: http://x.example/c\n", "Auto-Submitted: auto-replied\n"), "*")
C["delay-says-unknown"] = (dsn([g(V, "delayed", "4.4.1", "smtp; 451 4.4.1 connection timed out")], "This is a warning. Your message has not been delivered yet. It will be returned if the user is unknown or the mailbox does not exist.\n"), "*")
C["delay-5.1.1-in-text"] = (dsn([g(V, "delayed", "4.2.0", "smtp; 450 4.2.0 <victim@example.org>: Recipient address rejected: User unknown in local recipient table, greylisted")], subj="Delayed Mail (still being retried)"), "*")
C["delivered-dsn-unknown-words"] = (dsn([g(V, "delivered", "2.1.5", "smtp; 250 2.1.5 user-unknown@example.org mailbox is full of joy")], "Your message was successfully delivered. user unknown mailbox full\n", subj="Successful Mail Delivery Report"), "*")
C["relayed"] = (dsn([g(V, "relayed", "2.1.9", None)], "Delivery to these recipients was relayed, but does not exist report\n", subj="Relayed"), "*")
C["expanded"] = (dsn([g("list@example.org", "expanded", "2.1.5", None)], "expanded, no such user\n"), "*")
C["returned-text-has-bounce"] = (dsn([g("real@example.org")], orig="From: news@example.com\nTo: real@example.org\nSubject: News\n\n" + BOUNCE), [V])
C["returned-text-has-bounce-nomime"] = (m(DAEMON, "failure notice", "Hi. This is the qmail-send program at mx.example.net.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<real@example.org>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <news@example.com>\nFrom: news@example.com\nTo: real@example.org, other@example.org\nSubject: x\n\n<victim@example.org>:\nSorry, no mailbox here by that name. (#5.1.1)\n"), [V, "other@example.org"])
C["returned-fake-marker"] = (m(DAEMON, "failure notice", "Hi. This is the qmail-send program at mx.example.net.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n<real@example.org>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 unknown\nGiving up on 192.0.2.1.\n\n--- Enclosed are the original headers of the message.\n\nTo: real@example.org\nSubject: <victim@example.org>: user unknown\nX-Failed-Recipients: victim@example.org\n"), [V])
C["cc-not-bounced"] = (dsn([g("real@example.org")], orig="From: news@example.com\nTo: real@example.org\nCc: victim@example.org, other@example.org\nSubject: News\n\nHello\n"), [V, "other@example.org"])
C["multi-failed-delivered"] = (dsn([g("real@example.org"), g(V, "delivered", "2.0.0", "smtp; 250 ok")]), [V])
C["multi-failed-delayed"] = (dsn([g("real@example.org"), g(V, "delayed", "4.4.1", "smtp; 451 later")]), [V])
C["multi-failed-relayed-nodiag"] = (dsn([g("real@example.org"), g(V, "relayed", "2.0.0", None)], "<real@example.org>: user unknown\n<victim@example.org>: relayed\n"), [V])
C["ip-blocked-named-unknown"] = (dsn([g("user.unknown@example.org", "failed", "5.7.1", "smtp; 550 5.7.1 <user.unknown@example.org>: Client host [192.0.2.9] blocked using zen.example")]), "*")
C["mailbox-name-no-such-user"] = (dsn([g("no.such.user@example.org", "failed", "5.7.1", "smtp; 554 5.7.1 <no.such.user@example.org>: spam content rejected")]), "*")
C["name-user-unknown-content"] = (dsn([g("user unknown@example.org".replace(" ", "-"), "failed", "5.0.0", "smtp; 554 message refused by policy for user-unknown@example.org")]), "*")
C["sender-verify"] = (dsn([g(V, "failed", "5.0.0", "smtp; 550 Verification failed for <news@example.com>: no such user: Sender verify failed")]), "*")
C["sender-domain"] = (dsn([g(V, "failed", "5.1.8", "smtp; 550 5.1.8 <news@example.com>: Sender address rejected: Domain not found")]), "*")
C["sender-unknown"] = (dsn([g(V, "failed", "5.1.0", "smtp; 550 5.1.0 <news@example.com> sender rejected: address does not exist (in reply to MAIL FROM command)")]), "*")
C["too-large"] = (dsn([g(V, "failed", "5.3.4", "smtp; 552 5.3.4 Message size exceeds fixed limit; user unknown errors see faq")]), "*")
C["mailbox-full"] = (dsn([g(V, "failed", "5.2.2", "smtp; 552 5.2.2 mailbox full")]), "*")
C["expired"] = (dsn([g(V, "failed", "4.4.7", "smtp; 421 4.4.7 delivery time expired")]), "*")
C["dmarc"] = (dsn([g(V, "failed", "5.7.26", "smtp; 550 5.7.26 Unauthenticated email is not accepted due to domain's DMARC policy. user unknown?")]), "*")
C["relay-denied"] = (dsn([g(V, "failed", "5.7.1", "smtp; 550 5.7.1 Unable to relay for victim@example.org")]), "*")
C["system-error-5.3.0"] = (dsn([g(V, "failed", "5.3.0", "x-unix; user lookup failed: temporary error, unknown mailer error 255")]), "*")
C["callback-quoted-other"] = (dsn([g(V, "failed", "5.0.0", "smtp; 550 <other@example.org>: user unknown")]), [V, "other@example.org"])
C["x-failed-in-human-mail"] = (m(PERSON, "lunch?", "Shall we have lunch on Friday?\n", "X-Failed-Recipients: victim@example.org\n"), "*")
C["human-subject"] = (m(PERSON, "550 5.1.1 user unknown victim@example.org", "see the subject, can you help? Jo\n"), "*")
C["human-from-mailer-name"] = (m('"Mail Delivery System" <jo@partner.example>', "Question", "Hello, does victim@example.org still work at your company? I got user unknown.\n"), "*")
C["human-null-sender"] = (m(PERSON, "Question", "I wrote to <victim@example.org> and they say user unknown. Is it right?\n", "Return-Path: <>\n"), "*")
C["contact-in-prose"] = (m(DAEMON, "Undelivered Mail Returned to Sender", BOUNCE.replace("victim", "real") + "\nFor further assistance, please send mail to <postmaster@mx.example.net>\nor call helpdesk@example.org: user unknown errors are common.\n"), ["postmaster@mx.example.net", "helpdesk@example.org"])
C["own-address"] = (dsn([g("bounces@example.com")]), ["bounces@example.com"])
C["own-sender"] = (dsn([g("news@example.com")]), [])
C["mdn-deleted"] = (m(V, "Not read: News", "--b\nContent-Type: text/plain\n\nYour message was deleted without being read. mailbox does not exist\n--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; victim@example.org\nDisposition: automatic-action/MDN-sent-automatically; deleted\n\n--b--\n", "", 'multipart/report; report-type=disposition-notification; boundary="b"'), "*")
C["recall"] = (m(PERSON, "Message Recall Failure: News", "Your message\n\n   To: victim@example.org\n   Subject: News\n\ncould not be recalled: user unknown.\n"), "*")
C["group-no-permission"] = (m("Mail Delivery Subsystem <mailer-daemon@googlemail.com>", "Delivery Status Notification (Failure)", "Hello bounces@example.com,\n\nWe're writing to let you know that the group you tried to contact (victim) may not exist, or you may not have permission to post messages to the group.\n", "X-Failed-Recipients: victim@example.org\n"), [])
C["conditional"] = (m(DAEMON, "Warning: message delayed 4 hours", "Message delayed for:\n\n  victim@example.org\n\nNo action is required. If the address does not exist, or the user is unknown, you will get another mail: 550 5.1.1 User unknown.\n"), "*")
C["spam-imitates"] = (m('"Mail Delivery Failure" <no-reply@phish.example>', "Mail delivery failed: returning message to sender", "5 incoming messages for victim@example.org could not be delivered: mailbox is disabled.\nClick http://phish.example/login to release your messages.\nEmail account victim@example.org will be closed.\n"), [V])
C["spam-quota"] = (m('"Webmail admin" <admin@phish.example>', "victim@example.org your mailbox does not exist after today", "Dear victim@example.org\n\nYour account will be deactivated. User unknown device signed in. Verify http://phish.example\n"), [V])
C["subscription-confirm"] = (m("lists@lists.example.net", "Your subscription to users was disabled", "Your subscription to users@lists.example.net was disabled due to excessive bounces. The last bounce received from you was dated 26-Nov.\nvictim@example.org user unknown\n", "Auto-Submitted: auto-generated\nPrecedence: list\n"), "*")
C["mailman-bounce-action"] = (m("mailman@lists.example.net", "Bounce action notification", "This is a Mailman mailing list bounce action notice:\n\n    List:       users\n    Member:     victim@example.org\n    Action:     Subscription disabled.\n    Reason:     Excessive or fatal bounces.\n"), [])
C["dsn-bad-action"] = (dsn([g(V, "FAILED (not really: delivered)", "2.0.0", "smtp; 250 2.0.0 ok")]), "*")
C["dsn-status-2"] = (dsn([g(V, "failed", "2.0.0", "smtp; 250 2.0.0 OK user unknown")]), "*")
C["dsn-conflict-fields"] = (dsn(["Final-Recipient: rfc822; victim@example.org\nAction: delayed\nAction: failed\nStatus: 4.4.1\nStatus: 5.1.1\nDiagnostic-Code: smtp; 451 4.4.1 timeout\n"]), "*")
C["dsn-two-finals"] = (dsn(["Final-Recipient: rfc822; real@example.org\nFinal-Recipient: rfc822; victim@example.org\nAction: failed\nStatus: 5.1.1\n"]), [V])
C["dsn-comment-addr"] = (dsn(["Final-Recipient: rfc822; real@example.org (victim@example.org)\nAction: failed\nStatus: 5.1.1\n"]), [V])
C["dsn-addr-in-diag"] = (dsn([g("real@example.org", "failed", "5.1.1", "smtp; 550 5.1.1 <victim@example.org> user unknown; forwarded from real@example.org")]), [V])
C["dsn-in-attachment-of-person"] = (m(PERSON, "please help", "--b\nContent-Type: text/plain\n\nWhat is this?\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n" + g(V) + "\n--b--\n", "", 'multipart/mixed; boundary="b"'), "*")
C["dsn-text-attachment"] = (m(PERSON, "please help", "--b\nContent-Type: text/plain\n\nWhat is this?\n--b\nContent-Type: text/plain; name=bounce.txt\nContent-Disposition: attachment\n\n" + BOUNCE + "\n--b--\n", "", 'multipart/mixed; boundary="b"'), "*")
C["arf-not-spam"] = (m("fbl@isp.example", "not spam", "--b\nContent-Type: text/plain\n\nThis is a not-spam report: a user marked your message as not spam.\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: not-spam\nUser-Agent: x/1\nVersion: 1\nOriginal-Rcpt-To: victim@example.org\n\n--b\nContent-Type: message/rfc822\n\nFrom: news@example.com\nTo: victim@example.org\nSubject: x\n\nhi\n--b--\n", "", 'multipart/report; report-type=feedback-report; boundary="b"'), "*")
C["arf-auth-failure"] = (m("dmarc@isp.example", "DMARC failure", "--b\nContent-Type: text/plain\n\nauth failure\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: auth-failure\nAuth-Failure: dmarc\nUser-Agent: x/1\nVersion: 1\nOriginal-Rcpt-To: victim@example.org\n\n--b\nContent-Type: message/rfc822\n\nFrom: news@example.com\nTo: victim@example.org\nSubject: x\n\nhi\n--b--\n", "", 'multipart/report; report-type=feedback-report; boundary="b"'), "*")
C["arf-virus"] = (C["arf-not-spam"][0].replace("Feedback-Type: not-spam", "Feedback-Type: virus"), [])
C["unicode-twin"] = (dsn([g("v\u0456ctim@example.org")]), [V])
C["case-plus"] = (dsn([g("victim+real@example.org")]), [V])
C["percent-route"] = (dsn([g("victim%example.org@relay.example")]), [V])
C["source-route"] = (dsn([g("@relay.example:real@example.org")]), [V])
C["quoted-local"] = (dsn([g('"victim@example.org"@evil.example')]), [V])
C["two-notices-one-text"] = (m(DAEMON, "Undelivered Mail Returned to Sender", BOUNCE.replace("victim", "real") + "\n<victim@example.org>: delivery temporarily suspended: connect to mx2: Connection timed out\n"), [V])
C["sieve-reject"] = (m("Victim <victim@example.org>", "Rejected: News", "Your message was automatically rejected by Dovecot Mail Delivery on mx.example.org.\n\nThe following reason was given:\nplease use my other address, this one is not for newsletters, user unknown ha ha\n", "Auto-Submitted: auto-replied (rejected)\n"), [])
C["body-invites"] = (m(PERSON, "failure notice", "My failure notice to you: you failed. <victim@example.org> is unknown to me.\n"), "*")
C["calendar-decline"] = (m("Victim <victim@example.org>", "Declined: meeting", "The recipient has declined. User unknown cannot attend.\n"), "*")
C["html-hidden"] = (m(PERSON, "Hello", '<p>Nice to meet you</p><div style="display:none">This is the mail system at host x. &lt;victim@example.org&gt;: 550 5.1.1 User unknown</div>', "", "text/html"), "*")
C["footer-unsub"] = (m(DAEMON, "Undelivered Mail Returned to Sender", BOUNCE.replace("victim", "real") + "\n--\nThis email was sent to victim@example.org. To unsubscribe write to leave@example.org\n"), [V, "leave@example.org"])
C["dsn-orcpt-other"] = (dsn([g("real@forward.example", orig="victim@example.org")]), [])
H = "From: Jo Person <victim@example.org>\nTo: bounces@example.com\nMIME-Version: 1.0\n"
U = {
 "subject-unsubscribe": H + "Subject: unsubscribe\n\nplease\n",
 "subject-question": H + "Subject: How do I unsubscribe my competitor?\n\nx\n",
 "subject-re": H + "Subject: Re: News [unsubscribe]\n\nI love it, don't unsubscribe me\n",
 "body-only": H + "Subject: hello\n\nunsubscribe\n",
 "body-negated": H + "Subject: hello\n\nPlease do not unsubscribe me, my address has changed to new@example.org\n",
 "subject-not": H + "Subject: do not unsubscribe me\n\nx\n",
 "subject-unsub-body-other": H + "Subject: unsubscribe other@example.org\n\nplease remove other@example.org\n",
 "reply-to": H + "Reply-To: other@example.org\nSubject: unsubscribe\n\n\n",
 "list-unsub-header": H + "List-Unsubscribe: <mailto:x@y>\nSubject: News\n\nread our news; unsubscribe below\n",
 "vacation-unsub": H + "Auto-Submitted: auto-replied\nSubject: Re: unsubscribe\n\nAway\n",
 "two-froms": "From: attacker@evil.example, victim@example.org\nTo: bounces@example.com\nSubject: unsubscribe\n\n\n",
 "arf-opt-out": "From: fbl@isp.example\nTo: b@example.com\nSubject: fbl\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n\nx\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: opt-out\nOriginal-Rcpt-To: victim@example.org\n\n--b--\n",
}
for ft in ("abuse", "fraud", "virus", "other", "not-spam", "auth-failure", "dkim", "opt-out", "xyz"):
    U["arf-" + ft] = U["arf-opt-out"].replace("opt-out\n", ft + "\n")
U["ruf-to-header"] = "From: dmarc@isp.example\nTo: b@example.com\nSubject: DMARC failure report\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n\nThis is an authentication failure report for an email message received from IP 192.0.2.66.\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: auth-failure\nAuth-Failure: dmarc\nUser-Agent: x/1\nVersion: 1\nOriginal-Mail-From: <ceo@example.com>\nSource-IP: 192.0.2.66\nReported-Domain: example.com\n\n--b\nContent-Type: message/rfc822\n\nFrom: ceo@example.com\nTo: victim@example.org\nSubject: pay this invoice\n\nhi\n--b--\n"

WISHES = {'subject-unsubscribe', 'reply-to', 'arf-opt-out', 'arf-abuse', 'arf-fraud'}

# What is wrong, and why it stays so.
KNOWN = {
    'system-error-5.3.0': 'the words "user lookup failed" say more than the "temporary" behind them',
}


def main():
    dsnctl, = sys.argv[1:]
    wrong = {}
    mails = {name: (mail, no) for name, (mail, no) in C.items()}
    mails.update({'wish-' + name: (mail, [] if name in WISHES else '*') for name, mail in U.items()})
    with tempfile.TemporaryDirectory() as folder:
        for name, (mail, _) in mails.items():
            with open(os.path.join(folder, name + '.eml'), 'w', encoding='utf-8') as file:
                file.write(mail)
        out = subprocess.run([dsnctl, 'parse', '--json', '--rules', '', folder], stdout=subprocess.PIPE).stdout
    events, given_up = 0, set()
    for event in map(json.loads, out.decode('utf-8').splitlines()):
        name = os.path.basename(event['source']['file'])[:-len('.eml')]
        no, recipient = mails[name][1], event.get('recipient')
        events += 1
        if event.get('advice') != 'suppress':
            continue
        given_up.add(name)
        if no == '*' or recipient in no or recipient is None:
            wrong[name] = '%s: %s %s %s, %s%% by %s' % (name, event['kind'], recipient, event.get('category'), event.get('confidence'), event.get('rule'))
    for name, what in sorted(wrong.items()):
        print('%s%s' % (what, ' (known: %s)' % KNOWN[name] if name in KNOWN else ''))
    missing = sorted('wish-' + name for name in WISHES if 'wish-' + name not in given_up)
    print('%d mails, %d events, %d wrong; wishes not heard: %s' % (len(mails), events, len(wrong), ' '.join(missing) or 'none'))
    sys.exit(bool(set(wrong) - set(KNOWN)) or bool(missing) or events < len(mails))


main()
