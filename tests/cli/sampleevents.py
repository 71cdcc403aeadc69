"""Events as dsnd would record them, spread over days, with incidents among them: for the tests of `dsnctl report`, and to
look at its pages.

    sampleevents.py SPOOL [EVENTS [DAYS]]

writes a spool of about EVENTS (default 12000) over DAYS (default 7) that ends at 2026-11-21T00:00Z. The same arguments give
the same bytes.
"""
import datetime
import json
import math
import os
import random
import sys

END = datetime.datetime(2026, 11, 21, tzinfo=datetime.timezone.utc)

# weight, kind, class, advice, category, reply
CAUSES = [
    (30, 'bounce', 'hard', 'suppress', 'bad_mailbox', '550 5.1.1 User unknown'),
    (6, 'bounce', 'hard', 'suppress', 'bad_domain', '550 5.1.2 Host unknown'),
    (5, 'bounce', 'hard', 'suppress', 'inactive_mailbox', '554 5.2.1 This mailbox is disabled'),
    (14, 'bounce', 'soft', 'retry', 'mailbox_full', '452 4.2.2 The account is over quota'),
    (6, 'bounce', 'soft', 'fix_content', 'spam_content', '550 5.7.1 Message looks like spam'),
    (4, 'bounce', 'soft', 'fix_sender', 'auth_failed', '550 5.7.26 SPF and DKIM did not pass'),
    (4, 'bounce', 'soft', 'slow_down', 'rate_limited', '421 4.7.28 Too many messages'),
    (3, 'bounce', 'soft', 'retry', 'expired', '4.4.7 Delivery time expired'),
    (3, 'bounce', 'soft', 'review', 'unknown', '550 Sorry'),
    (10, 'delayed', 'soft', 'retry', 'no_connection', '4.4.1 Connection timed out'),
    (6, 'delayed', 'soft', 'retry', 'greylisted', '451 4.7.1 Greylisted, try again'),
    (4, 'auto_reply', 'none', 'none', None, None),
    (2, 'complaint', 'none', 'suppress', None, None),
    (2, 'delivered', 'none', 'none', None, None),
    (1, 'other', None, None, None, None),
]
# weight, domain, provider, remote host
PLACES = [
    (30, 'gmail.example', 'google', 'gmail-smtp-in.l.google.example'),
    (22, 'outlook.example', 'microsoft', 'outlook-com.olc.protection.outlook.example'),
    (12, 'yahoo.example', 'yahoo', 'mta7.am0.yahoodns.example'),
    (8, 'gmx.example', 'gmx', 'mx00.emig.gmx.example'),
    (5, 'example.org', None, 'mx.example.org'),
    (4, 'uni.example.edu', None, 'mail.uni.example.edu'),
    (19, None, None, None),
]
SENDERS = [(6, 'News <news@example.com>'), (3, 'shop@example.com'), (1, '"Alerts" <alerts@example.com>')]


def crc32c_table():
    table = []
    for n in range(256):
        for _ in range(8):
            n = n >> 1 ^ 0x82f63b78 * (n & 1)
        table.append(n)
    return table


TABLE = crc32c_table()


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 255]
    return crc ^ 0xffffffff


def pick(rng, rows):
    return rng.choices(rows, [row[0] for row in rows])[0][1:]


def rush(when):
    """How much mail goes out at this time of day and week, 0 to 1."""
    hour = when.hour + when.minute / 60
    day = 0.5 + 0.5 * math.cos((hour - 13) / 24 * 2 * math.pi)
    return (0.15 + 0.85 * day) * (0.4 if when.weekday() >= 5 else 1)


def event(rng, n, when, cause, place):
    kind, cls, advice, category, reply = cause
    domain, provider, host = place
    domain = domain or 'host%d.example.net' % min(int(rng.paretovariate(0.6)), 99999)
    found = {'v': 1, 'seq': n, 'id': '%032x-1' % rng.getrandbits(128), 'part': [1, 1],
             'time': when.strftime('%Y-%m-%dT%H:%M:%S.') + '%03dZ' % (when.microsecond // 1000), 'kind': kind}
    if category:
        found.update(action='failed' if kind == 'bounce' else 'delayed',
                     recipient='user%d@%s' % (int(rng.paretovariate(0.4)) % 1000000, domain), diagnostic=reply, category=category)
    if cls:
        found['class'] = cls
    if advice:
        found['advice'] = advice
    if category and provider:
        found['provider'] = provider
    if category:
        found.update(format='postfix', reporting_mta='mail%d.example.com' % (n % 3 + 1), remote_mta=host or 'mx.' + domain)
        found['original'] = {'message_id': '<%d@example.com>' % n, 'from': pick(rng, SENDERS)[0], 'subject': 'A letter'}
    found['trust'] = 'suspect' if rng.random() < 0.01 else 'verified'
    found['source'] = {'mailbox': 'bounces', 'file': '%d.M%d.host' % (when.timestamp(), n), 'size': 4000}
    return found


def incident(rng, start, minutes, count, cause, place, extra):
    for _ in range(count):
        when = start + datetime.timedelta(seconds=rng.uniform(0, 60 * minutes))
        yield when, cause, place, extra


def plan(rng, events, days):
    """Times, causes and places, in the order of time."""
    planned = []
    begin = END - datetime.timedelta(days=days)
    while len(planned) < events * 0.9:
        when = begin + datetime.timedelta(seconds=rng.uniform(0, 86400 * days))
        if rng.random() < rush(when):
            planned.append((when, pick(rng, CAUSES), pick(rng, PLACES), {}))
    planned += incident(rng, END - datetime.timedelta(days=2, hours=13, minutes=25), 5, int(events * 0.026),
                        ('bounce', 'soft', 'fix_sender', 'ip_blocked',
                         '550 5.7.1 Service unavailable, Client host [192.0.2.7] blocked using zen.blocklist.example'),
                        PLACES[1][1:], {'block_list': 'zen.blocklist.example'})
    planned += incident(rng, END - datetime.timedelta(days=4, hours=8), 40, int(events * 0.05),
                        ('bounce', 'soft', 'slow_down', 'rate_limited', '421 4.7.28 Our system has detected an unusual rate'),
                        PLACES[0][1:], {})
    planned += incident(rng, END - datetime.timedelta(days=1, hours=3), 12, int(events * 0.02),
                        ('delayed', 'soft', 'retry', 'dns_failure', '4.4.3 Host or domain name not found: try again'),
                        (None, None, None), {})
    planned.sort(key=lambda row: row[0])
    return planned


def spool_line(found):
    line = json.dumps(found, separators=(',', ':'), ensure_ascii=False)[:-1].encode()
    return line + b',"crc":"%08x"}\n' % crc32c(line)


def write_spool(directory, lines, per_segment=50000):
    """The lines, whose seq starts with 1, as segments."""
    os.makedirs(directory, exist_ok=True)
    out = None
    for n, line in enumerate(lines, 1):
        if n % per_segment == 1:
            if out:
                out.close()
            out = open(os.path.join(directory, '%020d.jsonl' % n), 'wb')
        out.write(line)
    if out:
        out.close()


def sample(events=12000, days=7):
    rng = random.Random(7)
    for n, (when, cause, place, extra) in enumerate(plan(rng, events, days), 1):
        yield {**event(rng, n, when, cause, place), **extra}


def main(directory, events=12000, days=7):
    write_spool(directory, (spool_line(found) for found in sample(int(events), int(days))))


if __name__ == '__main__':
    main(*sys.argv[1:])
