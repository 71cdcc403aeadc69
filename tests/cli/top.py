"""dsnctl top in a terminal of our own, against a server that plays dsnd: what stands on the screen, whatever its size, what
keys do, that a slow line holds nothing up, and that the terminal is left as it was.

    top.py DSNCTL [--picture FILE]    # writes the screen of the sample as text
"""
import datetime
import fcntl
import json
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
import unittest

PICTURE = sys.argv.pop(sys.argv.index('--picture') + 1) if '--picture' in sys.argv and sys.argv[2:] else None
if PICTURE:
    sys.argv.remove('--picture')
DSNCTL = os.path.abspath(sys.argv.pop(1))
PATIENCE_S = 60


def event(seq, **keys):
    now = datetime.datetime.now(datetime.timezone.utc)
    return {'v': 1, 'seq': seq, 'id': '%032x-1' % seq, 'part': [1, 1], 'time': now.strftime('%Y-%m-%dT%H:%M:%S.000Z'), 'kind': 'bounce',
            'action': 'failed', 'recipient': 'user%d@example.net' % seq, 'category': 'bad_mailbox', 'class': 'hard', 'advice': 'suppress',
            'diagnostic': '550 5.1.1 User unknown', **keys}


def sample():
    """Of this moment, so that the shortest window has it."""
    return ([event(n, provider='google') for n in range(1, 31)] +
            [event(n, category='mailbox_full', advice='retry', provider='microsoft', recipient='full@example.org') for n in range(31, 51)] +
            [event(n, category='ip_blocked', block_list='zen.example.org', provider='microsoft') for n in range(51, 61)] +
            [event(61, kind='complaint', category='unknown')])


