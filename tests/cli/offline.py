"""dsnctl's verbs that need no daemon: parse's inputs and exit codes, verify, rules, and the command line itself.

    offline.py DSNCTL FIXTURES
"""
import json
import os
import pty
import subprocess
import sys
import tempfile
import unittest

FIXTURES = sys.argv.pop(2)
DSNCTL = sys.argv.pop(1)
MAIL = os.path.join(FIXTURES, 'dsn', 'postfix-alias.eml')
FROM = 'From a@example.com Sat Nov 21 08:00:00 2026\n'


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x82f63b78 * (crc & 1)
    return crc ^ 0xffffffff


def spool_line(seq, part=(1, 1)):
    line = '{"v":1,"seq":%d,"id":"ab-%d","part":[%d,%d],"kind":"bounce"' % (seq, part[0], *part)
    return line + ',"crc":"%08x"}\n' % crc32c(line.encode())


class Offline(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.dir = scratch.name

    def write(self, name, text):
        path = os.path.join(self.dir, name)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        return path

    def run_it(self, *arguments, **options):
        return subprocess.run([DSNCTL, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding='utf-8',
                              timeout=60, **options)

    def events(self, *arguments, **options):
        run = self.run_it('parse', *arguments, **options)
        return run.returncode, [json.loads(line) for line in run.stdout.splitlines()], run.stderr

    def test_a_file_and_standard_input_give_the_same(self):
        code, by_name, _ = self.events(MAIL)
        with open(MAIL, encoding='utf-8') as mail:
            code_of_input, by_input, _ = self.events('-', stdin=mail)
        self.assertEqual((code, code_of_input), (0, 0))
        self.assertEqual(by_name[0]['source']['file'], MAIL)
        self.assertEqual(by_input[0]['source']['file'], '-')
        for event in by_name + by_input:
            del event['source']
        self.assertEqual(by_name, by_input)

    def test_what_cannot_be_read_is_told_and_the_rest_parsed(self):
        code, events, errors = self.events(os.path.join(self.dir, 'none'), MAIL)
        self.assertEqual((code, len(events)), (1, 1))
        self.assertIn('none: No such file or directory', errors)

    def test_an_mbox_gives_each_mail_its_number(self):
        with open(MAIL, encoding='utf-8') as mail:
            text = mail.read()
        box = self.write('box', FROM + text + '\n' + FROM + 'Subject: hello\n\nA letter.\n')
        code, events, _ = self.events(box)
        self.assertEqual((code, [e['source']['file'] for e in events]), (0, [box + '#1', box + '#2']))
        self.assertEqual([e['kind'] for e in events], ['bounce', 'other'])

    def test_a_mail_in_an_mbox_has_the_id_of_the_same_mail_in_a_maildir(self):
        letter = 'Subject: hello\n\nLook:\n\nFrom here on,\n>From there.\n'
        quoted = letter.replace('>From', '>>From').replace('\nFrom', '\n>From')
        plain = self.write('letter.eml', letter)
        boxes = [self.write('mboxrd', (FROM + quoted + '\n') * 2),
                 self.write('mboxcl2', (FROM + 'Content-Length: 34\n' + letter + '\n') * 2)]
        _, (event,), _ = self.events(plain)
        self.assertEqual([e['id'] for e in self.events(boxes[0])[1]], [event['id']] * 2)
        self.assertEqual(self.events(boxes[1])[1][0]['source']['size'], len('Content-Length: 34\n' + letter))

    def test_a_summary_is_told_at_the_end(self):
        missing = os.path.join(self.dir, 'none')
        run = self.run_it('parse', '--summary', MAIL, MAIL, missing)
        self.assertEqual((run.returncode, run.stdout.count('\n')), (1, 2))
        self.assertRegex(run.stderr, r'2 mails, 2 events in [\d.]+ s \(\d+ mails/s\)\n    kind     2 bounce\n')
        self.assertIn('    domain   2 example.org\n', run.stderr)
        self.assertIn('    split    2 plain\n', run.stderr)
        self.assertIn("1 couldn't be read", run.stderr)
        self.assertEqual(self.run_it('parse', MAIL, MAIL).stderr, '')

    def test_who_splits_a_mail_is_an_option(self):
        run = self.run_it('parse', '--summary', '--structure=gmime', MAIL, MAIL)
        self.assertIn('    split    2 gmime\n', run.stderr)
        run = self.run_it('parse', '--structure=both', MAIL)
        self.assertEqual((run.returncode, run.stdout), (2, ''))
        self.assertIn('--structure must be auto or gmime', run.stderr)

    def test_a_terminal_gets_the_summary_by_itself(self):
        master, slave = pty.openpty()
        subprocess.run([DSNCTL, 'parse', MAIL, MAIL], stdout=subprocess.DEVNULL, stderr=slave)
        subprocess.run([DSNCTL, 'parse', MAIL], stdout=subprocess.DEVNULL, stderr=slave)
        os.close(slave)
        shown = os.read(master, 65536).decode('utf-8')
        os.close(master)
        self.assertEqual(shown.count(' mails, '), 1, shown)

    def test_any_number_of_jobs_gives_the_same_output(self):
        one = self.run_it('parse', '--json', '--jobs', '1', FIXTURES)
        for jobs in ('2', '7'):
            self.assertEqual(self.run_it('parse', '--json', '--jobs', jobs, FIXTURES).stdout, one.stdout)
        files = [json.loads(line)['source']['file'] for line in one.stdout.splitlines()]
        self.assertGreater(len(files), 10)
        self.assertEqual(files, sorted(files, key=lambda name: name.split('/')))

    def test_explain_gives_the_evidence(self):
        _, events, _ = self.events('--explain', MAIL)
        self.assertTrue(events[0]['evidence'])
        _, events, _ = self.events(MAIL)
        self.assertNotIn('evidence', events[0])

    def test_local_rules_count_and_bad_ones_are_refused(self):
        good = self.write('good.rules', 'rule mine\n  text "user unknown"\n  says policy\n  weight 100\n  proof "550 user unknown"\n')
        code, events, errors = self.events('--rules', good, MAIL)
        self.assertEqual((code, errors), (0, ''))
        self.assertEqual((events[0]['rule'], events[0]['category']), ('mine', 'policy'))
        bad = self.write('bad.rules', '\nrule x\n  says nonsense\n')
        code, events, errors = self.events('--rules', bad, MAIL)
        self.assertEqual((code, events), (1, []))
        self.assertIn('bad.rules:3', errors)

    def test_a_terminal_gets_text_and_no_escape_of_a_mail(self):
        mail = self.write('evil.eml', 'Subject: =?utf-8?q?=1b]0;owned=07=e2=80=ae?=\nFrom: a@example.com\n\n\x1b[2J\n')
        master, slave = pty.openpty()
        run = subprocess.run([DSNCTL, 'parse', mail], stdout=slave, env={**os.environ, 'NO_COLOR': '1', 'LC_ALL': 'C.UTF-8'})
        os.close(slave)
        shown = os.read(master, 65536).decode('utf-8')
        os.close(master)
        self.assertEqual(run.returncode, 0)
        self.assertIn('Not a report', shown)
        for hidden in ('\x1b', '\x07', '\u202e'):
            self.assertNotIn(hidden, shown)

    def test_color_comes_on_a_terminal_only(self):
        self.assertNotIn('\x1b', self.run_it('parse', '--pretty', MAIL).stdout)

    def test_other_formats(self):
        for name, key in (('sisimai', 'softbounce'), ('ses', 'bounce'), ('kumomta', 'bounce_classification')):
            code, records, _ = self.events('--format', name, MAIL)
            self.assertEqual((code, len(records), key in records[0]), (0, 1, True), name)
        self.assertEqual(self.events('--format', 'json', MAIL), self.events('--json', MAIL))
        self.assertEqual(self.run_it('parse', '--format', 'pretty', MAIL).stdout, self.run_it('parse', '--pretty', MAIL).stdout)

    def test_a_mail_that_the_format_has_no_record_for_gives_no_line(self):
        letter = self.write('letter.eml', 'Subject: hello\n\nA letter.\n')
        self.assertEqual(self.events('--format=sisimai', letter, MAIL)[1], self.events('--format=sisimai', MAIL)[1])

    def test_a_full_disk_is_an_error(self):
        with open('/dev/full', 'w', encoding='utf-8') as full:
            run = subprocess.run([DSNCTL, 'parse', FIXTURES], stdout=full, stderr=subprocess.PIPE, encoding='utf-8')
        self.assertEqual(run.returncode, 1)
        self.assertIn('No space left', run.stderr)

    def test_the_command_line(self):
        for arguments in ([], ['nonsense'], ['parse'], ['parse', '--nonsense', 'x'], ['parse', '--jobs', '-2', 'x'],
                          ['parse', '--format', 'nonsense', 'x'], ['parse', '--json', '--format', 'ses', 'x'],
                          ['verify', 'a', 'b'], ['rules'], ['rules', 'show'], ['forget'], ['status', 'x']):
            run = self.run_it(*arguments)
            self.assertEqual((run.returncode, run.stdout), (2, ''), arguments)
            self.assertTrue(run.stderr, arguments)
        for arguments in (['--help'], ['-h'], ['help'], ['--version'], ['-V'], ['parse', '--help'], ['parse', '-h'], ['help', 'parse']):
            run = self.run_it(*arguments)
            self.assertEqual((run.returncode, run.stderr), (0, ''), arguments)
            self.assertIn('dsnctl', run.stdout)
        self.assertEqual(self.run_it('help', 'parse').stdout, self.run_it('parse', '--help').stdout)

    def test_nobody_answers(self):
        for verb in (['status'], ['consumers'], ['forget', 'x']):
            run = self.run_it(*verb, '--socket', os.path.join(self.dir, 's'))
            self.assertEqual(run.returncode, 1)
            self.assertIn('is dsnd running?', run.stderr)

    def test_rules_are_listed_and_shown(self):
        local = self.write('x.rules', 'rule mine\n  text "abc"\n  says policy\n  proof "abc"\n')
        run = self.run_it('rules', '--rules', local, '--json', 'list')
        records = [json.loads(line) for line in run.stdout.splitlines()]
        self.assertEqual(records[-1], {'type': 'rule', 'id': 'mine', 'says': 'policy', 'file': local, 'line': 1})
        self.assertIn('says policy', self.run_it('rules', '--rules', local, 'show', 'mine').stdout)
        self.assertEqual(self.run_it('rules', 'show', 'no-such-rule').returncode, 1)
        self.assertEqual(self.run_it('rules', 'list', 'recipe').returncode, 1)

    def test_a_proof_that_leads_elsewhere_is_told(self):
        local = self.write('x.rules', '\nrule mine\n  text "abc def"\n  says policy\n  proof "nothing of it"\n')
        run = self.run_it('rules', '--rules', local, 'lint')
        self.assertEqual((run.returncode, run.stdout), (1, ''))
        self.assertIn('x.rules:2: rule mine: its proof', run.stderr)
        self.assertEqual(self.run_it('rules', 'lint', 'more').returncode, 2)

    def verify(self, **segments):
        for name, text in segments.items():
            self.write(name.strip('_').rjust(20, '0') + '.jsonl', text)
        return self.run_it('verify', self.dir)

    def test_a_sound_spool(self):
        run = self.verify(_1=spool_line(1) + spool_line(2, (1, 2)) + spool_line(3, (2, 2)), _4=spool_line(4))
        self.assertEqual((run.returncode, run.stderr), (0, ''), run)
        self.assertEqual(run.stdout, '2 segments, 4 events of 3 mails, 1 to 4: sound\n')

    def test_an_empty_spool(self):
        self.assertEqual(self.verify().stdout, '0 segments, 0 events of 0 mails: sound\n')

    def test_a_torn_end_is_no_damage(self):
        for cut in range(1, len(spool_line(2))):
            run = self.verify(_1=spool_line(1) + spool_line(2)[:-cut])
            self.assertEqual((run.returncode, run.stderr), (0, ''), run)
            self.assertIn('The end is not complete', run.stdout)

    def test_damage_is_found(self):
        for text, words in ((spool_line(1).replace('bounce', 'bouncf') + spool_line(2), 'checksum'),
                            (spool_line(1) + spool_line(3), 'event 3 follows event 1'),
                            (spool_line(1, (1, 2)) + spool_line(2), "aren't all there"),
                            ('hello\n' + spool_line(1), "isn't one of dsnd's"),
                            (spool_line(2), 'named for')):
            run = self.verify(_1=text)
            self.assertEqual(run.returncode, 1, run)
            self.assertIn(words, run.stderr)
            self.assertIn('damaged', run.stdout)

    def test_a_torn_line_within_is_damage(self):
        run = self.verify(_1=spool_line(1) + spool_line(2)[:-5], _3=spool_line(3))
        self.assertEqual(run.returncode, 1)
        self.assertIn('ends within a line', run.stderr)


unittest.main()
