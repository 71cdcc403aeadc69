"""What tools/bench measured, as tables, a page and pictures."""
import pathlib


def show(s, digits=1):
    return f"{s['median']:.{digits}f} ({s['low']:.{digits}f} to {s['high']:.{digits}f})"


def table(head, rows):
    return '\n'.join(['| ' + ' | '.join(head) + ' |', '|' + '---|' * len(head)] + ['| ' + ' | '.join(map(str, r)) + ' |' for r in rows]) + '\n'


def tables(got):
    core, ctl = got['core'], got.get('dsnctl')
    out = ['## The core, one core of the machine\n',
           table(['what', 'CPU microseconds a mail'],
                 [['GMime\'s parse alone (the floor)', show(core['floor_us'])], ['parse, classify, id, JSON', show(core['core_us'])],
                  ['times the floor', show(core['ratio'], 2)]]),
           f"{got['mails']} mails, {got['mean_bytes']} bytes on average. Loading the built-in rules: {core['load_ms']:.0f} ms of CPU. "
           f"Memory of the program with all mails in it: {core['rss_kib'] / 1024:.0f} MiB.\n"]
    if ctl:
        out += ['## dsnctl parse --json\n',
                table(['processes', 'mails a second'], [[1, show(ctl['one_per_s'], 0)], [ctl['cores'], show(ctl['all_per_s'], 0)],
                                                        ['times faster', show(ctl['speedup'], 2)]]),
                f"{ctl['mails']} files in one directory. One mail, from start to end of the program: {show(got['start_ms'])} ms.\n"]
    for name, title in (('kib', 'Growth with the size of the returned message'), ('recipients', 'Growth with the number of recipients')):
        if name in got:
            out += [f'## {title}\n', table([name.replace('kib', 'KiB'), 'bytes', 'core, us', 'GMime alone, us'],
                                           [[r[name], r['bytes'], show(r['core_us']), show(r['floor_us'])] for r in got[name]])]
    if 'rules' in got:
        rules = got['rules']
        out += ['## Ten times as many text rules\n',
                table(['rules', 'times the floor'], [['built in', show(rules['ratio_1x'], 2)],
                                                     [f"and {rules['more_rules']} more", show(rules['ratio_10x'], 2)],
                                                     ['slower by', show(rules['slower'], 2)]])]
    for section in (real_table, instructions_table, daemon_table, latency_table, backlog_table, peers_table):
        out += section(got)
    return '\n'.join(out)


def real_table(got):
    real = got.get('real')
    if not real:
        return []
    core, ctl = real['core'], real['dsnctl']
    return ['## The same on real mails\n',
            table(['what', 'measured'],
                  [['GMime\'s parse alone, CPU microseconds a mail', show(core['floor_us'])], ['parse, classify, id, JSON', show(core['core_us'])],
                   ['times the floor', show(core['ratio'], 2)], ['dsnctl, one process, mails a second', show(ctl['one_per_s'], 0)],
                   [f"dsnctl, {ctl['cores']} processes", show(ctl['all_per_s'], 0)]]),
            f"{real['mails']} mails that aren't part of dsnd, {real['mean_bytes']} bytes on average.\n"]


def instructions_table(got):
    counts = got.get('instructions')
    if not counts:
        return []
    return ['## Instructions\n',
            table(['set', 'mails', 'the core, a mail', 'dsnctl, from start to end with the first mail'],
                  [[r['set'], r['mails'], f"{r['core']:,}", f"{r['start']:,}"] for r in counts['sets']]),
            table(['recipients', 'the core, a mail'], [[r['recipients'], f"{r['core']:,}"] for r in counts['recipients']]),
            'Counted by `valgrind --tool=callgrind`: the same at each run to some thousandths, whatever else the machine does. Each mail is read once.\n']


def daemon_table(got):
    d = got.get('daemon')
    if not d:
        return []
    return ['## The daemon, from Maildir to acknowledged events\n',
            table(['what', 'measured'],
                  [['mails a second', show(d['per_s'], 0)], ["GMime's parse alone in as many processes as cores, mails a second", show(d['floor_per_s'], 0)],
                   ['of that floor', show(d['of_floor'], 2)], ['CPU microseconds a mail in the daemon', show(d['daemon_us'])],
                   ['and in its workers', show(d['workers_us'])], ['peak memory of the daemon, MiB', f"{d['daemon_mib']:.1f}"],
                   ['peak memory of a worker, MiB', f"{d['worker_mib']:.1f}"]]),
            f"{d['mails']} mails wait when the daemon starts, {d['rounds']} times. Every event is synced in the spool before it's sent.\n"]


