"""The core and dsnctl beside GMime's parse alone: figures for tools/bench."""
import os
import pathlib
import re
import resource
import shutil
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SIZES = [1, 4, 16, 64, 256, 1024, 4096, 10240, 20480, 51200]  # KiB
RECIPIENTS = [1, 10, 100, 1000, 10000]


def mails_of(folder):
    return sorted(str(p) for p in pathlib.Path(folder).rglob('*') if p.is_file() and p.suffix == '.eml' and p.stat().st_size < 1 << 16)


def spread(values):
    return {'median': statistics.median(values), 'low': min(values), 'high': max(values), 'n': len(values)}


def run_core(build, files, rounds, repeat, rules='-'):
    out = subprocess.run([build / 'tests/bench/bench-core', str(rounds), str(repeat), rules], input='\n'.join(files), text=True, check=True,
                         stdout=subprocess.PIPE).stdout
    rows = [line.split() for line in out.splitlines()]
    pairs = [(float(r[1]) / 1000, float(r[2]) / 1000) for r in rows if r[0] == 'round']
    return {'floor_us': spread([p[0] for p in pairs]), 'core_us': spread([p[1] for p in pairs]),
            'ratio': spread([p[1] / p[0] for p in pairs]), 'load_ms': float(rows[0][1]) / 1e6,
            'rss_kib': int(rows[-1][1])}


