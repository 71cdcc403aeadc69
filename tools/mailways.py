"""What lists, gateways and people do to a mail on its way: rewrites for tools/metamorph.

Each takes the mail's bytes and the events of it as it was, and gives the new bytes, or None where it doesn't apply.
"""
import email.header
import html.entities
import re

from mailtree import Part

MARKERS = ('below this line is a copy of', 'this is a copy of', 'original message', 'unsent message', 'message header follows', 'returned message follows',
           'copy of the message', 'received:', 'return-path:')
SYSTEM = re.compile(rb'mailer.?daemon|postmaster|mail (delivery|system)|delivery (sub)?system', re.I)
REPORTS = {'bounce', 'delayed', 'delivered'}
# How mail programs introduce a mail that is passed on, and call its From, date, To and Subject, in a few of their languages.
OUTLOOK = (('________________________________', 'From', 'Sent', 'To', 'Subject', 'FW: '),
           ('-----Ursprüngliche Nachricht-----', 'Von', 'Gesendet', 'An', 'Betreff', 'WG: '),
           ('________________________________', 'De', 'Envoyé', 'À', 'Objet', 'TR: '),
           ('-----Mensaje original-----', 'De', 'Enviado', 'Para', 'Asunto', 'RV: '),
           ('-----邮件原件-----', '发件人', '发送时间', '收件人', '主题', '转发: '),
           ('-----Исходное сообщение-----', 'От', 'Отправлено', 'Кому', 'Тема', 'FW: '))
APPLE = (('Begin forwarded message:', 'From', 'Date', 'To', 'Subject', 'Fwd: '),
         ('Anfang der weitergeleiteten Nachricht:', 'Von', 'Datum', 'An', 'Betreff', 'Fwd: '),
         ('Début du message transféré :', 'De', 'Date', 'À', 'Objet', 'Fwd: '),
         ('Inizio messaggio inoltrato:', 'Da', 'Data', 'A', 'Oggetto', 'Fwd: '),
         ('転送されたメッセージ:', '差出人', '日付', '宛先', '件名', 'Fwd: '))
GMAIL = (('---------- Forwarded message ---------', 'From', 'Date', 'To', 'Subject', 'Fwd: '),
         ('---------- Weitergeleitete Nachricht ---------', 'Von', 'Date', 'To', 'Subject', 'Fwd: '),
         ('---------- Пересылаемое сообщение ---------', 'От', 'Дата', 'Кому', 'Тема', 'Fwd: '))


def first_text(top):
    """The text that people read first, decoded; or neither."""
    for part in top.leaves():
        if part.type() in ('text/plain', 'text/html'):
            body, charset = part.decoded(), part.parameter(b'charset').decode('ascii', 'replace') or 'utf-8'
            try:
                text = body.decode(charset)
                return (None, None) if text.lstrip().startswith('{') else (part, text)  # JSON is no text for people
            except (AttributeError, LookupError, UnicodeError):
                return None, None
    return None, None


def put_text(top, part, text, kind='text/plain'):
    part.encode(text.encode('utf-8'), '8bit')
    part.set(b'content-type', kind.encode() + b'; charset=utf-8')
    top.set(b'mime-version', b'1.0')
    top.has_blank = part.has_blank = True
    return top.bytes()


def list_headers(mail, events):
    """Only where From is a mail system's: a neutral sender's notice looks like a member's mail then."""
    top = Part(mail)
    if top.get(b'list-id') or not SYSTEM.search(top.get(b'from')):
        return None
    for name, value in ((b'return-path', b'<talk-bounces@lists.example.org>'), (b'sender', b'talk-bounces@lists.example.org'), (b'precedence', b'list'),
                        (b'list-id', b'Talk <talk.lists.example.org>'), (b'list-post', b'<mailto:talk@lists.example.org>'),
                        (b'list-unsubscribe', b'<mailto:talk-leave@lists.example.org>'), (b'errors-to', b'talk-bounces@lists.example.org')):
        top.set(name, value)
    return top.bytes()


def footer(mail, events):
    """A firm's footer with numbers that look like codes, at the end of what people read."""
    top = Part(mail)
    part, text = first_text(top)
    if not part or part.type() != 'text/plain':
        return None
    return put_text(top, part, text.rstrip('\n') + '\n\n-- \nExample Ltd, 550 Example Street, Suite 421, 55411 Exampleton\nPhone +49 421 5550 110, fax 421-550-5110\n')


