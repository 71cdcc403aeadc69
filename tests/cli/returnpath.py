"""dsnctl token and parse --key: against the example and the test vectors of docs/return-path.md.

    returnpath.py DSNCTL DOCUMENT FIXTURES
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

FIXTURES = sys.argv.pop(3)
DOCUMENT = open(sys.argv.pop(2), encoding='utf-8').read()
DSNCTL = sys.argv.pop(1)
KEYS = {letter: secret for letter, secret in re.findall(r'[Kk]ey `(\w)` is `([0-9a-f]+)`', DOCUMENT)}
VECTORS = re.findall(r'^\| (\w) \| `(\S.*?)` \| (?:`(\S+)`)? ?\| (\d+) \| `(\S+)` \|$', DOCUMENT, re.M)
EXAMPLE = {}
exec(re.search('```python\n(.*?)```', DOCUMENT, re.S)[1], EXAMPLE)
DAYS = {'20778': '2026-11-21', '20779': '2026-11-22', '0': '1970-01-01', '32768': '2059-09-19'}


class Token(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.dir = scratch.name

    def key_file(self, letters='ab'):
        path = os.path.join(self.dir, 'key-' + letters)
        with open(path, 'w', encoding='utf-8') as file:
            file.writelines('%s %s\n' % (letter, KEYS[letter]) for letter in letters)
        return path

    def run_it(self, *arguments, **options):
        return subprocess.run([DSNCTL, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding='utf-8',
                              timeout=60, **options)

    def test_vectors(self):
        self.assertEqual(len(VECTORS), 8)
        for letter, recipient, tag, day, local in VECTORS:
            with self.subTest(local):
                secret = bytes.fromhex(KEYS[letter])
                self.assertEqual(EXAMPLE['return_path'](letter, secret, recipient, tag, int(day)), local)
                made = self.run_it('token', 'make', '--key', self.key_file(letter), '--day', DAYS[day], '--sender',
                                   'bounces@example.com', '--tag', tag, recipient)
                self.assertEqual(made.stdout, local + '@example.com\n', made.stderr)
                self.assertLessEqual(len(local), 64)
                check = self.run_it('token', 'check', '--key', self.key_file(), '--day', DAYS[day], '--recipient',
                                    recipient, made.stdout.strip())
                want = {'token': 'valid', 'recipient': recipient, 'tag': tag.lower(), 'day': DAYS[day], 'key': letter}
                self.assertEqual(json.loads(check.stdout), {k: v for k, v in want.items() if v})
                self.assertEqual(check.returncode, 0)

    def test_what_a_token_is_worth(self):
        address = 'bounces+taujkoyo5pikczvgv4aid-user=example.net@example.com'
        for words, want in ((('--day', '2026-12-21', address), 'valid'), (('--day', '2026-12-22', address), 'expired'),
                            (('--day', '2026-11-21', address.replace('user', 'victim')), 'bad'),
                            (('bounces@example.com',), 'absent')):
            run = self.run_it('token', 'check', '--key', self.key_file(), *words)
            self.assertEqual((json.loads(run.stdout)['token'], run.returncode), (want, int(want != 'valid')), words)
        run = self.run_it('token', 'check', '--key', self.key_file('b'), '--day', '2026-11-21', address)
        self.assertEqual(json.loads(run.stdout), {'token': 'bad'})

    def test_new_keys(self):
        first = self.run_it('token', 'new-key')
        self.assertRegex(first.stdout, r'\Aa [0-9a-f]{64}\n\Z')
        second = self.run_it('token', 'new-key', '--key', self.key_file('ab'))
        self.assertRegex(second.stdout, r'\Ac [0-9a-f]{64}\n\Z')
        self.assertNotEqual(first.stdout[2:], self.run_it('token', 'new-key').stdout[2:])

    def test_errors(self):
        bad = os.path.join(self.dir, 'bad')
        with open(bad, 'w', encoding='utf-8') as file:
            file.write('# keys\na 0011\n')
        key = self.key_file()
        for words, code, message in (
                (('token',), 2, 'token: say make'),
                (('token', 'make', '--key', key), 2, 'token: say make'),
                (('token', 'make', '--key', key, 'nobody'), 1, "can't sign that"),
                (('token', 'make', '--key', key, '--tag', 'a-b', 'a@example.net'), 1, "can't sign that"),
                (('token', 'make', '--key', key, '--day', 'today', 'a@example.net'), 2, 'is no day'),
                (('token', 'make', '--key', bad, 'a@example.net'), 1, bad + ':2: a secret is'),
                (('token', 'make', '--key', '/nonexistent', 'a@example.net'), 1, '/nonexistent'),
                (('parse', '--key', key, FIXTURES), 2, '--key needs --envelope-header')):
            run = self.run_it(*words)
            self.assertEqual((run.returncode, run.stdout), (code, ''), words)
            self.assertIn(message, run.stderr)

    def events(self, return_path, *options):
        with open(os.path.join(FIXTURES, 'dsn', 'postfix-disabled.eml'), encoding='utf-8') as file:
            mail = file.read()
        run = self.run_it('parse', '--envelope-header', 'X-Envelope-To', *options, '-',
                          input='X-Envelope-To: %s\n%s' % (return_path, mail))
        self.assertEqual(run.returncode, 0, run.stderr)
        return [json.loads(line) for line in run.stdout.splitlines()]

    def test_parse(self):
        local = EXAMPLE['return_path']('b', bytes.fromhex(KEYS['b']), 'joe@example.org', 'news')
        signed = local + '@example.com'
        event, = self.events(signed, '--key', self.key_file())
        self.assertEqual((event['trust'], event['recipient'], event['recipient_source']),
                         ('verified', 'joe@example.org', 'return_path'))
        self.assertEqual(event['return_path'],
                         {'address': signed, 'scheme': 'token', 'recipient': 'joe@example.org', 'tag': 'news'})
        event, = self.events(signed, '--key', self.key_file('a'))
        self.assertEqual((event['trust'], event['warnings']), ('suspect', ['token-bad']))
        self.assertNotEqual(event['advice'], 'suppress')
        event, = self.events('bounces+joe=example.org@example.com')
        self.assertEqual((event['trust'], event['recipient'], event['return_path']['scheme']),
                         ('unsigned', 'joe@example.org', 'verp'))


unittest.main()
