"""A mail as a tree of raw bytes: what isn't changed comes out as it went in. Lines end in LF.

The standard library's email package mends what it reads; a tool that tests a parser must not.
"""
import base64
import binascii
import quopri
import re

FIELD = re.compile(rb'[!-9;-~]+[ \t]*:')
PARAMETER = re.compile(rb';\s*%s\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))')


def to_lf(raw):
    return raw.replace(b'\r\n', b'\n').replace(b'\r', b'\n')


def split_fields(lines):
    """The header fields (a list of lines each) and the number of lines that they take."""
    fields = []
    for i, line in enumerate(lines):
        if line[:1] in (b' ', b'\t') and fields:
            fields[-1].append(line)
        elif FIELD.match(line):
            fields.append([line])
        else:
            return fields, i
    return fields, len(lines)


class Part:
    """A mail, or a part of one: fields, then a body, parts or the mail inside."""

    def __init__(self, raw, default='text/plain'):
        lines = raw.split(b'\n')
        self.fields, n = split_fields(lines)
        self.has_blank = n < len(lines) and lines[n] == b''
        self.body = b'\n'.join(lines[n + 1:] if self.has_blank else lines[n:])
        self.default = default
        self.parts, self.inside, self.is_closed = None, None, True
        self.preamble, self.epilogue = b'', b''
        boundary = self.parameter(b'boundary')
        if self.type().startswith('multipart/') and boundary:
            self.split(boundary)
        elif self.type() in ('message/rfc822', 'message/global') and self.encoding() == 'identity':
            self.inside = Part(self.body)

    def split(self, boundary):
        delimiter = b'--' + boundary
        pieces, ended = [[]], False
        for line in self.body.split(b'\n'):
            mark = line.rstrip()
            if not ended and mark in (delimiter, delimiter + b'--'):
                ended = mark != delimiter
                pieces.append([])
            else:
                pieces[-1].append(line)
        if len(pieces) < 2 or (ended and len(pieces) < 3):
            return
        self.is_closed = ended
        self.preamble = b'\n'.join(pieces[0])
        self.epilogue = b'\n'.join(pieces.pop()) if ended else b''
        default = 'message/rfc822' if self.type() == 'multipart/digest' else 'text/plain'
        self.parts = [Part(b'\n'.join(p), default) for p in pieces[1:]]

    def get(self, name):
        for field in self.fields:
            if field[0].split(b':')[0].strip().lower() == name:
                return b' '.join(field).split(b':', 1)[1].strip()
        return b''

    def type(self):
        return (self.get(b'content-type').split(b';')[0].strip().lower().decode('ascii', 'replace')) or self.default

    def parameter(self, name):
        match = re.search(PARAMETER.pattern % name, self.get(b'content-type'), re.I)
        return (match.group(1) or match.group(2)).rstrip() if match else b''

    def encoding(self):
        word = self.get(b'content-transfer-encoding').lower()
        return word.decode('ascii', 'replace') if word in (b'base64', b'quoted-printable', b'x-uuencode') else 'identity'

    def set(self, name, value):
        """Puts `Name: value` where the first field of the name stood, or at the end; None removes it."""
        new = [[name.title() + b': ' + value]] if value is not None else []
        at = [i for i, f in enumerate(self.fields) if f[0].split(b':')[0].strip().lower() == name]
        where = at[0] if at else len(self.fields)
        kept = [f for i, f in enumerate(self.fields) if i not in at]
        self.fields = kept[:where] + new + kept[where:]

    def leaves(self):
        """The parts without parts, in order; mails inside count as one."""
        if self.parts is None:
            yield self
        for part in self.parts or []:
            yield from part.leaves()

    def every(self):
        """This part and all below it, but not what is in returned mails."""
        yield self
        for part in self.parts or []:
            yield from part.every()

    def decoded(self):
        """The body without its transfer encoding, None if that is broken."""
        try:
            if self.encoding() == 'base64':
                return to_lf(base64.b64decode(self.body))
            if self.encoding() == 'quoted-printable':
                return to_lf(quopri.decodestring(self.body))
            return self.body if self.encoding() == 'identity' else None
        except (binascii.Error, ValueError):
            return None

    def encode(self, body, encoding):
        if encoding == 'base64':
            self.body = base64.encodebytes(body.replace(b'\n', b'\r\n'))
        elif encoding == 'quoted-printable':
            self.body = quopri.encodestring(body)
        else:
            self.body = body
        self.set(b'content-transfer-encoding', encoding.encode())

    def bytes(self):
        head = b''.join(line + b'\n' for field in self.fields for line in field)
        if self.parts is not None:
            body = self.join()
        else:
            body = self.inside.bytes() if self.inside else self.body
        return head + (b'\n' if self.has_blank or head == b'' else b'') + body

    def join(self):
        delimiter = b'--' + self.parameter(b'boundary')
        out = self.preamble + (b'\n' if self.preamble or not self.parts else b'')
        out += b'\n'.join(delimiter + b'\n' + part.bytes() for part in self.parts)
        return out + (b'\n' + delimiter + b'--\n' + self.epilogue if self.is_closed else b'')
