"""dsnctl follow against a server that plays a script: what it asks for, when it acks, what it does on trouble.

    follow.py DSNCTL
"""
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

DSNCTL = sys.argv.pop(1)
GREETING = '{"dsnd":1,"spool":"a","first":1,"next":9}'


def event(seq, ident='ab-1'):
    return '{"v":1,"seq":%d,"id":"%s","part":[1,1],"kind":"bounce","recipient":"u@example.com"}' % (seq, ident)


class Server:
    """One script a connection: a line to send, or ('expect', line)."""

    def __init__(self, path, *scripts):
        self.heard, self.failures = [], []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(5)
        self.thread = threading.Thread(target=self.run, args=[scripts], daemon=True)
        self.thread.start()

    def run(self, scripts):
        for script in scripts:
            connection, _ = self.listener.accept()
            with connection, connection.makefile('r', encoding='utf-8', newline='\n') as lines:
                for step in script:
                    if isinstance(step, str):
                        connection.sendall(step.encode() + b'\n')
                    else:
                        line = lines.readline().rstrip('\n')
                        if line != step[1]:
                            self.failures.append('heard %r, expected %r' % (line, step[1]))
                            return

    def finish(self):
        self.thread.join(10)
        self.listener.close()
        return self.failures + (['the script was not played to its end'] if self.thread.is_alive() else [])


