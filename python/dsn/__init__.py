"""Bounce mails in, events out: libdsn for Python.

    import dsn

    for event in dsn.parse(mail):           # bytes
        print(event.get('recipient'), event.get('category'), event.get('advice'))
    dsn.explain('550 5.7.1 blocked')        # what a refusal means

parse() and explain() go by the built-in rules; a Reader has rules, limits and keys of its own. An event is a dict with the
keys of docs/events.md; what the mail doesn't state isn't there. Later versions have more keys and words: pass over what you
don't know.
"""
from ._events import Event, Original, Report, ReturnPath, Source
from ._reader import Error, Explanation, Keys, Reader, explain, library_version, parse

__all__ = ['Error', 'Event', 'Explanation', 'Keys', 'Original', 'Reader', 'Report', 'ReturnPath', 'Source', 'explain',
           'library_version', 'parse']
