"""dsnctl follow against a server that plays a script: what it asks for, when it acks, what it does on trouble.
tests/system/test_follow.py has it against dsnd.

    follow.py DSNCTL
"""
import json
import os
import signal
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
    """One script a connection: a line to send, ('expect', line), or a function to call."""

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
                for step, after in zip(script, [*script[1:], '']):
                    if isinstance(step, str):
                        connection.sendall(step.encode() + b'\n')
                    elif callable(step):
                        step()
                    elif step[0] == 'acks':
                        self.take_acks(connection, lines, step[1])
                    else:
                        line = lines.readline().rstrip('\n')
                        if line != step[1]:
                            self.failures.append('heard %r, expected %r' % (line, step[1]))
                            return
                        # most scripts leave out the answer that dsnd always gives
                        if line.startswith('FOLLOW') and not str(after).startswith(('{"following"', '{"error"')):
                            connection.sendall(b'{"following":"-","from":1}\n')

    def take_acks(self, connection, lines, last):
        """Acks in any steps, up to the number @last."""
        seen = 0
        for line in lines:
            seq = int(line.split()[1])
            if not seen < seq <= last:
                self.failures.append('heard %r after %d' % (line, seen))
                return
            seen = seq
            if seq == last:
                connection.sendall(b'{"acked":%d}\n' % seq)
                return
        self.failures.append('the acks ended at %d' % seen)

    def finish(self):
        self.thread.join(30)
        self.listener.close()
        return self.failures + (['the script was not played to its end'] if self.thread.is_alive() else [])


