"""Hostile mails, made when they're needed: each exhausts something in a program that reads mail.

Run as a program it writes them into a directory: bombs.py DIRECTORY [NAME...]
"""

import os
import sys

MIB = 1 << 20

PLAIN = b"From: MAILER-DAEMON@mx.example.net\nTo: bounces@example.com\nSubject: failure notice\n"
MIME = PLAIN + b"MIME-Version: 1.0\n"
MIXED = MIME + b'Content-Type: multipart/mixed; boundary="b"\n\n'
REPORT = MIME + b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
NOTICE = b"--b\nContent-Type: text/plain\n\nYour message could not be delivered.\n\n"
STATUS = b"--b\nContent-Type: message/delivery-status\n\n"
RECIPIENT = b"Final-Recipient: rfc822; user%d@example.org\nAction: failed\nStatus: 5.1.1\n\n"
END = b"--b--\n"


def text(body, content_type=b"text/plain"):
    return MIME + b"Content-Type: " + content_type + b"\n\n" + body


def status(fields):
    """A report whose machine part has these bytes."""
    return REPORT + NOTICE + STATUS + fields + b"\n" + END


def header(line):
    """A good report with one more header."""
    return line + b"\n" + status(b"Reporting-MTA: dns; mx.example.net\n\n" + RECIPIENT % 1)


def nested(depth, content_type, tail):
    """Multiparts inside one another; every boundary begins with the one around it."""
    out = [MIME + b'Content-Type: multipart/mixed; boundary="b"\n\n']
    for level in range(1, depth):
        outer = b"b" * level if level < 60 else b"b%d" % (level - 1)
        inner = b"b" * (level + 1) if level + 1 < 60 else b"b%d" % level
        out.append(b"--%s\nContent-Type: %s; boundary=%s\n\n" % (outer, content_type, inner))
    return b"".join(out) + tail


def wide_report():
    """Few bytes that make many events, each with everything that the mail says of itself."""
    long = b"x" * 4000
    fields = b"".join(b"%s: %s\n" % (name, long)
                      for name in (b"Message-ID", b"From", b"To", b"Subject", b"List-ID",
                                   b"Feedback-ID", b"Date"))
    return (b"Subject: " + long + b"\n" + REPORT.replace(b"failure notice", long) + NOTICE + STATUS
            + b"Reporting-MTA: dns; " + long + b"\nOriginal-Envelope-Id: " + long + b"\n\n"
            + b"".join(RECIPIENT % i for i in range(1000))
            + b"\n--b\nContent-Type: message/rfc822\n\n" + fields + b"\nHello.\n" + END)


def long_diagnostics():
    line = b"Diagnostic-Code: smtp; 550 5.1.1 " + b"no such user here " * 220 + b"\n"
    return status(b"Reporting-MTA: dns; mx.example.net\n\n"
                  + b"".join(line + RECIPIENT % i for i in range(250)))


def encoded_words(*words):
    return b" ".join(b"=?utf-8?q?" + b"".join(b"=%02X" % c for c in word) + b"?=" for word in words)


INJECTION = (b"\x1b]0;owned\x07", b"\x1b[2J\x1b[31m", b"a\r\nMESSAGE=forged\nPRIORITY=0",
             "\u009b31m\u0085\u202e\u2066".encode(), b"\x08\x08\x08", b"\x00\x01\x7f")
BAD_UTF8 = (b"\xff\xfe", b"\xc0\xaf", b"\xed\xa0\x80", b"\xed\xa0\xbd\xed\xb8\x80", b"\xf4\x90\x80\x80",
            b"\xe2\x80", "\u2028\u2029\ufeff\ufffe\uffff".encode(), b'"\\\\u0000\\ud800"')