class Follow(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)
        self.socket = os.path.join(self.dir.name, 's')

    def follow(self, *arguments, scripts=()):
        server = Server(self.socket, *scripts) if scripts else None
        run = subprocess.run([DSNCTL, 'follow', '--socket', self.socket, *arguments], encoding='utf-8', timeout=30,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if server:
            self.assertEqual(server.finish(), [], run)
        return run

    def test_live_events_and_gaps(self):
        run = self.follow('--count', '2', scripts=[[
            GREETING, ('expect', 'FOLLOW - next'), '{"following":"-","from":3}', event(3), '{"gap":{"from":4,"to":6}}', event(7)]])
        self.assertEqual((run.returncode, run.stdout), (0, event(3) + '\n' + event(7) + '\n'))
        self.assertIn('events 4 to 6 are gone', run.stderr)

    def test_since_and_kinds(self):
        run = self.follow('--since', 'first', '--kinds', 'bounce', '--count', '1', '--pretty', scripts=[[
            GREETING, ('expect', 'FOLLOW - first kinds=bounce'), event(1)]])
        self.assertEqual(run.returncode, 0)
        self.assertIn('Bounce  u@example.com', run.stdout)

    def test_a_named_consumer_acks_what_it_wrote_and_waits_for_it(self):
        run = self.follow('mailer', '--ack', '--count', '3', scripts=[[
            GREETING, ('expect', 'FOLLOW mailer'), event(1) + '\n' + event(2) + '\n' + event(3),
            ('expect', 'ACK 3'), event(4), '{"acked":3}']])
        self.assertEqual((run.returncode, run.stdout.count('\n')), (0, 3))

    def test_without_ack_nothing_is_acked(self):
        run = self.follow('mailer', '--count', '1', scripts=[[
            GREETING, ('expect', 'FOLLOW mailer'), event(1), ('expect', '')]])
        self.assertEqual(run.returncode, 0)

    def test_exec_gets_the_event_and_acks_each(self):
        out = os.path.join(self.dir.name, 'out')
        run = self.follow('mailer', '--count', '2', '--exec', 'cat >> ' + out, scripts=[[
            GREETING, ('expect', 'FOLLOW mailer'), event(1) + '\n' + event(2),
            ('expect', 'ACK 1'), ('expect', 'ACK 2'), '{"acked":1}', '{"acked":2}']])
        self.assertEqual(run.returncode, 0, run)
        with open(out, encoding='utf-8') as file:
            self.assertEqual(file.read(), event(1) + '\n' + event(2) + '\n')

    def test_a_command_that_fails_stops_it_without_an_ack(self):
        run = self.follow('mailer', '--exec', 'exit 3', scripts=[[
            GREETING, ('expect', 'FOLLOW mailer'), event(1), ('expect', '')]])
        self.assertEqual(run.returncode, 1)
        self.assertIn('event 1: the command failed with exit code 3', run.stderr)

    def test_files_are_kept_under_names_of_our_own(self):
        kept = os.path.join(self.dir.name, 'kept')
        os.mkdir(kept)
        run = self.follow('keeper', '--dir', kept, '--count', '2', scripts=[[
            GREETING, ('expect', 'FOLLOW keeper'), event(1) + '\n' + event(2, '../../x'), ('expect', 'ACK 2'), '{"acked":2}']])
        self.assertEqual(run.returncode, 0, run)
        names = sorted(os.listdir(kept))
        self.assertEqual(names, ['00000000000000000001-ab-1.json', '00000000000000000002-.._..__.json'])
        with open(os.path.join(kept, names[0]), encoding='utf-8') as file:
            self.assertEqual(file.read(), event(1) + '\n')

    def test_a_command_gets_the_format_that_was_asked_for(self):
        out = os.path.join(self.dir.name, 'out')
        run = self.follow('mailer', '--count', '2', '--format', 'kumomta', '--exec', 'cat >> ' + out, scripts=[[
            GREETING, ('expect', 'FOLLOW mailer'), event(1).replace('bounce', 'other') + '\n' + event(2),
            ('expect', 'ACK 1'), ('expect', 'ACK 2'), '{"acked":2}']])
        self.assertEqual(run.returncode, 0, run)
        with open(out, encoding='utf-8') as file:
            self.assertEqual([json.loads(line)['type'] for line in file], ['OOB'])

    def test_a_directory_that_is_missing_stops_it(self):
        run = self.follow('keeper', '--dir', self.socket + '.none', scripts=[[
            GREETING, ('expect', 'FOLLOW keeper'), event(1), ('expect', '')]])
        self.assertEqual(run.returncode, 1)
        self.assertIn('No such file or directory', run.stderr)

    def test_it_comes_back_and_goes_on_where_it_was(self):
        run = self.follow('--count', '2', scripts=[
            [GREETING, ('expect', 'FOLLOW - next'), event(3)],
            [GREETING, ('expect', 'FOLLOW - 4'), event(4)]])
        self.assertEqual((run.returncode, run.stdout), (0, event(3) + '\n' + event(4) + '\n'))

    def test_a_named_consumer_that_comes_back_repeats_nothing(self):
        run = self.follow('mailer', '--ack', '--count', '2', scripts=[
            [GREETING, ('expect', 'FOLLOW mailer'), event(3), ('expect', 'ACK 3')],
            [GREETING, ('expect', 'FOLLOW mailer'), event(3), event(4), ('expect', 'ACK 4'), '{"acked":4}']])
        self.assertEqual((run.returncode, run.stdout), (0, event(3) + '\n' + event(4) + '\n'))

    def test_another_spool_starts_anew(self):
        run = self.follow('--count', '2', scripts=[
            [GREETING, ('expect', 'FOLLOW - next'), event(3)],
            [GREETING.replace('"a"', '"b"'), ('expect', 'FOLLOW - first'), event(1)]])
        self.assertEqual((run.returncode, run.stdout), (0, event(3) + '\n' + event(1) + '\n'))

    def test_an_error_of_the_server_ends_it(self):
        run = self.follow('Bad name', scripts=[[
            GREETING, ('expect', 'FOLLOW Bad name'), '{"error":"a name has letters and digits \\u001b[2J"}']])
        self.assertEqual(run.returncode, 1)
        self.assertIn('a name has letters and digits', run.stderr)
        self.assertNotIn('\x1b', run.stderr)

    def test_who_is_not_dsnd(self):
        run = self.follow(scripts=[['220 mail.example.com ESMTP']])
        self.assertEqual(run.returncode, 1)
        self.assertIn("this isn't dsnd's socket", run.stderr)

    def test_nobody_there(self):
        run = self.follow()
        self.assertEqual(run.returncode, 1)
        self.assertIn('is dsnd running?', run.stderr)

    def test_wrong_arguments(self):
        for arguments in (['a', 'b'], ['--ack'], ['a', '--since', '1'], ['--since', '0'], ['--since', 'soon'],
                          ['--exec', 'x', '--dir', 'y'], ['--count', '-1'], ['--format', 'x'], ['--json', '--pretty'], ['--nonsense']):
            run = self.follow(*arguments)
            self.assertEqual((run.returncode, run.stdout), (2, ''), arguments)
            self.assertTrue(run.stderr.startswith('dsnctl: follow: '), run.stderr)


unittest.main()