class Follow(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)
        self.socket = os.path.join(self.dir.name, 's')

    def fresh(self):
        self.dir.cleanup()
        os.mkdir(self.dir.name)

    def follow(self, *arguments, scripts=()):
        os.path.exists(self.socket) and os.unlink(self.socket)
        server = Server(self.socket, *scripts) if scripts else None
        run = subprocess.run([DSNCTL, 'follow', '--socket', self.socket, *arguments], encoding='utf-8', timeout=30,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if server:
            self.assertEqual(server.finish(), [], run)
        return run

    def test_events_that_came_before_the_answer_are_not_taken(self):
        run = self.follow('mailer', '--ack', '--count', '2', scripts=[[
            GREETING, event(8), ('expect', 'FOLLOW mailer'), '{"following":"mailer","from":3}', event(3) + '\n' + event(4),
            ('expect', 'ACK 4'), '{"acked":4}']])
        self.assertEqual((run.returncode, run.stdout), (0, event(3) + '\n' + event(4) + '\n'))

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
        run = self.follow('mailer', '--tries', '2', '--patience', '0', '--exec', 'echo try; exit 3', scripts=[[
            GREETING, ('expect', 'FOLLOW mailer'), event(1), ('expect', '')]])
        self.assertEqual((run.returncode, run.stdout), (1, 'try\ntry\n'))
        self.assertIn('event 1: the command failed with exit code 3; trying again in ', run.stderr)
        self.assertIn('event 1: the command failed with exit code 3; giving up after 2 tries', run.stderr)

    def test_while_it_handles_nothing_nothing_is_parked(self):
        """A command that fails with every event is at fault itself: its events wait for it."""
        parked, mark = self.make_dir('parked'), os.path.join(self.dir.name, 'mark')
        handler = 'echo >> %s; test $(wc -l < %s) -gt 2' % (mark, mark)
        run = self.follow('mailer', '--tries', '1', '--park', parked, '--count', '1', '--exec', handler, scripts=[[
            GREETING, ('expect', 'FOLLOW mailer'), event(1), ('expect', 'ACK 1'), '{"acked":1}']])
        self.assertEqual((run.returncode, os.listdir(parked)), (0, []), run)
        self.assertIn('no other event was handled since, so that the fault may be the command\'s', run.stderr)

    def test_what_fails_is_parked_and_delays_nobody(self):
        parked, out = self.make_dir('parked'), os.path.join(self.dir.name, 'out')
        handler = 'read line; echo "$line" >> %s; case $line in *poison*) kill -9 $$;; esac' % out
        run = self.follow('mailer', '--tries', '2', '--park', parked, '--count', '3', '--exec', handler, scripts=[[
            GREETING, ('expect', 'FOLLOW mailer'), event(1) + '\n' + event(2, 'poison') + '\n' + event(3),
            ('expect', 'ACK 1'), ('expect', 'ACK 3'), '{"acked":3}']])
        self.assertEqual(run.returncode, 0, run)
        self.assertEqual([line['seq'] for line in self.lines(out)], [1, 2, 3, 2])
        self.assertEqual(sorted(os.listdir(parked)), ['%020d-______.%s' % (2, suffix) for suffix in ('json', 'reason')])
        with open(os.path.join(parked, '%020d-______.reason' % 2), encoding='utf-8') as file:
            self.assertRegex(file.read(), r'\A\d{4}-\S+Z after 2 tries: the command died: Killed\n\Z')
        self.assertEqual(self.lines(os.path.join(parked, '%020d-______.json' % 2)), [json.loads(event(2, 'poison'))])

    def test_a_try_that_succeeds_is_enough(self):
        mark = os.path.join(self.dir.name, 'mark')
        run = self.follow('mailer', '--count', '1', '--exec', 'test -e %s || { touch %s; exit 1; }' % (mark, mark), scripts=[[
            GREETING, ('expect', 'FOLLOW mailer'), event(1), ('expect', 'ACK 1'), '{"acked":1}']])
        self.assertEqual((run.returncode, run.stderr.count('\n')), (0, 1), run)

    def test_a_command_that_cannot_work_for_now_is_waited_for(self):
        mark, out = os.path.join(self.dir.name, 'mark'), os.path.join(self.dir.name, 'out')
        handler = 'cat >> %s; test -e %s || { touch %s; exit 75; }' % (out, mark, mark)
        run = self.follow('mailer', '--count', '2', '--tries', '1', '--exec', handler, scripts=[[
            GREETING, ('expect', 'FOLLOW mailer'), event(1) + '\n' + event(2),
            ('expect', 'ACK 1'), ('expect', 'ACK 2'), '{"acked":2}']])
        self.assertEqual(run.returncode, 0, run)
        self.assertEqual([line['seq'] for line in self.lines(out)], [1, 1, 2])

    def test_a_command_that_is_missing_parks_nothing(self):
        parked, command, tried = self.make_dir('parked'), os.path.join(self.dir.name, 'command'), []
        def wait_for_trouble():
            tried.append(run.stderr.readline())
            with open(command, 'w', encoding='utf-8') as file:
                file.write('#!/bin/sh\n')
            os.chmod(command, 0o755)
        run, server = self.start('mailer', '--count', '1', '--tries', '1', '--park', parked, '--exec', command, scripts=[[
            GREETING, ('expect', 'FOLLOW mailer'), event(1), wait_for_trouble, ('expect', 'ACK 1'), '{"acked":1}']])
        self.assertEqual((run.wait(30), server.finish(), os.listdir(parked)), (0, [], []))
        run.communicate()
        self.assertTrue(any("it isn't there, or may not be executed" in line or 'not found' in line for line in tried), tried)

    def test_a_batch_is_one_input_and_one_ack(self):
        out = os.path.join(self.dir.name, 'out')
        run = self.follow('mailer', '--count', '5', '--batch', '3', '--exec', 'cat >> %s; echo >> %s' % (out, out), scripts=[[
            GREETING, ('expect', 'FOLLOW mailer'), '\n'.join(map(event, range(1, 5))), ('expect', 'ACK 3'),
            # the fourth doesn't wait for more than a moment
            ('expect', 'ACK 4'), event(5), ('expect', 'ACK 5'), '{"acked":5}']])
        self.assertEqual(run.returncode, 0, run)
        with open(out, encoding='utf-8') as file:
            batches = [[json.loads(line)['seq'] for line in batch.splitlines()] for batch in file.read().split('\n\n')]
        self.assertEqual(batches, [[1, 2, 3], [4], [5], []])

    def test_one_bad_event_of_a_batch_is_found(self):
        parked, out = self.make_dir('parked'), os.path.join(self.dir.name, 'out')
        handler = 'while read line; do case $line in *poison*) exit 1;; esac; echo "$line" >> %s; done' % out
        run = self.follow('mailer', '--count', '3', '--batch', '3', '--tries', '1', '--park', parked, '--exec', handler, scripts=[[
            GREETING, ('expect', 'FOLLOW mailer'), event(1) + '\n' + event(2, 'poison') + '\n' + event(3),
            ('expect', 'ACK 1'), ('expect', 'ACK 3'), '{"acked":3}']])
        self.assertEqual(run.returncode, 0, run)
        self.assertEqual([line['seq'] for line in self.lines(out)], [1, 1, 3])
        self.assertEqual(len(os.listdir(parked)), 2)

    def test_batches_of_lines_and_files(self):
        kept = self.make_dir('kept')
        script = [GREETING, ('expect', 'FOLLOW x'), '\n'.join(map(event, range(1, 5))), ('expect', 'ACK 2'), ('expect', 'ACK 4'),
                  '{"acked":4}']
        run = self.follow('x', '--count', '4', '--batch', '2', '--dir', kept, scripts=[script])
        self.assertEqual((run.returncode, len(os.listdir(kept))), (0, 4), run)
        run = self.follow('x', '--count', '4', '--batch', '2', '--ack', scripts=[script])
        self.assertEqual((run.returncode, run.stdout.count('\n')), (0, 4), run)

    def start(self, *arguments, scripts):
        os.path.exists(self.socket) and os.unlink(self.socket)
        server = Server(self.socket, *scripts)
        run = subprocess.Popen([DSNCTL, 'follow', '--socket', self.socket, *arguments], encoding='utf-8',
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(lambda: run.poll() is None and run.kill())
        return run, server

    def test_a_signal_goes_to_the_command_and_what_it_finished_is_acked(self):
        # what it waits for runs before it says "on": the signal, which the whole group gets, finds it
        for handler, acks in (('trap "exit 0" TERM; sleep 30 >/dev/null 2>&1 & echo on; wait', [('expect', 'ACK 1'), '{"acked":1}']),
                              ('echo on; sleep 30', [])):
            run, server = self.start('mailer', '--exec', handler, scripts=[[
                GREETING, ('expect', 'FOLLOW mailer'), event(1) + '\n' + event(2), *acks, ('expect', '')]])
            self.assertEqual(run.stdout.readline(), 'on\n')
            run.send_signal(signal.SIGTERM)
            _, errors = run.communicate(timeout=20)
            self.assertEqual((run.returncode, errors, server.finish()), (0, '', []), handler)

    def test_a_signal_ends_it_where_nothing_runs(self):
        connected = threading.Event()
        run, server = self.start('keeper', '--dir', self.make_dir('kept'), scripts=[[
            GREETING, ('expect', 'FOLLOW keeper'), connected.set, ('expect', '')]])
        self.assertTrue(connected.wait(30))
        run.send_signal(signal.SIGINT)
        self.assertEqual((run.communicate(timeout=20), run.returncode, server.finish()), (('', ''), 0, []))

    def test_what_was_done_without_a_connection_is_acked_when_it_comes_again(self):
        out = os.path.join(self.dir.name, 'out')
        run = self.follow('mailer', '--count', '2', '--exec', 'cat >> %s; sleep 0.5' % out, scripts=[
            [GREETING, ('expect', 'FOLLOW mailer'), event(1)],
            [GREETING, ('expect', 'FOLLOW mailer'), event(1), ('expect', 'ACK 1'), event(2), ('expect', 'ACK 2'), '{"acked":2}']])
        self.assertEqual(run.returncode, 0, run)
        self.assertEqual([line['seq'] for line in self.lines(out)], [1, 2])

    def test_a_directory_that_goes_away_is_waited_for(self):
        kept = self.make_dir('kept')
        def put_back():
            run.stderr.readline()
            os.mkdir(kept)
        run, server = self.start('keeper', '--dir', kept, '--count', '1', scripts=[[
            GREETING, ('expect', 'FOLLOW keeper'), lambda: os.rmdir(kept), event(1), put_back, ('expect', 'ACK 1'), '{"acked":1}']])
        self.assertEqual((run.wait(30), server.finish()), (0, []))
        self.assertEqual(len(os.listdir(kept)), 1)
        run.communicate()

    # a program that stays: reads a line, writes it to $OUT, and answers by what is in it
    RESIDENT = (r'echo start >> %(out)s.starts; while read -r line; do printf "%%s\n" "$line" >> %(out)s; case $line in '
                r'*kill*) kill -9 $$;; *again*) grep -qF "$line" %(out)s.seen 2>/dev/null && echo ok || '
                r'{ printf "%%s\n" "$line" >> %(out)s.seen; echo retry busy; };; *parked*) echo park no such list;; '
                r'*leave*) exit 3;; *noise*) echo hello;; *hang*) exec sleep 1000;; '
                r'*slow*) printf o; sleep 0.3; echo k;; *) echo ok;; esac; done')

    def program(self):
        out = os.path.join(self.dir.name, 'out')
        with open(out + '.program', 'w', encoding='utf-8') as file:
            file.write(self.RESIDENT % {'out': out})
        return out, 'exec sh %s.program' % out

    def starts(self, out):
        with open(out + '.starts', encoding='utf-8') as file:
            return len(file.readlines())

    def play(self, *names, tries='2', options=()):
        """What becomes of events whose ids are @names: (run, numbers as they came, what is parked: [reason])."""
        parked = self.make_dir('parked')
        out, program = self.program()
        last = len(names)
        run = self.follow('mailer', '--tries', tries, '--park', parked, '--count', str(last), '--exec-lines', program, *options, scripts=[[
            GREETING, ('expect', 'FOLLOW mailer'), '\n'.join(event(i + 1, name) for i, name in enumerate(names)),
            ('acks', last)]])
        self.assertEqual(run.returncode, 0, run)
        reasons = []
        for name in sorted(os.listdir(parked)):
            if name.endswith('.reason'):
                with open(os.path.join(parked, name), encoding='utf-8') as file:
                    reasons.append(file.read().split(' ', 1)[1].rstrip('\n'))
        return run, [line['seq'] for line in self.lines(out)], reasons

    def test_one_program_answers_all_events(self):
        out, program = self.program()
        run = self.follow('mailer', '--count', '3', '--exec-lines', program, scripts=[[
            GREETING, ('expect', 'FOLLOW mailer'), event(1), ('expect', 'ACK 1'), event(2), ('expect', 'ACK 2'), event(3, 'slow'),
            ('expect', 'ACK 3'), '{"acked":3}']])
        self.assertEqual((run.returncode, run.stdout, run.stderr), (0, '', ''))
        self.assertEqual([line['seq'] for line in self.lines(out)], [1, 2, 3])
        self.assertEqual(self.starts(out), 1)

    def test_several_events_may_wait_for_their_answers(self):
        out, program = self.program()
        run = self.follow('mailer', '--count', '200', '--batch', '100', '--exec-lines', program, scripts=[[
            GREETING, ('expect', 'FOLLOW mailer'), '\n'.join(event(i) for i in range(1, 201)), ('acks', 200)]])
        self.assertEqual((run.returncode, run.stderr), (0, ''))
        self.assertEqual([line['seq'] for line in self.lines(out)], list(range(1, 201)))
        self.assertEqual(self.starts(out), 1)

    def test_a_program_asks_to_retry_or_to_park(self):
        run, came, parked = self.play('a', 'again', 'parked', 'b')
        self.assertEqual((came, parked), ([1, 2, 3, 4, 2], ['after 1 try: no such list']))
        self.assertIn('event 2: busy; trying again in ', run.stderr)

    def test_a_program_that_cannot_work_for_now_is_asked_again(self):
        out, program = self.program()
        run = self.follow('mailer', '--count', '2', '--tries', '1', '--exec-lines', program.replace('exec', 'test -e %s.seen || { : > %s.seen; read x; echo wait database is away; exit; }; exec' % ((os.path.join(self.dir.name, 'out'),) * 2)), scripts=[[
            GREETING, ('expect', 'FOLLOW mailer'), event(1) + '\n' + event(2), ('acks', 2)]])
        self.assertEqual(run.returncode, 0, run)
        self.assertRegex(run.stderr, r'\Adsnctl: database is away; trying again in [\d.]+ s\n\Z')
        self.assertEqual([line['seq'] for line in self.lines(out)], [1, 2])

    def test_a_program_that_dies_of_an_event_is_started_anew(self):
        for name, reason in (('kill', 'the command died: Killed'), ('leave', 'the command failed with exit code 3'),
                             ('noise', "the program's answer was none: hello")):
            for batch in ('1', '3'):
                with self.subTest(name, batch=batch):
                    self.fresh()
                    _, came, parked = self.play('a', name, 'b', options=['--batch', batch])
                    self.assertRegex(parked[0], r'\Aafter \d+ tries: %s\Z' % reason)
                    self.assertEqual((set(came), came.count(1)), ({1, 2, 3}, 1))

    def test_a_program_that_gives_no_answer_is_killed(self):
        _, came, parked = self.play('a', 'hang', 'b', tries='1', options=['--timeout', '3'])
        self.assertEqual((came[:3], len(parked)), ([1, 2, 3], 1))
        self.assertRegex(parked[0], r'\Aafter \d+ tr(y|ies): the program gave no answer for 3 s\Z')

    def test_a_program_may_end_between_events(self):
        out = os.path.join(self.dir.name, 'out')
        run = self.follow('mailer', '--count', '5', '--batch', '3', '--exec-lines', 'read -r line; echo "$line" >> %s; echo ok' % out, scripts=[[
            GREETING, ('expect', 'FOLLOW mailer'), '\n'.join(event(i) for i in range(1, 6)), ('acks', 5)]])
        self.assertEqual((run.returncode, run.stderr), (0, ''))
        self.assertEqual([line['seq'] for line in self.lines(out)], [1, 2, 3, 4, 5])

    def test_an_answer_that_nobody_asked_for_counts_for_no_event(self):
        out, told = os.path.join(self.dir.name, 'out'), threading.Event()
        run, server = self.start('mailer', '--count', '2', '--exec-lines',
                                 'while read -r line; do echo "$line" >> %s; echo ok; test -e %s.seen || { : > %s.seen; echo ok; }; done' % (out, out, out),
                                 scripts=[[GREETING, ('expect', 'FOLLOW mailer'), event(1), ('expect', 'ACK 1'), lambda: told.wait(30),
                                           event(2), ('acks', 2)]])
        self.assertIn('the program answered without being asked; the next event starts it anew', run.stderr.readline())
        told.set()
        _, errors = run.communicate(timeout=30)
        self.assertEqual((run.returncode, server.finish()), (0, []), errors)
        self.assertEqual([line['seq'] for line in self.lines(out)], [1, 2])

    def test_a_program_that_is_missing_parks_nothing(self):
        parked = self.make_dir('parked')
        run, server = self.start('mailer', '--tries', '1', '--park', parked, '--exec-lines', os.path.join(self.dir.name, 'none'), scripts=[[
            GREETING, ('expect', 'FOLLOW mailer'), event(1), ('expect', '')]])
        lines = [run.stderr.readline() for _ in range(2)]
        while 'trying again' not in lines[-1]:
            lines.append(run.stderr.readline())
        run.terminate()
        self.assertEqual((run.wait(30), os.listdir(parked)), (0, []), lines)
        run.communicate()
        self.assertEqual(server.finish(), [])

    def test_a_big_event_blocks_nobody(self):
        """Neither a program that answers before it has read all, nor one that says much on the way."""
        big = event(1).replace('"part"', '"x":"%s","part"' % ('y' * 300000))
        out = os.path.join(self.dir.name, 'out')
        run = self.follow('mailer', '--count', '2', '--batch', '2', '--exec-lines', 'echo ok; while read -r line; do echo "${#line}" >> %s; '
                          'test -e %s.seen && echo ok; : > %s.seen; done' % (out, out, out), scripts=[[
                              GREETING, ('expect', 'FOLLOW mailer'), big + '\n' + event(2), ('acks', 2)]])
        self.assertEqual(run.returncode, 0, run)
        with open(out, encoding='utf-8') as file:
            self.assertEqual([int(line) for line in file], [len(big), len(event(2))])

    def test_a_signal_lets_the_program_finish(self):
        out = os.path.join(self.dir.name, 'out')
        run, server = self.start('mailer', '--exec-lines', 'while read -r line; do echo on >&2; sleep 1; echo "$line" >> %s; echo ok; done; '
                                 'echo end >> %s' % (out, out), scripts=[[
                                     GREETING, ('expect', 'FOLLOW mailer'), event(1), ('expect', 'ACK 1'), '{"acked":1}', ('expect', '')]])
        self.assertEqual(run.stderr.readline(), 'on\n')
        run.send_signal(signal.SIGTERM)
        _, errors = run.communicate(timeout=25)
        self.assertEqual((run.returncode, errors, server.finish()), (0, '', []))
        with open(out, encoding='utf-8') as file:
            self.assertEqual(file.read(), event(1) + '\nend\n')

    def park(self, *names):
        """A directory of events that were parked."""
        parked = self.make_dir('parked')
        script = [GREETING, ('expect', 'FOLLOW mailer'), event(1) + '\n' + '\n'.join(event(i + 2, name) for i, name in enumerate(names)),
                  ('acks', len(names) + 1)]
        run = self.follow('mailer', '--tries', '1', '--patience', '0', '--count', str(len(names) + 1), '--park', parked, '--exec', 'grep -q ab-1', scripts=[script])
        self.assertEqual((run.returncode, len(os.listdir(parked))), (0, 2 * len(names)), run)
        return parked

    def test_what_is_parked_is_handed_out_again(self):
        for how in ('--exec', '--exec-lines'):
            with self.subTest(how):
                self.fresh()
                parked, out = self.park('aa', 'bb', 'cc'), os.path.join(self.dir.name, 'out')
                with open(os.path.join(parked, 'notes.json'), 'w', encoding='utf-8') as file:
                    file.write("a person's\n")
                command = {'--exec': 'read -r line; echo "$line" >> %s; case $line in *bb*) exit 9;; esac' % out,
                           '--exec-lines': 'while read -r l; do echo "$l" >> %s; case $l in *bb*) echo retry never;; *) echo ok;; esac; done' % out}[how]
                run = self.follow('mailer', '--retry-parked', '--park', parked, how, command)
                self.assertEqual(run.returncode, 1)
                self.assertIn('2 of 3 parked events were handled, 1 are still in ' + parked, run.stderr)
                self.assertEqual([line['seq'] for line in self.lines(out)], [2, 3, 4])
                self.assertEqual(sorted(os.listdir(parked)), ['%020d-bb.json' % 3, '%020d-bb.reason' % 3, 'notes.json'])
                with open(os.path.join(parked, '%020d-bb.reason' % 3), encoding='utf-8') as file:
                    self.assertRegex(file.read(), 'never|exit code 9')
                run = self.follow('--retry-parked', '--park', parked, '--exec', 'cat >> ' + out)
                self.assertEqual((run.returncode, os.listdir(parked), len(self.lines(out))), (0, ['notes.json'], 4), run)
                run = self.follow('--retry-parked', '--park', parked, '--exec', 'false')
                self.assertEqual(run.returncode, 0, run)

    def test_a_command_that_cannot_work_leaves_all_parked(self):
        parked = self.park('aa', 'bb')
        for how in ('--exec', '--exec-lines'):
            run = self.follow('--retry-parked', '--park', parked, how, 'exit 75')
            self.assertEqual((run.returncode, len(os.listdir(parked))), (1, 4), run)

    def test_what_can_only_be_retried_in_part(self):
        for arguments in (['--retry-parked'], ['--retry-parked', '--exec', 'x'], ['--retry-parked', '--park', '/tmp'], ['--timeout', '3'],
                          ['--exec-lines', 'x', '--exec', 'x'], ['--exec-lines', 'x', '--timeout', '0']):
            run = self.follow(*arguments)
            self.assertEqual((run.returncode, run.stdout), (2, ''), arguments)

    def make_dir(self, name):
        path = os.path.join(self.dir.name, name)
        os.mkdir(path)
        return path

    def lines(self, path):
        with open(path, encoding='utf-8') as file:
            return [json.loads(line) for line in file]

    def test_files_are_kept_under_names_of_our_own(self):
        kept = self.make_dir('kept')
        run = self.follow('keeper', '--dir', kept, '--count', '2', scripts=[[
            GREETING, ('expect', 'FOLLOW keeper'), event(1) + '\n' + event(2, '../../x'), ('expect', 'ACK 2'), '{"acked":2}']])
        self.assertEqual(run.returncode, 0, run)
        names = sorted(os.listdir(kept))
        self.assertEqual(names, ['00000000000000000001-ab-1.json', '00000000000000000002-_______.json'])
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

    def test_it_comes_back_and_goes_on_where_it_was(self):
        run = self.follow('--count', '2', scripts=[
            [GREETING, ('expect', 'FOLLOW - next'), event(3)],
            [GREETING, ('expect', 'FOLLOW - 4'), event(4)]])
        self.assertEqual((run.returncode, run.stdout), (0, event(3) + '\n' + event(4) + '\n'))

    def test_a_named_consumer_that_comes_back_repeats_nothing(self):
        run = self.follow('mailer', '--ack', '--count', '2', scripts=[
            [GREETING, ('expect', 'FOLLOW mailer'), event(3), ('expect', 'ACK 3')],
            [GREETING, ('expect', 'FOLLOW mailer'), event(3) + '\n' + event(4), ('expect', 'ACK 4'),
             '{"acked":4}']])
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

    def test_an_event_that_cannot_be_read_ends_it_unacked(self):
        run = self.follow('mailer', '--ack', scripts=[[
            GREETING, ('expect', 'FOLLOW mailer'), event(1), ('expect', 'ACK 1'), '{"v":1,"seq":2,"id"', event(3), '{"acked":1}',
            ('expect', '')]])
        self.assertEqual((run.returncode, run.stdout), (1, event(1) + '\n'))
        self.assertIn("an event that can't be read, after 1", run.stderr)

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
                          ['--exec', 'x', '--dir', 'y'], ['--count', '-1'], ['--format', 'x'], ['--dir', '/nonexistent'],
                          ['--exec', 'x', '--park', '/nonexistent'], ['--park', '/tmp'], ['--exec', 'x', '--tries', '-1'], ['--batch', '1001'],
                          ['--exec', 'x', '--pretty'], ['--json', '--pretty'], ['--nonsense']):
            run = self.follow(*arguments)
            self.assertEqual((run.returncode, run.stdout), (2, ''), arguments)
            self.assertTrue(run.stderr.startswith('dsnctl: follow: '), run.stderr)


unittest.main()
