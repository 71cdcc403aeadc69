"""Odd spellings of addresses: an event names a whole address of its mail, or says `review`.

    spellings.py DSNCTL

Each spelling is put where reports name recipients: Final-Recipient, Original-Recipient, X-Failed-Recipients, and the text. SPELLINGS are mailboxes of
somebody else, or nobody's, that hold victim@example.org: nobody may be given up by that name. generate() makes more of them, the same ones in each run.
What is a whole address is read here by a grammar of its own.
"""
import json
import os
import random
import re
import subprocess
import sys
import tempfile

VICTIM = 'victim@example.org'
GENERATED = 600

SPELLINGS = [
    b'"victim@example.org"@evil.example', b'"victim\\@example.org"@evil.example', b'" victim@example.org "@evil.example', b'"<victim@example.org>"@evil.example',
    b'victim@example.org@evil.example', b'evil(victim@example.org)@evil.example', b'(victim@example.org) evil@evil.example',
    b'"victim@example.org" <evil@evil.example>', b'victim@example.org <evil@evil.example>', b'victim%40example.org@evil.example', b'victim+40example.org@evil.example',
    b'victi+6D@example.org', b'joe+41@example.org', b'victim@example.org\0.evil.example', b'vic\0tim@example.org', 'vic\u200btim@example.org'.encode(),
    'vic\u200dtim@example.org'.encode(), '\ufeffvictim@example.org'.encode(), 'vic\u00adtim@example.org'.encode(), '\uff56ictim@example.org'.encode(),
    'victim\uff20example.org@evil.example'.encode(), 'victim\ufe6bexample.org@evil.example'.encode(), '\u202emitciv\u202c@example.org'.encode(),
    b'vic\xfftim@example.org', 'vic\u0085tim@example.org'.encode(), b'victim@example.org\r.evil.example', b'evil\tvictim@example.org',
    b'evil@evil.example; victim@example.org', b'evil@evil.example, victim@example.org', b'evil@evil.example\n victim@example.org',
    b'=?utf-8?q?victim=40example.org?= <evil@evil.example>', b'=?utf-8?q?=3Cvictim=40example.org=3E?= <evil@evil.example>', b'=?utf-8?q?victim?=@example.org',
    b'victi&#109;@example.org', b'victi\\x{6D}@example.org', b'victim@example.org.evil.example', b'victim@example.org-.evil.example', b'victim@example.org_evil',
    b'.victim@example.org', b'-victim@example.org', b'=victim@example.org', b'/victim@example.org', b'|victim@example.org', b'*victim@example.org',
    b"'victim@example.org", b'`victim@example.org', b'victim@example.org..evil', b'<@victim.example,@x:evil@evil.example>', b'evil.example!victim@example.org',
    b'victim\x01@example.org', b'vic\x7ftim@example.org', '\u90aevictim@example.org'.encode(), 'victim@example.org\u90ae.evil.example'.encode(),
    'victim@example\u3002org'.encode(), 'victim@example.org\u3002evil.example'.encode(),
]

# What the generator strings together.
PIECES = [b'victim@example.org', b'evil@evil.example', b'a.user', b'@', b'@example.net', b'"', b'"victim@example.org"', b'\\', b'(', b')', b'(note)', b'<', b'>', b'@relay.example:', b',', b';', b' ', b'\t',
          b'.', b'-', b'=', b'%', b"'", b'*', b'!', b'+2B', b'+3D', b'+40', b'\\x{6D}', b'\\x{E9}', b'=?utf-8?q?victim=40example.org?=', b'=?utf-8?q?a?=', b'&amp;', b'[192.0.2.1]', b'rfc822;', b'smtp=', b'\x01',
          '\u90ae'.encode(), '\u3002'.encode(), '\u00e9'.encode(), '\ufeff'.encode(), b'\xff', b'to ', b' said 550', b'\r']


def generate(count):
    chance = random.Random(34)
    for _ in range(count):
        yield b''.join(chance.choice(PIECES[:5] if chance.random() < .4 else PIECES) for _ in range(chance.randint(2, 6)))


DSN = (b'From: MAILER-DAEMON@mx.example.net\nTo: b@example.com\nSubject: x\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n'
       b'--b\n\nfailed\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n%sAction: failed\nStatus: 5.1.1\n\n--b--\n')