class Server:
    """Sends the events when it's asked to follow, and a status when it's asked for one."""

    def __init__(self, path, events):
        self.events, self.is_sent = events, threading.Event()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(5)
        threading.Thread(target=self.run, daemon=True).start()

    def status(self):
        n = len(self.events)
        return {'status': {'version': '1', 'spool': {'id': 'a', 'first': 1, 'next': n + 1, 'bytes': 3200000, 'segments': 1}, 'state': 'running',
                           'mails': n, 'events': n, 'waiting': 12, 'in_flight': 3, 'workers': {'ready': 2, 'started': 2, 'deaths': 0},
                           'spool_max_bytes': 1000000000,
                           'consumers': [{'name': 'suppressor', 'acked': 1, 'lag': 17, 'connected': True, 'lapsed': False},
                                         {'name': 'archive', 'acked': 1, 'lag': 4, 'connected': False, 'lapsed': False}]}}

    def run(self):
        while True:
            try:
                self.connection, _ = self.listener.accept()
            except OSError:  # it was cut
                return
            with self.connection, self.connection.makefile('r', encoding='utf-8') as lines:
                try:
                    self.serve(self.connection, lines)
                except OSError:
                    pass

    def cut(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.connection.shutdown(socket.SHUT_RDWR)

    def serve(self, connection, lines):
        say = lambda what: connection.sendall(json.dumps(what, separators=(',', ':')).encode() + b'\n')
        say({'dsnd': 1, 'spool': 'a', 'first': 1, 'next': len(self.events) + 1})
        for line in lines:
            if line.startswith('FOLLOW'):
                first = int(line.split()[2])
                say({'following': '-', 'from': first})
                connection.sendall(b''.join(json.dumps(e, separators=(',', ':')).encode() + b'\n' for e in self.events[first - 1:]))
                self.is_sent.set()
            elif line.startswith('STATUS'):
                say(self.status())


class Screen:
    """As much of a terminal as is written to."""

    def __init__(self, width, height):
        self.lines, self.raw = [''] * height, ''
        self.width, self.height, self.rest, self.row, self.column = width, height, '', 0, 0

    def feed(self, data):
        self.raw += data
        text = self.rest + data
        cut = re.search('\x1b(\\[[?0-9;]*)?\\Z', text)
        self.rest = cut[0] if cut else ''
        text = text[:len(text) - len(self.rest)]
        for sequence, character in re.findall('\x1b\\[([?0-9;]*[A-Za-z])|([^\x1b])', text):
            if sequence.endswith('H'):
                self.row, self.column = (int(n) - 1 for n in sequence[:-1].split(';'))
            elif sequence == 'K':
                self.lines[self.row] = self.lines[self.row][:self.column]
            elif sequence == '2J':
                self.lines = [''] * self.height
            elif character:
                assert self.column < self.width, (self.lines[self.row], character)
                self.lines[self.row] = self.lines[self.row][:self.column].ljust(self.column) + character
                self.column += 1

    def text(self):
        return '\n'.join(line.rstrip() for line in self.lines)


class Top(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.path = os.path.join(scratch.name, 's')
        self.pid = None

    def start(self, events, width=80, height=24, **environment):
        self.server = Server(self.path, events)
        self.screen = Screen(width, height)
        pid, self.master = pty.fork()
        if pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', height, width, 0, 0))
            os.execve(DSNCTL, [DSNCTL, 'top', '--socket', self.path], dict(os.environ, TERM='xterm', LC_ALL='C.UTF-8', **environment))
        self.pid = pid
        self.addCleanup(self.kill)

    def kill(self):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.pid = None

    def read(self, seconds=0.1):
        if select.select([self.master], [], [], seconds)[0]:
            try:
                self.screen.feed(os.read(self.master, 65536).decode('utf-8', 'replace'))
            except OSError:
                return False
        return True

    def wait_for(self, *words):
        deadline = time.monotonic() + PATIENCE_S
        while not all(word in self.screen.text() for word in words):
            self.assertLess(time.monotonic(), deadline, 'no %s in\n%s' % (words, self.screen.text()))
            self.read()

    def press(self, keys, *words):
        os.write(self.master, keys.encode())
        self.wait_for(*words)

    def end(self):
        """The exit status, once it has ended."""
        while self.read():
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                self.read()
                self.pid = None
                return os.waitstatus_to_exitcode(status)
        self.pid, status = None, os.waitpid(self.pid, 0)[1]
        return os.waitstatus_to_exitcode(status)

    def test_what_stands_on_the_screen(self):
        self.start(sample())
        self.wait_for('61 in 15 min, 61 in 60 min', 'Waiting 12, in work 3', 'suppressor           17 behind',
                      'archive              4 behind, not connected', 'Spool 3.2 MB of 1.0 GB, events 1 to 61', 'Workers 2 ready')
        lines = self.screen.text().split('\n')
        self.assertEqual((len(lines), lines[0][:12]), (24, 'dsnd running'))
        rows = [line.split() for line in lines if line.rstrip().endswith('#') or re.search(r'\d+ +\d+ +\d+', line) and 'Events' not in line]
        # of the shortest window nothing can be said on a machine that takes its time
        self.assertEqual([row[-3:-1] if row[-1].startswith('#') else row[-2:] for row in rows], [['30'] * 2, ['20'] * 2, ['10'] * 2])
        self.assertIn('> no such mailbox', self.screen.text())
        self.assertIn('q: quit', lines[23])
        if PICTURE:
            with open(PICTURE, 'w', encoding='utf-8') as file:
                file.write(re.sub(r'\d\d:\d\d:\d\d UTC', '12:34:56 UTC', self.screen.text()) + '\n')

    def test_keys(self):
        self.start(sample())
        self.wait_for('> no such mailbox')
        self.press('\t', '> bounce')
        self.press('\t', '> google', 'Providers')
        self.press('s', 'by 15 min')
        self.press('\x1b[B', '> microsoft')
        self.press('\r', 'microsoft: the last 30 events', 'user60@example.net')
        self.press('jjjjjjjjjj', ' full@example.org', '> ')
        self.press('\r', 'full@example.org', 'mailbox_full')
        self.press('\x1b', 'the last 30 events')
        self.press('e', 'Esc: back', '550')
        self.press('\x1b', 'the last 30 events')
        self.press('\x1b', 'Providers')
        self.press(' ', 'PAUSED')
        self.press('\t', 'PAUSED', 'zen.example.org')
        self.press(' ', 'running')
        os.write(self.master, b'q')
        self.assertEqual(self.end(), 0)
        self.assertTrue(self.screen.raw.endswith('\x1b[0m\x1b[?25h\x1b[?1049l'), self.screen.raw[-50:])

    def test_a_wide_terminal_and_one_that_changes(self):
        self.start(sample(), 132, 40)
        self.wait_for('#' * 60)
        self.assertEqual(len(self.screen.lines[39].strip()) > 10, True)
        self.screen = Screen(60, 10)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack('HHHH', 10, 60, 0, 0))
        os.kill(self.pid, signal.SIGWINCH)
        self.screen.width = 132  # what was under way still has the old size
        deadline = time.monotonic() + PATIENCE_S
        while not self.screen.raw.count('\x1b[2J') and time.monotonic() < deadline:
            self.screen.height, self.screen.lines = 40, self.screen.lines + [''] * (40 - len(self.screen.lines))
            self.read()
        self.wait_for('dsnd running', 'Tab: next table')
        self.assertLessEqual(max(len(line) for line in self.screen.text().split('\n')), 60)

    def test_no_colours(self):
        self.start(sample(), NO_COLOR='1')
        self.wait_for('> no such mailbox')
        self.assertEqual(re.findall('\x1b\\[[0-9;]*m', self.screen.raw), [])

    def test_mail_is_only_text(self):
        evil = '\x1b[2J\x9b31m\u202eevil'
        self.start([event(1, category=evil, provider=evil, recipient=evil + '@' + evil, diagnostic=evil, block_list=evil, kind='bounce')])
        self.wait_for('evil')
        for keys in '\t', '\t', '\t', '\t', '\r', '\r':
            os.write(self.master, keys.encode())
            for _ in range(5):
                self.read(0.05)
        self.assertNotRegex(self.screen.raw, '\u202e|\x9b|\x1b\\[31m')
        self.assertEqual(self.screen.raw.count('\x1b[2J'), 2)

    def test_many_events_on_a_line_that_takes_nothing(self):
        """Nobody reads the terminal meanwhile: all events are taken all the same, and the screen is right in the end."""
        self.start([event(n) for n in range(1, 20001)])
        self.assertTrue(self.server.is_sent.wait(PATIENCE_S))
        time.sleep(2)  # frames that fill the line
        self.wait_for('20000 in 60 min')

    def test_signals_and_a_terminal_that_goes_away(self):
        self.start(sample())
        self.wait_for('> no such mailbox')
        os.kill(self.pid, signal.SIGTERM)
        self.assertEqual(self.end(), 0)
        self.assertTrue(self.screen.raw.endswith('\x1b[?1049l'))
        os.unlink(self.path)
        self.start(sample())
        self.wait_for('> no such mailbox')
        os.close(self.master)
        _, status = os.waitpid(self.pid, 0)
        self.pid = None
        self.assertIn(os.waitstatus_to_exitcode(status), (0, -signal.SIGHUP))

    def test_dsnd_goes_and_comes(self):
        self.start(sample())
        self.wait_for('> no such mailbox')
        os.unlink(self.path)
        self.server.cut()
        self.wait_for('dsnd away', 'is dsnd running?', '61 in 60 min')
        Server(self.path, sample() + [event(62)])
        self.wait_for('dsnd running', '62 in 60 min')

    def test_once(self):
        Server(self.path, sample())
        run = subprocess.run([DSNCTL, 'top', '--once', '--socket', self.path], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             encoding='utf-8', timeout=PATIENCE_S, start_new_session=True)
        self.assertEqual(run.returncode, 0)
        self.assertIn('61 in 60 min', run.stdout)
        self.assertIn('no such mailbox', run.stdout)
        self.assertNotIn('\x1b', run.stdout)

    def test_without_a_terminal_or_dsnd(self):
        for arguments, words in ((['top', '--socket', self.path], "there's no terminal"), (['top', '--once', '--socket', self.path], 'is dsnd running?')):
            run = subprocess.run([DSNCTL, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                 encoding='utf-8', timeout=PATIENCE_S, start_new_session=True)
            self.assertEqual((run.returncode, run.stdout), (1, ''))
            self.assertIn(words, run.stderr)
        self.assertEqual(subprocess.run([DSNCTL, 'top', 'x'], stderr=subprocess.DEVNULL).returncode, 2)


unittest.main()