def bounce(original_bytes=2000, recipients=1):
    groups = ''.join(f'Final-Recipient: rfc822; user{i}@example.net\nAction: failed\nStatus: 5.1.1\n'
                     f'Diagnostic-Code: smtp; 550 5.1.1 <user{i}@example.net>: Recipient address rejected: User unknown\n\n'
                     for i in range(recipients))
    text = ''.join(f'<user{i}@example.net>: host mx.example.net[192.0.2.1] said: 550 5.1.1\n    <user{i}@example.net>: '
                   'Recipient address rejected: User unknown\n' for i in range(min(recipients, 50)))
    line = 'A line of the letter that came back, as long as lines of letters are.\n'
    body = line * (original_bytes // len(line) + 1)
    return ('Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.org (Mail Delivery System)\nTo: sender@example.com\n'
            'Subject: Undelivered Mail Returned to Sender\nMessage-Id: <1@mx.example.org>\nDate: Fri, 20 Nov 2026 10:05:00 +0000\n'
            'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary="b1"\n\n'
            f'--b1\nContent-Type: text/plain\n\nThis is the mail system at host mx.example.org.\n\n{text}\n'
            f'--b1\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n{groups}'
            '--b1\nContent-Type: message/rfc822\n\nFrom: sender@example.com\nTo: user0@example.net\nSubject: A letter\n'
            f'Message-Id: <2@example.com>\n\n{body}\n--b1--\n')


def grow(build, folder, name, steps, make, rounds):
    rows = []
    for step in steps:
        path = folder / f'{name}-{step}.eml'
        path.write_text(make(step))
        size = path.stat().st_size
        got = run_core(build, [str(path)], rounds, max(1, min(200, 20_000_000 // size)))
        rows.append({name: step, 'bytes': size, 'core_us': got['core_us'], 'floor_us': got['floor_us']})
        path.unlink()
    return rows


def more_rules(folder, times):
    """The text rules again under other names, with phrases a little longer: as many windows, no more verdicts."""
    text = ''.join(p.read_text() for p in sorted((ROOT / 'rules/text').glob('*.rules')))
    out = []
    for i in range(times - 1):
        copy = re.sub(r'^rule (\S+)', rf'rule \1-copy{i}', text, flags=re.M)
        copy = re.sub(r'^    (?:text|not) .*$', lambda line: re.sub(r'(?<!\\)\*?"(?= |$)', f' v{i}"', line.group()), copy, flags=re.M)
        out.append(copy)
    path = folder / 'more.rules'
    path.write_text('\n'.join(out))
    return path, len(re.findall(r'^rule ', text, flags=re.M)) * (times - 1)


def measure_rules(build, folder, files, rounds):
    path, n = more_rules(folder, 10)
    one, ten = [], []
    for _ in range(rounds):
        one.append(run_core(build, files, 1, 4)['ratio']['median'])
        ten.append(run_core(build, files, 1, 4, str(path))['ratio']['median'])
    return {'more_rules': n, 'ratio_1x': spread(one), 'ratio_10x': spread(ten), 'slower': spread([b / a for a, b in zip(one, ten)])}


def floor_all_cores(build, files, rounds, repeat):
    """Mails a second of GMime's parse alone, in as many processes at once as there are cores."""
    got, cores = [], os.cpu_count() or 1
    for _ in range(rounds):
        runs = [subprocess.Popen([build / 'tests/bench/bench-core', '1', str(repeat), 'floor'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
                for _ in range(cores)]
        for run in runs:
            run.stdin.write('\n'.join(files))
            run.stdin.close()
        # wall time, so that what the processes take from each other counts
        walls = [float(re.search(r'^wall (\S+)', run.stdout.read(), re.M).group(1)) for run in runs]
        if any(run.wait() for run in runs):
            raise SystemExit('bench-core failed')
        got.append(sum(1e9 / wall for wall in walls))
    return spread(got)


def run_dsnctl(build, folder, jobs):
    start, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([build / 'src/cli/dsnctl', 'parse', '--json', '--rules=', '-j', str(jobs), folder], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.monotonic() - start, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def make_set(folder, files, count):
    """A directory of `count` mails, the files again and again."""
    folder.mkdir()
    for i in range(count):
        (folder / f'{i:07d}.eml').write_bytes(pathlib.Path(files[i % len(files)]).read_bytes())
    return folder


def measure_dsnctl(build, folder, files, mails, rounds):
    new = make_set(folder / 'set', files, mails)
    cores = os.cpu_count() or 1
    one, many = [], []
    for _ in range(rounds):
        one.append(mails / run_dsnctl(build, new, 1)[0])
        many.append(mails / run_dsnctl(build, new, cores)[0])
    return {'mails': mails, 'cores': cores, 'one_per_s': spread(one), 'all_per_s': spread(many),
            'speedup': spread([b / a for a, b in zip(one, many)])}


def count_instructions(program, toggles=(), feed=None):
    """Instructions of a run of `program`, or of what it spends within the functions `toggles`: nearly the same whatever else the machine does."""
    with tempfile.TemporaryDirectory() as folder:
        tool = ['valgrind', '--tool=callgrind', f'--callgrind-out-file={folder}/out'] + [f'--toggle-collect={name}' for name in toggles]
        done = subprocess.run(tool + [str(word) for word in program], input=feed, text=True, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return int(re.search(r'Collected : (\d+)', done.stderr).group(1))


def core_instructions(build, files):
    """A mail, read once by a process that has read nothing before."""
    toggles = ['dsn_parse', 'dsn_event_append_json', 'dsn_mail_id']
    return count_instructions([build / 'tests/bench/bench-core', 0, 1, '-'], toggles, '\n'.join(files)) // len(files)


def measure_instructions(build, folder, sets):
    """None without valgrind. `sets`: name and files of each."""
    if not shutil.which('valgrind'):
        return None
    recipients = []
    for n in RECIPIENTS[:4]:
        path = folder / f'recipients-{n}.eml'
        path.write_text(bounce(recipients=n))
        recipients.append({'recipients': n, 'core': core_instructions(build, [str(path)])})
    dsnctl = [build / 'src/cli/dsnctl', 'parse', '--json', '--rules=', '-j', '1']
    rows = []
    for name, files in sets:
        rows.append({'set': name, 'mails': len(files), 'core': core_instructions(build, files), 'start': count_instructions(dsnctl + files[:1])})
    return {'sets': rows, 'recipients': recipients}


def measure_start(build, files, rounds):
    times = []
    for _ in range(max(rounds, 5)):
        start = time.monotonic()
        subprocess.run([build / 'src/cli/dsnctl', 'parse', '--json', '--rules=', '-j', '1', files[0]], check=True, stdout=subprocess.DEVNULL)
        times.append((time.monotonic() - start) * 1000)
    return spread(times)