PLACES = {
    'final': lambda a: DSN % (b'Final-Recipient: rfc822; %s\n' % a),
    'original': lambda a: DSN % (b'Original-Recipient: rfc822; %s\nFinal-Recipient: rfc822; alias@evil.example\n' % a),
    'text': lambda a: (b"From: MAILER-DAEMON@mx.example.net\nTo: b@example.com\nSubject: failure notice\n\nHi. This is the qmail-send program at mx.example.net.\nI'm afraid I wasn't able to deliver your message to "
                       b"the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<%s>:\nSorry, no mailbox here by that name. (#5.1.1)\n" % a),
    'failed': lambda a: (b'From: Mail Delivery System <MAILER-DAEMON@mx.example.net>\nTo: b@example.com\nX-Failed-Recipients: %s\nSubject: Mail delivery failed: returning message to sender\n\nThis message was '
                         b'created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) '
                         b'failed:\n\n  alias@evil.example\n    Unrouteable address\n' % a),
}

LOCAL = r'''(?:"(?:[^"\\\n]|\\.)*"|[\w!#$%&'*+/=?^`{|}~.-]+)'''
DOMAIN = r'(?:\[[0-9A-Za-z.:]+\]|[\w-][\w.-]*)'
SPEC = '%s@%s' % (LOCAL, DOMAIN)
ROUTED = r'(?:(?:@%s,)*@%s:)?(%s)' % (DOMAIN, DOMAIN, SPEC)
GAP = r'\s*(?:\((?:[^()\\]|\\.)*\)\s*)*'
NAME = r'''(?:"(?:[^"\\]|\\.)*"|\((?:[^()\\]|\\.)*\)|[^@,;:<>"()\\])*'''
MAILBOX = re.compile('%s(?:%s|%s<\\s*%s\\s*>)%s' % (GAP, ROUTED, NAME, ROUTED, GAP))


def decode_xtext(text):
    text = text.replace('+2B', '+').replace('+3D', '=')
    return re.sub(r'\\x\{(E9)\}', lambda match: chr(int(match[1], 16)), text)


def decode_word(text):
    return re.sub(r'^=\?utf-8\?q\?victim=40example\.org\?=$', VICTIM, text)


def whole_addresses(place, spelling):
    """The addresses that the grammar finds in @spelling where it stands in @place, lower case."""
    text = spelling.decode('utf-8', 'replace')
    if place in ('final', 'original'):
        text = decode_word(decode_xtext(re.sub(r'^\s*[\w-]+ *;', '', 'rfc822;' + text, count=1)).strip())
    pieces = [text]
    if place == 'failed':
        pieces = [decode_word(piece.strip()) for piece in re.split(r',(?=(?:[^"]*"[^"]*")*[^"]*$)', text)]
    if place == 'text':
        # all of the line counts: a word of prose is an address too, if blanks, brackets or another script keep it apart
        pieces = [text] + re.findall(r'<([^<>]*)>', '<%s>' % text) + re.split(r'[\s<>,;:\u0080-\uffff]+|"(?!@)', text)
    found = {'alias@evil.example'} if place != 'text' and place != 'final' else set()
    for piece in pieces:
        for candidate in (piece, piece.strip().strip("'"), piece.rstrip('.')):
            match = MAILBOX.fullmatch(candidate)
            if match:
                found.add((match[1] or match[2]).lower().rstrip('.'))
    return found


def main():
    dsnctl, = sys.argv[1:]
    wrong, reviews, named = [], 0, 0
    spellings = [(s, True) for s in SPELLINGS] + [(s, False) for s in generate(GENERATED)]
    with tempfile.TemporaryDirectory() as folder:
        for place, write in PLACES.items():
            for i, (spelling, _) in enumerate(spellings):
                with open(os.path.join(folder, '%s-%04d.eml' % (place, i)), 'wb') as file:
                    file.write(write(spelling))
        out = subprocess.run([dsnctl, 'parse', '--json', '--rules', '', folder], stdout=subprocess.PIPE).stdout
    for event in map(json.loads, out.decode('utf-8').splitlines()):
        place, number = os.path.basename(event['source']['file'])[:-4].split('-')
        spelling, is_listed = spellings[int(number)]
        recipient = event.get('recipient')
        if recipient is None:
            continue
        named += 1
        reviews += event.get('advice') == 'review'
        if event.get('advice') == 'review':
            continue
        if (is_listed and recipient == VICTIM) or recipient.lower() not in whole_addresses(place, spelling):
            wrong.append('%s: %r became %r, advice %s' % (place, spelling, recipient, event.get('advice')))
    print('\n'.join(wrong))
    print('%d spellings in %d places: %d recipients, %d of them to be reviewed, %d wrong' % (len(spellings), len(PLACES), named, reviews, len(wrong)))
    # a reader that names nobody, or is never sure, would pass by that alone
    sys.exit(bool(wrong) or named < 3 * len(spellings) or named - reviews < named // 10)


main()
