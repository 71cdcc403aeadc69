"""dsnctl report: what it reads, what it leaves out, and what its pages say.

    report.py DSNCTL FIXTURES PAGE [--update]

PAGE is the text page of the sample events; --update writes it anew.
"""
import csv
import json
import os
import pty
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

from sampleevents import sample, spool_line, write_spool

UPDATE = '--update' in sys.argv and bool(sys.argv.remove('--update') or True)
PAGE = sys.argv.pop(3)
FIXTURES = sys.argv.pop(2)
DSNCTL = sys.argv.pop(1)
SAMPLE = list(sample(4000))
# whatever the machine's clock says
ALL = ('--until', '2099-01-01')
WEEK = ('--since', '2026-11-14', '--until', '2026-11-21')


def bounce(n, **keys):
    """Event n, a minute after the one before."""
    return {'v': 1, 'seq': n, 'id': '%032x-1' % n, 'part': [1, 1], 'time': '2026-11-20T%02d:%02d:00.000Z' % (n // 60, n % 60),
            'kind': 'bounce', 'recipient': 'user%d@example.net' % n, 'category': 'bad_mailbox', 'class': 'hard', 'advice': 'suppress',
            **keys}


# What a mail may try, and keys that events have.
HOSTILE = ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "' onmouseover='x", '</style><style>*{display:none}</style>',
           '</title>', ']]>', '-->', '<!--', '&lt;b&gt;', '&#0;', 'javascript:alert(1)', '\u202eevil\u2066txt\ufeff', '\x1b[2J\x07\x7f\x9b', '\ufffe\uffff',
           'x' * 30000, 'a\u0301' * 3000, '\u2028\u2029', '\u0645\u0631\u062d\u0628\u0627.example', '%s%n%d']
KEYS = ('kind', 'class', 'advice', 'trust', 'category', 'recipient', 'provider', 'remote_mta', 'block_list', 'reporting_mta', 'format',
        'diagnostic')
# All that the page is made of: none of these loads, runs or sends anything.
ELEMENTS = {'html', 'head', 'meta', 'title', 'style', 'body', 'main', 'header', 'footer', 'section', 'h1', 'h2', 'p', 'div', 'span', 'small',
            'code', 'bdi', 'strong', 'i', 'ul', 'ol', 'li', 'dl', 'dt', 'dd', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'details', 'summary',
            'svg', 'desc', 'g', 'rect', 'line', 'text', 'circle', 'a', 'wbr'}
ATTRIBUTES = {'lang', 'charset', 'http-equiv', 'content', 'name', 'class', 'id', 'scope', 'role', 'aria-labelledby', 'aria-hidden', 'viewBox',
              'preserveAspectRatio', 'x', 'y', 'x1', 'x2', 'y1', 'y2', 'cx', 'cy', 'r', 'width', 'height', 'text-anchor', 'href'}


