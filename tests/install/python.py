"""Uses the Python package as installed: its events are dsnctl's, for every fixture, and the example of docs/library.md runs.

    python.py ROOT BUILD DSNCTL             installs into a scratch directory and runs itself there
    python.py ROOT BUILD DSNCTL installed   what runs there
"""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import unittest

ROOT, BUILD, DSNCTL, *REST = sys.argv[1:]
FIXTURES = os.path.join(ROOT, 'fixtures')
KEYS = 'k 000102030405060708090a0b0c0d0e0f\n'


def read(name):
    with open(os.path.join(FIXTURES, name), 'rb') as file:
        return file.read()


def read_text(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


class Installed(unittest.TestCase):
    def test_where(self):
        self.assertIn('/dist-packages/' if 'dist-packages' in dsn.__file__ else '/site-packages/', dsn.__file__)
        self.assertFalse(dsn.__file__.startswith(ROOT + '/python'), dsn.__file__)
        self.assertRegex(dsn.library_version(), r'^\d+\.\d+')

    def test_events_of_all_fixtures(self):
        run = subprocess.run([DSNCTL, 'parse', '--json', '--rules', '', FIXTURES], stdout=subprocess.PIPE, check=True, encoding='utf-8')
        wanted = {}
        for line in run.stdout.splitlines():
            event = json.loads(line)
            wanted.setdefault(event['source'].pop('file'), []).append(event)
        self.assertGreater(len(wanted), 300)
        for path, events in wanted.items():
            self.assertEqual(dsn.parse(read(path)), events, path)

    def test_any_bytes(self):
        mail = read('dsn/exim-two.eml')
        for data in b'', b'\0', bytes(range(256)) * 100, mail[:500], bytearray(mail), memoryview(mail):
            self.assertGreaterEqual(len(dsn.parse(data)), 1)
        for data in 'text', None, 5, ['x']:
            with self.assertRaises(TypeError):
                dsn.parse(data)

    def test_explain(self):
        self.assertEqual(dsn.explain('#5.1.1')['category'], 'bad_mailbox')
        self.assertEqual(dsn.explain(b'552 mailbox full')['category'], 'mailbox_full')
        self.assertIsNone(dsn.explain('nothing of the sort'))
        self.assertIsNone(dsn.explain(''))
        dsn.explain('\udcff\0')

    def test_settings(self):
        reader = dsn.Reader(evidence=True, limits={'mail_bytes': 700}, original_headers=['Date'],
                            rules=[('own.rules', 'rule own.nobody\ntext "nobody of that name"\nsays policy\nproof "nobody of that name"\n')])
        self.assertTrue(reader.ruleset.endswith('+1'))
        event = reader.parse(b'From: postmaster@example.org\nSubject: failure\n\n<a@example.com>: 550 nobody of that name\n' + b'x' * 700)[0]
        self.assertEqual((event['rule'], event['category']), ('own.nobody', 'policy'))
        self.assertTrue(event['evidence'])
        self.assertIn('truncated', event['warnings'])
        for wrong in ({'rules': [('own.rules', 'rule\n')]}, {'limits': {'nothing': 1}}, {'limits': {'mail_bytes': -1}},
                      {'limits': {'mail_bytes': 1 << 60}}, {'envelope_templates': ['']}, {'structure': 'both'}, {'original_headers': ['a\0b']}):
            with self.assertRaises(dsn.Error, msg=wrong):
                dsn.Reader(**wrong)
        mail = read('dsn/exim-two.eml')
        self.assertEqual(dsn.Reader(structure='gmime').parse(mail), dsn.parse(mail))
        with self.assertRaisesRegex(dsn.Error, '^own.rules:1:'):
            dsn.Reader(rules=[('own.rules', 'rule\n')])

    def test_keys(self):
        keys = dsn.Keys(KEYS, window_days=7)
        local = keys.sign('bounces+', 'user@example.net', tag='may', day=20000)
        self.assertEqual(keys.check(local + '@example.org', today=20007), ('valid', 'user@example.net', 'may'))
        self.assertEqual(keys.check(local + '@example.org', today=20008).verdict, 'expired')
        self.assertEqual(keys.check('user@example.org'), ('absent', None, None))
        short = keys.sign('bounces+', 'u' * 60 + '@example.net', day=20000)
        self.assertEqual(keys.check(short + '@example.org', ['x@example.net', 'u' * 60 + '@example.net'], today=20000)[:2],
                         ('valid', 'u' * 60 + '@example.net'))
        for wrong in lambda: dsn.Keys('k 00'), lambda: dsn.Keys(KEYS, 0), lambda: keys.sign('bounces', 'user@example.net'):
            self.assertRaises(dsn.Error, wrong)
        mail = b'Delivered-To: %s@example.org\nFrom: postmaster@example.net\nSubject: failure\n\n<user@example.net>: 550 no such user\n'
        reader = dsn.Reader(keys=keys, envelope_headers=['Delivered-To'])
        self.assertEqual(reader.parse(mail % local.encode(), today=20001)[0]['trust'], 'verified')
        self.assertEqual(reader.parse(mail % local.encode(), today=30000)[0]['trust'], 'suspect')

    def test_threads(self):
        reader, mail = dsn.Reader(), read('dsn/exim-two.eml')
        wanted, wrong = reader.parse(mail), []

        def work():
            wrong.extend(i for i in range(100) if reader.parse(mail) != wanted)
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])

    def test_memory(self):
        """What's returned is freed: a thousand mails later the process is no bigger than after a hundred."""
        def peak():
            return int(re.search(r'VmRSS:\s+(\d+)', read_text('/proc/self/status'))[1])
        mail = read('dsn/exim-two.eml')
        for count in 200, 2000:
            for _ in range(count):
                dsn.parse(mail)
                dsn.explain('550 mailbox full')
            if count == 200:
                before = peak()
        self.assertLess(peak() - before, 2048, 'KiB')

    def test_types(self):
        """The typed keys are the schema's."""
        schema = json.loads(read_text(ROOT + '/docs/event.schema.json'))
        self.assertEqual(list(dsn.Event.__annotations__), list(schema['properties']))
        self.assertEqual(list(dsn.Original.__annotations__), list(schema['properties']['original']['properties']))

    def test_docstrings(self):
        for name in dsn.__all__:
            if name not in ('Event', 'Original', 'Report', 'ReturnPath', 'Source', 'Explanation'):
                self.assertTrue(getattr(dsn, name).__doc__, name)

    def test_example_of_the_page(self):
        page = read_text(ROOT + '/docs/library.md')
        code = re.search(r'```python\n(.*?)```', page, re.S)[1]
        run = subprocess.run([sys.executable, '-c', code], input=read('dsn/exim-two.eml'), stdout=subprocess.PIPE, check=True)
        lines = run.stdout.decode().splitlines()
        self.assertEqual(len(lines), 3)
        self.assertIn('keep: full@rcpt.example.net mailbox_full', lines)


def main():
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(['meson', 'install', '-C', BUILD, '--no-rebuild', '--destdir', scratch], check=True, stdout=subprocess.DEVNULL)
        (package,) = glob.glob(scratch + '/**/dsn/__init__.py', recursive=True)
        (library,) = glob.glob(scratch + '/**/libdsn.so.1', recursive=True)
        environment = dict(os.environ, PYTHONPATH=os.path.dirname(os.path.dirname(package)), LD_LIBRARY_PATH=os.path.dirname(library),
                           PYTHONDONTWRITEBYTECODE='1')
        sys.exit(subprocess.run([sys.executable, *sys.argv, 'installed'], env=environment).returncode)


if REST == ['installed']:
    import dsn
    unittest.main(argv=sys.argv[:1])
main()