BOMBS = {
    "500k-parts": lambda: MIXED + b"--b\n\nabc\n" * 500000 + END,
    "100k-status-parts": lambda: REPORT + NOTICE + (STATUS + RECIPIENT % 1) * 100000 + END,
    "1000-levels": lambda: nested(1000, b"multipart/mixed", b"--b\n" * 2500000),
    "30-levels": lambda: nested(30, b"multipart/mixed", b"--b\n" * 2500000),
    "1000-alternatives": lambda: nested(1000, b"multipart/alternative", b"--bbb\n" * 100000),
    "10k-messages": lambda: MIME + b"Content-Type: message/rfc822\n\n" * 10000 + b"end\n",
    "10k-partials": lambda: MIME + b"Content-Type: message/partial; number=1; total=1; id=x\n\n" * 10000,
    "1m-headers": lambda: PLAIN + b"A: b\n" * 1000000 + b"\nbody\n",
    "1m-empty-headers": lambda: PLAIN + b":\n" * 1000000 + b"\nbody\n",
    "folded-header": lambda: PLAIN + b"X-Long: a\n" + b" " + b"x" * 98 + b"\n" + (b" " + b"y" * 98 + b"\n") * 100000 + b"\n",
    "blank-folds": lambda: b"Subject: a\n" + b" \n" * 500000 + b" b\n\nbody\n",
    "100k-to": lambda: header(b"To: " + b",\n ".join(b"u%d@example.com" % i for i in range(100000))),
    "100k-recipients": lambda: status(b"Reporting-MTA: dns; mx.example.net\n\n" + b"".join(RECIPIENT % i for i in range(100000))),
    "100k-fields": lambda: status(b"Reporting-MTA: dns; mx.example.net\n\n" + b"Status: 5.1.1\n" * 100000),
    "wide-report": wide_report,
    "long-diagnostics": long_diagnostics,
    "60k-charsets": lambda: header(b"Subject: " + b" ".join(b"=?x%d?q?a?=" % i for i in range(60000))),
    "unknown-charset-body": lambda: text(b"\xff" * MIB, b"text/plain; charset=" + b"z" * 5000),
    "utf7-and-utf16": lambda: text(b"+2AA-\xd8\x00\xdc\x00" * 100000, b"text/plain; charset=utf-16"),
    "groups": lambda: header(b"To: " + b"a:" * 500000),
    "parentheses": lambda: header(b"To: " + b"(" * 500000),
    "angles": lambda: header(b"From: " + b"<" * 500000),
    "quotes": lambda: header(b"From: " + b'"\\' * 250000),
    "commas": lambda: header(b"To: " + b",;" * 250000),
    "50k-parameters": lambda: MIME + b"Content-Type: multipart/report" + b"".join(b";\n p*%d*=''%%41" % i for i in range(50000)) + b"; boundary=b\n\n" + NOTICE,
    "long-boundary": lambda: MIME + b'Content-Type: multipart/mixed; boundary="' + b"b" * 900000 + b'"\n\n--b\n\n',
    "empty-boundary": lambda: MIME + b'Content-Type: multipart/mixed; boundary=""\n\n' + b"--\n" * 300000,
    "50-mb-body": lambda: text((b"z" * 76 + b"\n") * (50 * MIB // 77)),
    "nul-bytes": lambda: REPORT.replace(b"failure", b"fail\0ure") + NOTICE.replace(b"could", b"\0could\0") + STATUS + RECIPIENT.replace(b"rfc822;", b"rfc822;\0") % 1 + b"\0" * 100000 + END,
    "8-bit-headers": lambda: bytes(range(128, 256)) + b": x\nSubject: " + bytes(range(128, 256)) * 500 + b"\n" + status(RECIPIENT % 1),
    "endless-line": lambda: PLAIN + b"\n" + b"5" * (5 * MIB),
    "endless-header-name": lambda: b"X" * (5 * MIB),
    "endless-status-line": lambda: status(b"Status: 5" + b"." * MIB),
    "huge-numbers": lambda: status(b"Final-Recipient: rfc822; u@example.org\nStatus: 99999999999999999999.4294967296.18446744073709551616\nDiagnostic-Code: smtp; 99999999999 5.1.1\nLast-Attempt-Date: Mon, 99 Foo 999999999999 99:99:99 +99999999\n"),
    "terminal": lambda: header(b"Subject: " + encoded_words(*INJECTION)) + b"".join(INJECTION),
    "terminal-in-status": lambda: status(b"".join(b"Final-Recipient: rfc822; u%s@example.org\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 %s\n\n" % (bad.replace(b"\n", b" "), bad.replace(b"\n", b" ")) for bad in INJECTION)),
    "bad-utf8": lambda: header(b"Subject: " + encoded_words(*BAD_UTF8)) + b"".join(BAD_UTF8),
    "bad-utf8-in-status": lambda: status(b"".join(b"Final-Recipient: rfc822; %su@example.org\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 %s\n\n" % (bad, bad) for bad in BAD_UTF8)),
    "bad-base64": lambda: MIME + b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n" + b"=A-_\xff!" * 200000,
    "quoted-printable": lambda: MIME + b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=\n=" * 300000,
    "uuencode": lambda: MIME + b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 x\n" + b"\xff`M\n" * 200000,
    "html-depth": lambda: text(b"<div><table><tr><td>" * 50000, b"text/html"),
    "html-angles": lambda: text(b"<" * 500000 + b"<!--" * 100000, b"text/html"),
    "html-entities": lambda: text(b"&#x110000;&#0;&#xd800;&" * 45000, b"text/html; charset=gb18030"),
    "half-addresses": lambda: text(b"<a@" * 20000 + b"@" * 20000 + b"a.@b-." * 5000),
    "many-replies": lambda: text(b"<u@example.org>: 550 5.1.1 no such user 550-5.1.1 4.2.2 421\n" * 1000),
    "near-phrases": lambda: text((b"user user unknown mailbox is is full does not not exist " * 60 + b"\n") * 20),
    "json-depth": lambda: text(b"[" * 500000, b"application/json"),
    "json-objects": lambda: text(b'{"notificationType":' * 50000, b"application/json"),
    "long-return-path": lambda: header(b"Delivered-To: " + b"b+" * 100000 + b"=" * 100000 + b"@example.com\nReturn-Path: <" + b"SRS0=" * 20000 + b"@x>"),
    "bare-cr": lambda: status(RECIPIENT % 1).replace(b"\n", b"\r") * 500,
    "cr-cr-lf": lambda: status(RECIPIENT % 1).replace(b"\n", b"\r\r\n"),
    "from-lines": lambda: PLAIN + b"\n" + b"From a@b Thu Jan  1 00:00:00 1970\n" * 30000,
    "boundary-that-ends-nothing": lambda: REPORT + b"--b--\n" * 200000,
}


def write(directory, names=None):
    for name in names or BOMBS:
        with open(os.path.join(directory, name), "wb") as out:
            out.write(BOMBS[name]())


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    write(sys.argv[1], sys.argv[2:])
