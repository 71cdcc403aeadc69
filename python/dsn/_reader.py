"""Reading mails: what `import dsn` gives."""
import ctypes
import json
import threading
import time
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Tuple, Union

from . import _library as library
from ._events import Event

Explanation = Dict[str, Any]
"""What explain() returns: docs/codes.md lists its keys."""

DAY_SECONDS = 86400


class Error(ValueError):
    """A rule file, a setting or a key that the library doesn't take; the message says why and where."""


class Check(NamedTuple):
    """What Keys.check() found: `verdict` is 'valid', 'expired', 'bad' or 'absent'; the rest is known for the first two."""
    verdict: str
    recipient: Optional[str]
    tag: Optional[str]


def library_version() -> str:
    """The version of the libdsn that is loaded."""
    return library.version().decode()


def _today(day: Optional[int]) -> int:
    return int(time.time()) // DAY_SECONDS if day is None else day


def _word(text: str) -> bytes:
    """@text as C has it; a NUL would cut it."""
    if '\0' in text:
        raise Error('a NUL in %r' % text)
    return text.encode('utf-8', 'surrogateescape')


def _slice(data: Union[bytes, bytearray, memoryview]) -> library.Bytes:
    """A slice of @data. What it returns keeps the bytes alive."""
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise TypeError('bytes are needed, not %s: read a mail with open(path, "rb")' % type(data).__name__)
    data = bytes(data)
    return library.Bytes(data, len(data))


class Keys:
    """Keys for signed return paths (docs/return-path.md), from the text of a key file."""

    def __init__(self, text: Union[str, bytes], window_days: int = 30) -> None:
        """Raises Error if @text is no key file. A token counts for @window_days after the day it was made on."""
        error = ctypes.c_void_p()
        data = text.encode() if isinstance(text, str) else text
        self._handle = library.keys_new(_slice(data), ctypes.byref(error))
        if not self._handle:
            raise Error(library.take(error.value))
        if not 0 < window_days <= 0xffff or not library.keys_set_window(self._handle, window_days):
            raise Error('window_days must be between 1 and 3650')

    def __del__(self) -> None:
        if getattr(self, '_handle', None):
            library.keys_free(self._handle)

    def sign(self, prefix: str, recipient: str, tag: Optional[str] = None, day: Optional[int] = None) -> str:
        """The local part of a return path for a message to @recipient: 'bounces+TOKEN-user=example.net' for the prefix
        'bounces+'. @day counts from 1970-01-01 UTC, today by default. Raises Error for what can't be signed."""
        local = library.take(library.keys_sign(self._handle, _word(prefix), _word(recipient), _word(tag) if tag else None, _today(day)))
        if local is None:
            raise Error('this prefix, recipient or tag can\'t be signed')
        return local

    def check(self, address: str, candidates: Iterable[str] = (), today: Optional[int] = None) -> Check:
        """Checks the token in @address. @candidates are the addresses that may be meant where it carries none."""
        words = [_word(candidate) for candidate in candidates]
        recipient, tag = ctypes.c_void_p(), ctypes.c_void_p()
        verdict = library.keys_check(self._handle, _today(today), _slice(_word(address)), (ctypes.c_char_p * (len(words) + 1))(*words, None),
                                     ctypes.byref(recipient), ctypes.byref(tag))
        return Check(verdict.decode(), library.take(recipient.value), library.take(tag.value) or None)


class Reader:
    """Reads mails by the built-in rules and what's given here. Making one compiles the rules, which takes some hundredths of
    a second: keep it. Threads may share it, and run at once while they read."""

    def __init__(self, *, rules: Iterable[Tuple[str, Union[str, bytes]]] = (), evidence: bool = False,
                 limits: Mapping[str, int] = {}, original_headers: Iterable[str] = (), envelope_headers: Iterable[str] = (),
                 envelope_templates: Iterable[str] = (), keys: Optional[Keys] = None, structure: str = 'auto') -> None:
        """
        rules: (name, text) of rule files to add; the name stands in messages
        evidence: whether events say what speaks for their verdict
        limits: by the names of docs/library.md, such as {'mail_bytes': 200000}
        original_headers: fields of the returned message that events give in original.headers
        envelope_headers: fields that tell the address which the report was sent to, such as Delivered-To
        envelope_templates: how such an address tells the recipient, in place of the usual forms
        keys: by which signed return paths are checked
        structure: who splits a mail into its parts, 'auto' or 'gmime'
        Raises Error for what can't be used."""
        settings = library.settings_new()
        try:
            self._fill(settings, rules, limits, original_headers, envelope_headers, envelope_templates)
            library.settings_set_evidence(settings, evidence)
            if not library.settings_set_structure(settings, _word(structure)):
                raise Error('%r is no structure: it must be auto or gmime' % structure)
            if keys:
                library.settings_set_keys(settings, keys._handle)
            error = ctypes.c_void_p()
            self._handle = library.reader_new(settings, ctypes.byref(error))
        finally:
            library.settings_free(settings)
        if not self._handle:
            raise Error(library.take(error.value))

    @staticmethod
    def _fill(settings, rules, limits, original_headers, envelope_headers, envelope_templates) -> None:
        for name, text in rules:
            library.settings_add_rules(settings, _word(name), _slice(text.encode() if isinstance(text, str) else text))
        for name, value in limits.items():
            if value < 0 or not library.settings_set_limit(settings, _word(name), value):
                raise Error('no limit %s of %r: see docs/library.md' % (name, value))
        for name in original_headers:
            library.settings_add_original_header(settings, _word(name))
        for name in envelope_headers:
            library.settings_add_envelope_header(settings, _word(name))
        for text in envelope_templates:
            if not library.settings_add_envelope_template(settings, _word(text)):
                raise Error('%r is no template: see docs/return-path.md' % text)

    def __del__(self) -> None:
        if getattr(self, '_handle', None):
            library.reader_free(self._handle)

    @property
    def ruleset(self) -> str:
        """What an event's `ruleset` says."""
        return library.reader_ruleset(self._handle).decode()

    def parse(self, mail: Union[bytes, bytearray, memoryview], *, today: Optional[int] = None) -> List[Event]:
        """The events of a mail, one for each recipient it names, at least one. Any bytes are a mail: nothing is raised for
        bad ones, their events have `warnings`. @today counts days from 1970-01-01 UTC, for the age of a signed return
        path."""
        text = library.take(library.reader_read_json(self._handle, _slice(mail), _today(today)))
        return [json.loads(line) for line in text.split('\n')[:-1]]

    def explain(self, text: Union[str, bytes]) -> Optional[Explanation]:
        """What a code ('550', '5.7.1', '5xx'), a category ('mailbox_full') or the text of a refusal means, as a dict with the
        keys of docs/codes.md. None if it has neither a code nor words that a rule knows."""
        data = text.encode('utf-8', 'surrogateescape') if isinstance(text, str) else text
        found = library.take(library.reader_explain_json(self._handle, _slice(data)))
        return None if found is None else json.loads(found)


_default: Optional[Reader] = None
_lock = threading.Lock()


def _default_reader() -> Reader:
    global _default
    with _lock:
        if _default is None:
            _default = Reader()
        return _default


def parse(mail: Union[bytes, bytearray, memoryview]) -> List[Event]:
    """The events of a mail by the built-in rules: Reader.parse()."""
    return _default_reader().parse(mail)


def explain(text: Union[str, bytes]) -> Optional[Explanation]:
    """What a code, a category or the text of a refusal means by the built-in rules: Reader.explain()."""
    return _default_reader().explain(text)