def latency_table(got):
    l = got.get('latency')
    if not l:
        return []
    return ['## Latency of an idle daemon\n',
            table(['from the rename into new/ to the line on the socket', 'ms'],
                  [['half of the mails', f"{l['p50_ms']:.2f}"], ['99 of 100', f"{l['p99_ms']:.2f}"], ['the slowest', f"{l['worst_ms']:.2f}"],
                   ['one fdatasync of a line on the same disk', f"{l['fdatasync_ms']:.2f}"]]),
            f"{l['mails']} mails, one after the other.\n"]


def backlog_table(got):
    rows = got.get('backlog')
    if not rows:
        return []
    return ['## Growth with the mails that wait\n',
            table(['mails', 'first event after, s', 'mails a second', 'in the first tenth', 'in the last tenth', 'daemon, MiB', 'worker, MiB'],
                  [[r['mails'], f"{r['first_s']:.2f}", f"{r['per_s']:.0f}", f"{r['first_tenth_per_s']:.0f}", f"{r['last_tenth_per_s']:.0f}",
                    f"{r['daemon_mib']:.1f}", f"{r['worker_mib']:.1f}"] for r in rows])]


def peers_table(got):
    rows = got.get('peers')
    if not rows:
        return []
    return ['## Other readers of bounces, one process each\n',
            table(['reader', 'version', 'mails a second', 'dsnctl parse is faster, times'],
                  [[r['name'], r['version'], show(r['per_s'], 0), show(r['times_faster'], 1)] for r in rows]),
            '2,000 of the same mails in one directory, start of the program included. How much each reads out of them differs.\n']


def svg(rows, name, label):
    """Both axes logarithmic: a straight line that rises as steeply as the grid is linear growth."""
    from math import ceil, floor, log10
    series = [('core', '#1f5fa8', [(r[name], r['core_us']['median']) for r in rows]),
              ('GMime alone', '#999999', [(r[name], r['floor_us']['median']) for r in rows])]
    ys = [y for s in series for _, y in s[2]]
    x0, x1 = floor(log10(rows[0][name])), ceil(log10(rows[-1][name]))
    y0, y1 = floor(log10(min(ys))), ceil(log10(max(ys)))
    px = lambda x: 70 + (log10(x) - x0) / (x1 - x0) * 480
    py = lambda y: 290 - (log10(y) - y0) / (y1 - y0) * 260
    out = ['<svg xmlns="http://www.w3.org/2000/svg" width="600" height="340" font-family="sans-serif" font-size="12">',
           '<rect width="600" height="340" fill="white"/>']
    for e in range(x0, x1 + 1):
        out.append(f'<path d="M{px(10 ** e):.1f} 30V290" stroke="#dddddd"/><text x="{px(10 ** e):.1f}" y="308" text-anchor="middle">{10 ** e:,}</text>')
    for e in range(y0, y1 + 1):
        out.append(f'<path d="M70 {py(10 ** e):.1f}H550" stroke="#dddddd"/><text x="64" y="{py(10 ** e) + 4:.1f}" text-anchor="end">{10.0 ** e:,g}</text>')
    for i, (title, color, points) in enumerate(series):
        out.append(f'<polyline fill="none" stroke="{color}" stroke-width="2" points="' +
                   ' '.join(f'{px(x):.1f},{py(y):.1f}' for x, y in points) + '"/>')
        out.append(f'<text x="{90 + i * 120}" y="20" fill="{color}">{title}, microseconds</text>')
    out.append(f'<text x="310" y="330" text-anchor="middle">{label}</text></svg>')
    return '\n'.join(out) + '\n'


def write_doc(path, got, command):
    path = pathlib.Path(path)
    pictures = ''
    for name, label in (('kib', 'KiB of the returned message'), ('recipients', 'recipients')):
        if name in got:
            picture = path.with_name(f'performance-{name}.svg')
            picture.write_text(svg(got[name], name, label))
            pictures += f'![Time by {label}]({picture.name})\n'
    path.write_text(f"# Speed\n\nMade by `{command}` on {got['date']}, on {got['cores']} cores of {got['cpu']}. Medians, in brackets the lowest "
                    'and the highest. What is compared ran in turns.\n\nThe floor is what GMime takes to parse the same bytes, and no more. '
                    'Mails of plain structure are read without GMime, so that the core can be faster than the floor.\n\n'
                    f'{tables(got)}\n{pictures}')
