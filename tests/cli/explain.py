"""dsnctl explain for every code of common SMTP code lists, for refusals and mails; dsnctl rules lint and test.

    explain.py DSNCTL FIXTURES CODE-TABLES
"""
import json
import os
import pty
import subprocess
import sys
import tempfile
import unittest

TABLES = sys.argv.pop(3)
FIXTURES = sys.argv.pop(2)
DSNCTL = sys.argv.pop(1)
KEYS = ('query', 'kind', 'code', 'class', 'category', 'meaning', 'causes', 'remedies', 'readings')
ATTIC = '''provider example
    name "Example Mail"
    host .mx.example.com
rule example-attic
    at example
    text "the attic is stuffed"
    says mailbox_full
    proof "554 5.7.1 sorry, the attic is stuffed"
'''


def rows():
    with open(TABLES, encoding='utf-8') as file:
        return [line.split() for line in file if not line.startswith('#')]


class Explain(unittest.TestCase):
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

    def explain(self, *arguments, **options):
        run = self.run_it('explain', '--json', '--rules', '', *arguments, **options)
        return run.returncode, [json.loads(line) for line in run.stdout.splitlines()], run.stderr

    def test_every_code_of_the_tables(self):
        table = rows()
        code, found, errors = self.explain(*[row[1] for row in table])
        self.assertEqual((code, errors, len(found)), (0, '', len(table)))
        for (number, asked, given), e in zip(table, found):
            for key in KEYS:
                self.assertIn(key, e)
            self.assertTrue(e['meaning'] and e['why'] and e['readings'], asked)
            self.assertEqual(e['query'], asked)
            classes = {e['class']} | {r['class'] for r in e['readings']}
            if given != '-':
                self.assertIn(given, classes, f'table {number}, code {asked}')
            if given != '-' and asked != '553':
                self.assertEqual(e['class'], given, f'table {number}, code {asked}')

    def test_where_the_tables_disagree_both_are_listed(self):
        _, (e,), _ = self.explain('553')
        self.assertEqual({r['class'] for r in e['readings']}, {'hard', 'soft'})
        self.assertEqual({r['category'] for r in e['readings']}, {'bad_mailbox', 'too_many_connections', 'security', 'no_ptr'})

    def test_a_refusal(self):
        for arguments in (['552 5.2.2 mailbox is over quota'], ['552', '5.2.2', 'mailbox', 'is', 'over', 'quota']):
            code, (e,), _ = self.explain(*arguments)
            self.assertEqual((code, e['kind'], e['category'], e['code']), (0, 'text', 'mailbox_full', '5.2.2'))
            self.assertTrue(e['evidence'] and e['remedies'])

    def test_a_mail_and_a_saved_refusal(self):
        code, found, _ = self.explain(os.path.join(FIXTURES, 'dsn', 'postfix-alias.eml'))
        self.assertEqual(code, 0)
        self.assertTrue(found and all(e['kind'] == 'mail' and e['recipient'] for e in found))
        path = self.write('refusal.txt', '552 5.2.2 mailbox is over quota\n')
        _, (e,), _ = self.explain(path)
        self.assertEqual((e['kind'], e['category']), ('text', 'mailbox_full'))

    def test_what_is_unknown_names_the_nearest(self):
        code, found, error = self.explain('mailbox_ful')
        self.assertEqual((code, found), (1, []))
        self.assertIn("nearest that is known: 'mailbox_full'", error)
        self.assertEqual(error.count('\n'), 1)
        self.assertIn('no such file', self.explain(os.path.join(self.dir, 'none'))[2])

    def test_a_terminal_gets_paragraphs_without_the_texts_escapes(self):
        master, slave = pty.openpty()
        run = subprocess.Popen([DSNCTL, 'explain', '550 5.1.1 no such user \x1b[2J'], stdout=slave)
        self.assertEqual(run.wait(timeout=60), 0)
        os.close(slave)
        text = os.read(master, 100000).decode('utf-8', 'replace')
        os.close(master)
        for label in ('meaning', 'fault', 'class', 'causes', 'to do', 'advice'):
            self.assertIn(label, text)
        self.assertNotIn('\x1b[2J', text)

    def test_a_pipe_gets_text_too_and_json_when_asked(self):
        run = self.run_it('explain', '--rules', '', '550')
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn('advice', run.stdout)
        self.assertNotIn('{', run.stdout)
        self.assertNotIn('\x1b', run.stdout)

    def test_a_code_is_a_screenful_and_all_the_rest(self):
        short = self.run_it('explain', '--rules', '', '550').stdout
        whole = self.run_it('explain', '--rules', '', '--all', '550').stdout
        self.assertLessEqual(len(short.splitlines()), 24)
        self.assertLessEqual(max(len(line) for line in short.splitlines()), 80)
        self.assertNotIn('sources', short)
        for word in ('sources', 'see also', 'common SMTP code lists', 'Microsoft'):
            self.assertIn(word, whole)

    def test_tokens_and_types_alone(self):
        _, found, errors = self.explain('S3150', 'TSS04', 'IB607', 'OFR_506', '5.7.515', '127.255.255.254',
                                        'Transient/MailboxFull', 'HardBounce', 'espblock', 'Invalid Address')
        self.assertEqual(errors, '')
        self.assertEqual([(e['category'], e['providers'][0]['provider']) for e in found], [
            ('ip_blocked', 'microsoft'), ('bad_reputation', 'yahoo'), ('rate_limited', 'godaddy'),
            ('spam_content', 'orange'), ('auth_failed', 'microsoft'), ('remote_error', 'spamhaus.org'),
            ('mailbox_full', 'amazonses'), ('bad_mailbox', 'postmark'), ('ip_blocked', 'mailgun'),
            ('bad_mailbox', 'sendgrid')])
        self.assertIn('https://', found[0]['contacts'][0]['form'])

    def test_a_users_rule_is_explained_and_tested(self):
        path = self.write('attic.rules', ATTIC)
        run = self.run_it('rules', '--rules', '', 'test', path, os.path.join(FIXTURES, 'dsn', 'postfix-alias.eml'))
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn('each proof leads to its rule', run.stdout)
        self.assertIn('0 of 1 mails change', run.stdout)
        refusal = 'host a.mx.example.com[192.0.2.1] said: 554 5.7.1 sorry, the attic is stuffed'
        run = self.run_it('explain', '--json', '--rules', path, refusal)
        e = json.loads(run.stdout)
        self.assertEqual((e['category'], e['rule'], e['provider']), ('mailbox_full', 'example-attic', 'example'))

    def test_a_policy_changes_the_class(self):
        path = self.write('policy.rules', 'policy bad_mailbox\n    class soft\n')
        mail = os.path.join(FIXTURES, 'dsn', 'postfix-alias.eml')
        run = self.run_it('rules', '--rules', '', 'test', path, mail)
        self.assertIn('1 of 1 mails change', run.stdout)
        self.assertIn('after:  bad_mailbox, soft, retry', run.stdout)

    def test_a_bad_rule_file_is_named_with_place_and_remedy(self):
        path = self.write('bad.rules', 'rule x\n    text "hello there"\n    says mailbox_ful\n')
        for arguments in (['rules', '--rules', '', 'test', path], ['rules', '--rules', path, 'lint'],
                          ['explain', '--rules', path, '550']):
            run = self.run_it(*arguments)
            self.assertEqual(run.returncode, 1)
            self.assertIn(f"{path}:3:10: unknown category 'mailbox_ful': did you mean 'mailbox_full'?", run.stderr)

    def test_a_proof_that_leads_elsewhere_is_found(self):
        path = self.write('wrong.rules', 'rule x\n    text "hello there"\n    says mailbox_full\n    proof "550 no such user"\n')
        for arguments in (['rules', '--rules', '', 'test', path], ['rules', '--rules', path, 'lint']):
            run = self.run_it(*arguments)
            self.assertEqual(run.returncode, 1)
            self.assertIn(f'{path}:1: rule x: its proof', run.stderr)


if __name__ == '__main__':
    unittest.main()
