"""dsnctl status, consumers and forget against a server that gives one answer.

    service.py DSNCTL
"""
import json
import os
import pty
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

DSNCTL = sys.argv.pop(1)
GREETING = '{"dsnd":1,"spool":"a","first":1,"next":9}\n'
EVENT = '{"v":1,"seq":9,"id":"ab-1","part":[1,1],"kind":"bounce"}\n'
STATUS = ('{"status":{"version":"0.1.0","spool":{"first":1,"next":9},"consumers":[{"name":"mailer","acked":7,"lag":1},'
          '{"name":"archive","acked":8,"lag":0}]}}\n')


class Service(unittest.TestCase):
    def ask(self, words, answer, *arguments, **options):
        """Runs the verb against a server that hears @words and answers, after an event that comes between."""
        with tempfile.TemporaryDirectory() as scratch, socket.socket(socket.AF_UNIX) as listener:
            path, heard = os.path.join(scratch, 's'), []
            listener.bind(path)
            listener.listen()

            def serve():
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return  # dsnctl ended without a word
                with connection, connection.makefile('r') as lines:
                    connection.sendall(GREETING.encode())
                    heard.append(lines.readline())
                    connection.sendall((EVENT + answer).encode())
            thread = threading.Thread(target=serve)
            thread.start()
            run = subprocess.run([DSNCTL, *arguments, '--socket', path], encoding='utf-8', timeout=30,
                                 stderr=subprocess.PIPE, **(options or {'stdout': subprocess.PIPE}))
            listener.shutdown(socket.SHUT_RDWR)  # wakes an accept() that nobody came to
            thread.join()
        self.assertEqual(heard, [words + '\n'], run.stderr)
        return run

    def on_terminal(self, words, answer, *arguments):
        master, slave = pty.openpty()
        run = self.ask(words, answer, *arguments, stdout=slave)
        os.close(slave)
        shown = os.read(master, 65536).decode()
        os.close(master)
        return run.returncode, shown.replace('\r\n', '\n')

    def test_status(self):
        run = self.ask('STATUS', STATUS, 'status')
        self.assertEqual((run.returncode, json.loads(run.stdout)), (0, json.loads(STATUS)['status']))
        code, shown = self.on_terminal('STATUS', STATUS, 'status')
        self.assertEqual(code, 0)
        self.assertIn('spool.next               9\n', shown)

    def test_metrics(self):
        status = ('{"status":{"uptime_s":3,"state":"blocked","mails":5,"kinds":{"bounce":4,"unprocessable":1},"workers":{"deaths":2},'
                  '"refused":6,"waiting":7,"spool":{"bytes":8},"consumers":[{"name":"mailer","lag":9}]}}\n')
        run = self.ask('STATUS', status, 'status', '--metrics')
        self.assertEqual(run.returncode, 0)
        lines = run.stdout.split('\n')
        self.assertEqual(lines[-2:], ['# EOF', ''])
        samples = dict(line.rsplit(' ', 1) for line in lines if line and not line.startswith('#'))
        self.assertEqual(samples, {
            'dsnd_uptime_seconds': '3', 'dsnd_mails_total': '5', 'dsnd_waiting_mails': '7', 'dsnd_refused_clients_total': '6',
            'dsnd_worker_deaths_total': '2', 'dsnd_spool_bytes': '8', 'dsnd_kind_mails_total{kind="bounce"}': '4',
            'dsnd_kind_mails_total{kind="unprocessable"}': '1', 'dsnd_consumer_lag_events{consumer="mailer"}': '9', 'dsnd_blocked': '1'})
        # each family is declared once, before its samples
        families = [line.split()[2:] for line in lines if line.startswith('# TYPE')]
        self.assertEqual(len(families), len({name for name, _ in families}))
        for sample in samples:
            name = sample.split('{')[0]
            self.assertIn([name.removesuffix('_total'), 'counter' if name.endswith('_total') else 'gauge'], families)
        self.assertEqual(self.ask('STATUS', '{}\n', 'status', '--metrics').returncode, 1)

    def test_consumers(self):
        run = self.ask('STATUS', STATUS, 'consumers')
        self.assertEqual([json.loads(line)['name'] for line in run.stdout.splitlines()], ['mailer', 'archive'])
        code, shown = self.on_terminal('STATUS', STATUS, 'consumers')
        self.assertEqual((code, [line.split() for line in shown.splitlines()]),
                         (0, [['name', 'acked', 'lag'], ['mailer', '7', '1'], ['archive', '8', '0']]))
        code, shown = self.on_terminal('STATUS', '{"status":{"consumers":[]}}\n', 'consumers')
        self.assertEqual((code, shown.startswith('no named consumers yet')), (0, True))

    def test_forget(self):
        run = self.ask('FORGET mailer', '{"forgot":"mailer"}\n', 'forget', 'mailer')
        self.assertEqual((run.returncode, run.stdout), (0, '{"forgot":"mailer"}\n'))

    def test_errors(self):
        run = self.ask('FORGET x', '{"error":"there is no consumer with this name"}\n', 'forget', 'x')
        self.assertEqual((run.returncode, run.stdout, run.stderr), (1, '', 'dsnctl: there is no consumer with this name\n'))
        for answer in ('', 'nonsense\n', '{}\n'):
            self.assertEqual(self.ask('STATUS', answer, 'status').returncode, 1, answer)


unittest.main()