def read_some(terminal):
    """What the other side wrote; nothing once it's closed."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b''


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

    def write_id(self):
        """Makes the scratch directory a spool without events."""
        with open(os.path.join(self.dir, 'id'), 'w', encoding='utf-8') as out:
            out.write('0' * 32 + '\n')

    def test_the_page_of_the_sample(self):
        directory = os.path.join(self.dir, 'spool')
        write_spool(directory, map(spool_line, SAMPLE), per_segment=1200)
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
        events = SAMPLE[:300]
        self.spool_of(*map(spool_line, events))
        directory = os.path.join(self.dir, 'spool')
        segment = os.path.join(directory, '%020d.jsonl' % 1)
        pages = [self.page(*WEEK, '--spool', directory), self.page(*WEEK, directory), self.page(*WEEK, segment), self.page_of(*events)]
        for page in pages:
            self.assertEqual(page.splitlines()[3:], pages[0].splitlines()[3:])
        self.assertIn('from standard input', pages[3])

    def test_what_parse_gives_can_be_reported(self):
        events = subprocess.run([DSNCTL, 'parse', '--json', FIXTURES], stdout=subprocess.PIPE, check=True).stdout.decode()
        page = self.page(*ALL, '-', input=events)
        self.assertIn('%d events' % events.count('\n'), page)
        self.assertIn("weren't recorded by dsnd: placed by the date that the mail states", page)

    def test_the_range_takes_what_is_in_it(self):
        events = [bounce(n) for n in (1, 2, 3, 4)]
        page = self.page_of(*events, arguments=('--since', '2026-11-20T00:02', '--until', '2026-11-20T00:04'))
        self.assertIn('2 events', page)
        self.assertIn('1 event was outside of this time', page)
        self.assertIn('in the 2 minutes before (1)', page)
        self.assertIn('4 events', self.page_of(*events, arguments=ALL))
        directory = self.spool_of(*map(spool_line, events))
        of_spool = self.page('--since', '2026-11-20T00:02', '--until', '2026-11-20T00:04', '--spool', directory)
        self.assertEqual(of_spool.splitlines()[3:], page.splitlines()[3:])

    def test_events_without_a_time(self):
        undated = bounce(1)
        del undated['time']
        self.assertIn('1 event has no time: counted', self.page_of(undated, arguments=ALL))
        self.assertIn('1 event has no time and', self.page_of(undated, bounce(2)))

    def test_this_week_against_the_week_before(self):
        before = [dict(bounce(n), time='2026-11-10T10:%02d:00.000Z' % n) for n in range(1, 11)]
        now = [bounce(n, **({'category': 'mailbox_full', 'class': 'soft', 'advice': 'retry'} if n < 6 else {})) for n in range(1, 11)]
        page = self.page_of(*before, *now)
        for line in ('Mails: 10, as many as in the 7 days before (10)', 'Hard bounces: 5, 50% fewer than in the 7 days before (10)',
                     'Soft bounces: 5, many more than in the 7 days before (0)', 'mailbox full: 5, many more than in the 7 days before (0)',
                     'no such mailbox: 5, 50% fewer than in the 7 days before (10)'):
            self.assertIn('- ' + line + '\n', page)
        self.assertNotIn('outside of this time', page)
        self.assertNotIn('Against the time before', self.page_of(*now))
        # what came before that isn't counted at all, of a spool neither
        older = dict(bounce(11), time='2026-11-06T10:00:00.000Z')
        self.assertIn('1 event was outside of this time', self.page_of(older, *before, *now))
        spool = self.spool_of(*map(spool_line, [older, *before, *now]))
        self.assertIn('(10)\n', self.page(*WEEK, '--spool', spool))

    def test_addresses_to_suppress_are_listed_with_the_reason(self):
        events = [bounce(n) for n in range(12)] + [
            bounce(30, recipient='A"b@Example.net', diagnostic='550 "no", such\r\nuser'), bounce(31, recipient='a"B@example.net', category='moved'),
            bounce(40, recipient='forged@example.net', trust='suspect'), bounce(41, recipient='full@example.net', advice='retry')]
        path = os.path.join(self.dir, 'list.csv')
        page = self.page_of(*events, arguments=(*WEEK, '--suppress', path))
        self.assertIn('- a"b@example.net: mailbox moved\n- user11@example.net: no such mailbox\n', page)
        self.assertIn('\n  and 3 more\n', page)
        with open(path, encoding='utf-8', newline='') as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(len(rows), 13)
        self.assertEqual(rows[0], {'address': 'a"b@example.net', 'reason': 'moved', 'first': '2026-11-20T00:30:00Z', 'last': '2026-11-20T00:31:00Z',
                                   'events': '2', 'words': ''})
        self.assertNotIn('forged', str(rows))

    def test_times_are_shown_and_read_in_a_zone(self):
        events = [bounce(n, time='2026-07-0%dT22:30:00.000Z' % (n % 7 + 1)) for n in range(70)]
        arguments = ('--since', '2026-07-02', '--until', '2026-07-05', '--tz', 'Europe/Berlin')
        page = self.page_of(*events, arguments=arguments)
        self.assertIn('2026-07-02 00:00 to 2026-07-05 00:00 Europe/Berlin, 3 days', page)
        # from 22:00 UTC of the first, to before 22:00 UTC of the fourth
        self.assertIn('30 mails, 30 events', page)
        self.assertNotIn('UTC', page)
        found = json.loads(self.page_of(*events, arguments=(*arguments, '--json')))
        self.assertEqual((found['from'], found['to'], found['events']), ('2026-07-01T22:00:00Z', '2026-07-04T22:00:00Z', 30))
        self.assertIn('2026-07-02 00:00 to 2026-07-05 00:00 +02:00', self.page_of(*events, arguments=(*arguments[:4], '--tz', '+02:00')))
        self.assertIn('From (Europe/Berlin)', self.page_of(*events, arguments=(*arguments, '--html', '-')))
        run = self.run_it('--tz', 'Atlantis/City', '-', input='')
        self.assertEqual(run.returncode, 2)
        self.assertIn("there's no such zone", run.stderr)

    def test_json_tells_the_same(self):
        text = self.page_of(*SAMPLE, arguments=(*WEEK, '--json'))
        found = json.loads(text)
        page = self.page_of(*SAMPLE)
        self.assertEqual(text.count('\n'), 1)
        self.assertIn('{:,} mails, {:,} events'.format(found['mails'], found['events']), page)
        self.assertEqual(sum(found[part] for part in ('hard', 'soft', 'delayed', 'other')), found['events'])
        self.assertEqual(sum(row['events'] for row in found['tables']['kind']), found['events'])
        listed = {event['recipient'].lower() for event in SAMPLE if 'recipient' in event and event.get('advice') == 'suppress' and event.get('trust') != 'suspect'}
        self.assertEqual({row['address'] for row in found['suppress']}, listed)
        for incident in found['incidents'][:12]:
            self.assertIn('%s failure' % '{:,}'.format(incident['events']), page)
            self.assertTrue(incident['todo'])
        self.assertEqual(self.run_it('--json', '--html', 'x', '-', input='').returncode, 2)

    def test_names_are_cut_between_their_parts(self):
        host = 'am0pr01mb0001.eurprd01.prod.exchangelabs.example.com'
        events = [bounce(n, reporting_mta=host) for n in range(3)]
        self.assertIn('  am0pr01mb0001.eurprd01.prod.… ', self.page_of(*events, arguments=(*WEEK,)).replace('~', '…'))
        page = self.page_of(*events, arguments=(*WEEK, '--html', '-'))
        self.assertIn('am0pr01mb0001.<wbr />eurprd01.<wbr />prod.<wbr />', page)

    def test_an_empty_range_says_so(self):
        self.write_id()
        for page in (self.page_of(), self.page_of(bounce(1), arguments=('--since', '1h')), self.page('--spool', self.dir)):
            self.assertIn('No events in this time.', page)

    def test_damaged_and_foreign_lines_are_told_and_the_rest_counted(self):
        good = spool_line(bounce(1)), spool_line(bounce(2))
        directory = self.spool_of(good[0], good[1].replace(b'hard', b'soft'), b'hello\n', b'\n', b'{"v":1,"kind":5}\n',
                                  b'x' * (3 << 20) + b'\n', good[1])
        page = self.page(*WEEK, '--spool', directory)
        self.assertIn('2 events', page)
        self.assertIn('2 lines were damaged or too long', page)
        self.assertIn('2 lines were no event', page)

    def test_foreign_lines_of_a_stream(self):
        lines = ['[]', '5', 'null', '{}', '{"v":2,"kind":"bounce"}', '{"v":1}', '{"v":1,"kind":null}', '{"v":"1","kind":"bounce"}',
                 '{"v":1,"kind":"bounce"', '\x00', '"' + 'x' * (600 << 10), '[' * 5000, '{"error":"no"}']
        page = self.page(*WEEK, '-', input='\n'.join(lines + [json.dumps(bounce(1))]))
        self.assertIn('1 event,', page)
        self.assertIn('%d lines were no event' % (len(lines) - 1), page)
        self.assertIn('1 line was damaged or too long', page)

    def test_values_of_any_type_do_no_harm(self):
        for value in (5, None, [], {}, True, '', 'x' * 5000, '\u202e\u001b[2J', ['a'], {'from': [], 'date': 7}):
            events = [dict(bounce(1), **{key: value}) for key in (*bounce(1), 'original', 'report', 'source', 'provider', 'block_list')
                      if key not in ('v', 'kind', 'time')]
            page = self.page_of(*events)
            self.assertIn('%d events' % len(events), page)
            self.assertNotRegex(page, '[\x00-\x09\x0b-\x1f\u202e]')

    def html_of(self, *events):
        """The HTML page of these events, read as XML."""
        page = self.page_of(*events, arguments=(*WEEK, '--html', '-'))
        root = xml.etree.ElementTree.fromstring(page)
        for element in root.iter():
            self.assertIn(element.tag, ELEMENTS)
            self.assertLessEqual(set(element.attrib), ATTRIBUTES)
            self.assertRegex(element.get('href', '#x'), '^#')
        ids = [element.get('id') for element in root.iter() if element.get('id')]
        self.assertEqual(len(ids), len(set(ids)))
        return page, root

    def test_the_html_page_tells_the_same(self):
        page, root = self.html_of(*SAMPLE)
        whole = xml.etree.ElementTree.fromstring(page.replace('<wbr />', ''))
        text = ' '.join(' '.join(whole.find('body').itertext()).split())
        self.assertRegex(text, '^Bounce report 2026-11-14 00:00 to 2026-11-21 00:00 UTC, 7 days from standard input')
        with open(PAGE, encoding='utf-8') as plain:
            shown = plain.read()
        for words in ('200 failures at google: too many messages', 'failures at microsoft: sending address blocked by zen.blocklist.example',
                      'failures at many places: DNS failed'):
            self.assertTrue(words in text and words in shown, words)
        # each plot has a title, a description, and the same numbers as a table
        plots = [element for element in root.iter('svg') if 'plot' in element.get('class')]
        self.assertEqual([plot.get('class') for plot in plots], ['plot wide', 'plot narrow'])
        for plot in plots:
            self.assertEqual([child.tag for child in plot][:2], ['title', 'desc'])
        rows = root.find(".//section[@id='time']//tbody").findall('tr')
        self.assertEqual(len(rows), 84)
        self.assertEqual(sum(int(cell.text) for row in rows for cell in row.findall('td')), len(SAMPLE))
        for number in (1, 2, 3):
            self.assertEqual(len([a for a in root.iter('a') if a.get('href') == '#incident-%d' % number]), 2)
            self.assertTrue('id="incident-%d"' % number in page)
        self.assertLess(len(page), 200000)

    def test_a_hostile_mail_is_only_text(self):
        self.html_of(bounce(1, **{key: 'plain' for key in KEYS}))
        for evil in HOSTILE:
            events = [bounce(n, **{key: evil for key in KEYS if key != 'kind'}, original={'from': evil}, source={'mailbox': evil})
                      for n in range(45)] + [bounce(60), bounce(1439, kind=evil)]
            for event in events[:30]:
                event['time'] = events[0]['time']
            page, root = self.html_of(*events)
            self.assertNotRegex(page, '[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\u2028\u2029]')
            self.assertEqual(len(list(root.iter('style'))), 1)
            self.assertTrue('id="incident-1"' in page, evil)
            self.assertLess(len(page), 200000)
            shown = self.page_of(*events)
            self.assertNotRegex(shown, '[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\u2028\u2029]')

    def test_a_file_name_is_only_text(self):
        name = os.path.join(self.dir, '<b>\x1b"&.jsonl')
        with open(name, 'w', encoding='utf-8') as out:
            out.write(json.dumps(bounce(1)) + '\n')
        self.assertIn('&lt;b&gt;\u241b&quot;&amp;.jsonl', self.page(name, '--html', '-'))
        self.assertNotIn('\x1b', self.page(name))

    def test_the_html_file_is_whole_or_not_there(self):
        path = os.path.join(self.dir, 'page.html')
        self.write_id()
        self.assertEqual(self.page(*WEEK, '--spool', self.dir, '--html', path), '')
        with open(path, encoding='utf-8') as page:
            self.assertTrue(page.read().endswith('</html>\n'))
        self.assertEqual(sorted(os.listdir(self.dir)), ['id', 'page.html'])
        run = self.run_it(*WEEK, '--spool', self.dir, '--html', os.path.join(self.dir, 'none', 'page.html'))
        self.assertEqual(run.returncode, 1)
        self.assertIn('No such file or directory', run.stderr)

    def terminal_page(self, columns, *arguments, **environment):
        master, slave = pty.openpty()
        run = subprocess.Popen([DSNCTL, 'report', *arguments], stdout=slave,
                               env={**os.environ, 'COLUMNS': str(columns), 'NO_COLOR': '1', **environment})
        os.close(slave)
        shown = b''
        while chunk := read_some(master):
            shown += chunk
        os.close(master)
        self.assertEqual(run.wait(60), 0)
        return shown.decode('utf-8').splitlines()

    def test_lines_keep_to_the_terminal(self):
        segment = os.path.join(self.spool_of(*map(spool_line, SAMPLE)), '%020d.jsonl' % 1)
        for columns in (40, 41, 57, 72, 100, 500):
            page = self.terminal_page(columns, *WEEK, segment, LC_ALL='C')
            self.assertTrue([line for line in page if line.startswith('Over time')])
            for line in page:
                self.assertTrue(line.isascii(), line)
                self.assertLessEqual(len(line), columns, line)

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
        self.assertIn('1 line was damaged or too long', page)

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
        self.assertIn("1 file couldn't be read: this is not all that happened", run.stdout)

    def test_a_page_that_knows_nothing_replaces_none(self):
        path = os.path.join(self.dir, 'page.html')
        self.page(*WEEK, '--spool', self.spool_of(spool_line(bounce(1))), '--html', path)
        with open(path, encoding='utf-8') as page:
            before = page.read()
        for what, words in (('none', 'No such file or directory'), ('.', 'no spool of dsnd (for mails: dsnctl parse')):
            run = self.run_it(*WEEK, '--spool', os.path.join(self.dir, what), '--html', path)
            self.assertEqual((run.returncode, run.stdout), (1, ''))
            self.assertIn(words, run.stderr)
        with open(path, encoding='utf-8') as page:
            self.assertEqual(page.read(), before)

    def test_the_command_line(self):
        for arguments, words in ((('--since', 'x'), '--since x: give a time'), (('--until', '40y'), '--until 40y: give a time'),
                                 (('--since', '1h', '--until', '2h'), "--since isn't before --until"), (('--nonsense',), 'nonsense')):
            run = self.run_it(*arguments)
            self.assertEqual((run.returncode, run.stdout), (2, ''), run)
            self.assertIn(words, run.stderr)

    def test_a_full_disk_is_an_error(self):
        self.write_id()
        with open('/dev/full', 'w', encoding='utf-8') as full:
            run = subprocess.run([DSNCTL, 'report', '--spool', self.dir], stdout=full, stderr=subprocess.PIPE, encoding='utf-8')
        self.assertEqual(run.returncode, 1)
        self.assertIn('No space left', run.stderr)


if __name__ == '__main__':
    unittest.main()