def banner(mail, events):
    top = Part(mail)
    part, text = first_text(top)
    if not part:
        return None
    words = 'CAUTION: EXTERNAL MAIL. It comes from outside of our organisation. Do not open links or attachments unless you know the sender.'
    if part.type() == 'text/html':
        return put_text(top, part, re.sub(r'(<body[^>]*>|^)', lambda m: m.group(0) + '<p><b>%s</b></p>' % words, text, count=1, flags=re.I), 'text/html')
    top.set(b'subject', b'[EXTERNAL] ' + top.get(b'subject'))
    return put_text(top, part, words + '\n\n' + text)


def wrap_line(line, width=60):
    indent, out = line[:len(line) - len(line.lstrip())], []
    while len(line) > width and ' ' in line[len(indent):width]:
        at = line.rindex(' ', len(indent), width)
        if at <= len(indent):
            break
        out.append(line[:at])
        line = indent + line[at + 1:]
    return out + [line]


def rewrap(mail, events):
    """Prose in lines of 60 characters, up to the returned mail. Lines that name somebody and fields stay."""
    top = Part(mail)
    part, text = first_text(top)
    if not part or part.type() != 'text/plain':
        return None
    out, is_over = [], False
    for line in text.split('\n'):
        is_over = is_over or any(m in line.lower() for m in MARKERS)
        out += [line] if is_over or '@' in line or re.match(r'\s*[\w-]+:', line) else wrap_line(line)
    return put_text(top, part, '\n'.join(out))


def as_html(text):
    named = {ord('&'): '&amp;', ord('<'): '&lt;', ord('>'): '&gt;', ord('"'): '&quot;'}
    return '<br>\n'.join(re.sub(r'^ +| {2,}', lambda m: '&nbsp;' * len(m.group(0)), line.expandtabs()).translate(named).replace('&amp;nbsp;', '&nbsp;')
                         for line in text.split('\n'))


def html_only(mail, events):
    """The text as HTML, and nothing else of it."""
    top = Part(mail)
    part, text = first_text(top)
    if not part or part.type() != 'text/plain':
        return None
    return put_text(top, part, '<html><body><div>%s</div></body></html>\n' % as_html(text), 'text/html')


def named_entities(mail, events):
    """The same, with each letter that has a name in HTML written by it."""
    top = Part(mail)
    part, text = first_text(top)
    if not part or part.type() != 'text/plain' or text.isascii():
        return None
    names = {c: '&%s;' % name for c, name in html.entities.codepoint2name.items() if c > 127}
    return put_text(top, part, '<html><body><div>%s</div></body></html>\n' % as_html(text).translate(names), 'text/html')


def header_text(value):
    words = []
    for word, charset in email.header.decode_header(value.decode('utf-8', 'replace')):
        try:
            words.append(word if isinstance(word, str) else word.decode(charset or 'utf-8', 'replace'))
        except LookupError:
            words.append(word.decode('latin-1'))
    return ' '.join(''.join(words).split())


def forwarded(mail, events, program, quote):
    """As a person passes it on in the text; what was attached stays attached."""
    top = Part(mail)
    part, text = first_text(top)
    if not part or part.type() != 'text/plain' or not events or not {e['kind'] for e in events} <= REPORTS or top.get(b'list-id'):
        return None
    intro, sender, date, to, subject, prefix = program[len(mail) % len(program)]
    title = header_text(top.get(b'subject'))
    shown = ['%s: %s' % (name, header_text(top.get(field))) for name, field in
             ((sender, b'from'), (date, b'date'), (to, b'to')) if top.get(field)] + ['%s: %s' % (subject, title)]
    body = [quote + line for line in shown + ['', ''] + text.split('\n')]
    outer = ['From: Ops <ops@corp.example.com>', 'To: bounces@lists.example.com', 'Date: Mon, 5 Jan 2026 10:00:00 +0000',
             'Message-ID: <outer@corp.example.com>', 'Return-Path: <ops@corp.example.com>', 'MIME-Version: 1.0', 'Subject: ' + prefix + title]
    new = '\n'.join(['Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: 8bit', '', 'FYI', '', intro] + ([''] if quote else []) + body)
    others = [p for p in top.leaves() if p is not part]
    if not others:
        return ('\n'.join(outer) + '\n' + new).encode('utf-8')
    head = '\n'.join(outer + ['Content-Type: multipart/mixed; boundary="outer"']) + '\n\n'
    return head.encode('utf-8') + b''.join(b'--outer\n' + p + b'\n' for p in [new.encode('utf-8')] + [p.bytes() for p in others]) + b'--outer--\n'


def forward_gmail(mail, events):
    return forwarded(mail, events, GMAIL, '')


def forward_outlook(mail, events):
    return forwarded(mail, events, OUTLOOK, '')


def forward_apple(mail, events):
    return forwarded(mail, events, APPLE, '> ')


WAYS = (list_headers, footer, banner, rewrap, html_only, named_entities, forward_gmail, forward_outlook, forward_apple)
