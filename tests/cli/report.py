"""dsnctl report: what it reads, what it leaves out, and what its pages say.

    report.py DSNCTL FIXTURES PAGE [--update]

PAGE is the text page of the sample events; --update writes it anew.
"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

from sampleevents import sample, spool_line, write_spool

UPDATE = '--update' in sys.argv and bool(sys.argv.remove('--update') or True)
PAGE = sys.argv.pop(3)
FIXTURES = sys.argv.pop(2)
DSNCTL = sys.argv.pop(1)
WEEK = ('--since', '2026-11-14', '--until', '2026-11-21')


def bounce(n, **keys):
    """Event n, a minute after the one before."""
    return {'v': 1, 'seq': n, 'id': '%032x-1' % n, 'part': [1, 1], 'time': '2026-11-20T%02d:%02d:00.000Z' % (n // 60, n % 60),
            'kind': 'bounce', 'recipient': 'user%d@example.net' % n, 'category': 'bad_mailbox', 'class': 'hard', 'advice': 'suppress',
            **keys}


class Report(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.dir = scratch.name

    def run_it(self, *arguments, **options):
        return subprocess.run([DSNCTL, 'report', *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding='utf-8',
                              timeout=60, **options)

    def page(self, *arguments, **options):
        run = self.run_it(*arguments, **options)
        self.assertEqual((run.returncode, run.stderr), (0, ''), run)
        return run.stdout

    def page_of(self, *events, arguments=WEEK):
        """The page of these events, as JSON lines on standard input."""
        return self.page(*arguments, '-', input=''.join(json.dumps(event) + '\n' for event in events))

    def spool_of(self, *lines, name=1):
        directory = os.path.join(self.dir, 'spool')
        os.makedirs(directory, exist_ok=True)
        with open(os.path.join(directory, '%020d.jsonl' % name), 'wb') as out:
            out.write(b''.join(lines))
        return directory

    def test_the_page_of_the_sample(self):
        directory = os.path.join(self.dir, 'spool')
        write_spool(directory, map(spool_line, sample(1500)), per_segment=400)
        self.assertEqual(len(os.listdir(directory)), 4)
        shown = self.page(*WEEK, '--spool', directory).replace(self.dir, '')
        if UPDATE:
            with open(PAGE, 'w', encoding='utf-8') as out:
                out.write(shown)
        with open(PAGE, encoding='utf-8') as page:
            self.assertEqual(shown, page.read())
        for line in shown.splitlines():
            self.assertLessEqual(len(line), 80)

    def test_spool_file_and_standard_input_give_the_same(self):
        events = list(sample(300))
        self.spool_of(*map(spool_line, events))
        directory = os.path.join(self.dir, 'spool')
        segment = os.path.join(directory, '%020d.jsonl' % 1)
        pages = [self.page(*WEEK, '--spool', directory), self.page(*WEEK, directory), self.page(*WEEK, segment), self.page_of(*events)]
        for page in pages:
            self.assertEqual(page.splitlines()[2:], pages[0].splitlines()[2:])
        self.assertIn('from standard input', pages[3])

    def test_what_parse_gives_can_be_reported(self):
        events = subprocess.run([DSNCTL, 'parse', '--json', FIXTURES], stdout=subprocess.PIPE, check=True).stdout.decode()
        page = self.page('-', input=events)
        self.assertIn('%d events' % events.count('\n'), page)
        self.assertIn("weren't recorded by dsnd: placed by the date that the mail states", page)

    def test_the_range_takes_what_is_in_it(self):
        events = [bounce(n) for n in (1, 2, 3, 4)]
        page = self.page_of(*events, arguments=('--since', '2026-11-20T00:02', '--until', '2026-11-20T00:04'))
        self.assertIn('2 events', page)
        self.assertIn('2 events were outside of this time', page)
        self.assertIn('4 events', self.page_of(*events, arguments=()))

    def test_events_without_a_time(self):
        undated = bounce(1)
        del undated['time']
        self.assertIn('1 event has no time: counted', self.page_of(undated, arguments=()))
        self.assertIn('1 event has no time and', self.page_of(undated, bounce(2)))

    def test_an_empty_range_says_so(self):
        for page in (self.page_of(), self.page_of(bounce(1), arguments=('--since', '1h')), self.page('--spool', self.dir)):
            self.assertIn('No events in this time.', page)

    def test_damaged_and_foreign_lines_are_told_and_the_rest_counted(self):
        good = spool_line(bounce(1)), spool_line(bounce(2))
        directory = self.spool_of(good[0], good[1].replace(b'hard', b'soft'), b'hello\n', b'\n', b'{"v":1,"kind":5}\n',
                                  b'x' * (3 << 20) + b'\n', good[1])
        page = self.page(*WEEK, '--spool', directory)
        self.assertIn('2 events', page)
        self.assertIn('2 lines were damaged', page)
        self.assertIn('2 lines were no event', page)

    def test_foreign_lines_of_a_stream(self):
        lines = ['[]', '5', 'null', '{}', '{"v":2,"kind":"bounce"}', '{"v":1}', '{"v":1,"kind":null}', '{"v":"1","kind":"bounce"}',
                 '{"v":1,"kind":"bounce"', '\x00', '"' + 'x' * (600 << 10), '[' * 5000, '{"error":"no"}']
        page = self.page(*WEEK, '-', input='\n'.join(lines + [json.dumps(bounce(1))]))
        self.assertIn('1 event,', page)
        self.assertIn('%d lines were no event' % (len(lines) - 1), page)
        self.assertIn('1 line was damaged', page)

    def test_values_of_any_type_do_no_harm(self):
        for value in (5, None, [], {}, True, '', 'x' * 5000, '\u202e\u001b[2J', ['a'], {'from': [], 'date': 7}):
            events = [dict(bounce(1), **{key: value}) for key in (*bounce(1), 'original', 'report', 'source', 'provider', 'block_list')
                      if key not in ('v', 'kind', 'time')]
            page = self.page_of(*events)
            self.assertIn('%d events' % len(events), page)
            self.assertNotRegex(page, '[\x00-\x09\x0b-\x1f\u202e]')

    def test_an_end_being_written_is_no_damage(self):
        line = spool_line(bounce(2))
        for cut in (1, 2, 3, 9, 20, 21, len(line) // 2, len(line) - 1):
            page = self.page(*WEEK, '--spool', self.spool_of(spool_line(bounce(1)), line[:-cut]))
            self.assertIn('1 event,', page)
            self.assertNotIn('Notes', page)

    def test_a_torn_line_within_is_damage(self):
        self.spool_of(spool_line(bounce(1)), spool_line(bounce(2))[:-5])
        page = self.page(*WEEK, '--spool', self.spool_of(spool_line(bounce(3)), name=3))
        self.assertIn('2 events', page)
        self.assertIn('1 line was damaged', page)

    def test_recipients_of_one_mail_are_one_mail(self):
        page = self.page_of(bounce(1, part=[1, 3]), bounce(1, part=[2, 3]), bounce(1, part=[3, 3]))
        self.assertIn('1 mail, 3 events, recipients: 1', page)

    def test_what_cannot_be_read_is_told_and_the_rest_reported(self):
        none = os.path.join(self.dir, 'none')
        segment = os.path.join(self.spool_of(spool_line(bounce(1))), '%020d.jsonl' % 1)
        run = self.run_it(*WEEK, none, segment)
        self.assertEqual(run.returncode, 1)
        self.assertIn('none: No such file or directory', run.stderr)
        self.assertIn('1 event,', run.stdout)
        run = self.run_it(*WEEK, '--spool', none)
        self.assertEqual(run.returncode, 1)
        self.assertIn('No such file or directory', run.stderr)

    def test_the_command_line(self):
        for arguments, words in ((('--since', 'x'), '--since x: give a time'), (('--until', '40y'), '--until 40y: give a time'),
                                 (('--since', '1h', '--until', '2h'), "--since isn't before --until"), (('--nonsense',), 'nonsense')):
            run = self.run_it(*arguments)
            self.assertEqual((run.returncode, run.stdout), (2, ''), run)
            self.assertIn(words, run.stderr)

    def test_a_full_disk_is_an_error(self):
        with open('/dev/full', 'w', encoding='utf-8') as full:
            run = subprocess.run([DSNCTL, 'report', '--spool', self.dir], stdout=full, stderr=subprocess.PIPE, encoding='utf-8')
        self.assertEqual(run.returncode, 1)
        self.assertIn('No space left', run.stderr)


if __name__ == '__main__':
    unittest.main()
