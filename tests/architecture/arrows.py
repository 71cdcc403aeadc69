"""Holds the code to docs/architecture.md: who may include and call what.

    arrows.py ROOT LIBDSN.A

core is pure (no input or output, clock, environment, logging, threads, state); only mime.c (structure) and mailtext.c (decoding) see GMime; a wing
includes what WINGS says and nothing else, in no circle; a base name says one thing in the whole tree; the public headers need
no other library's, and inside, core/library alone sees them; no function passes 70 lines.
"""
import glob
import os
import re
import subprocess
import sys

FUNCTION_LINES_MAX = 70

# What the core library may not call. A fortified `__read_chk` counts as `read`.
FORBIDDEN_CALLS = re.compile('''^(
      f?open(at)?(64)? | fdopen | freopen | creat | close | p?readv?(64)? | p?writev?(64)? | f(read|write|gets|puts) | getline | getdelim
    | [lf]?stat(at|x)?(64)? | unlink(at)? | rename(at2?)? | (open|read|close)dir | scandir | mmap(64)? | ioctl | fcntl(64)?
    | socket(pair)? | connect | bind | listen | accept4? | (send|recv)(to|from|msg)? | getaddrinfo | gethostby\\w+
    | time | clock(_\\w+)? | gettimeofday | localtime(_r)? | ctime(_r)? | mktime | nanosleep | u?sleep
    | (secure_)?getenv | setenv | putenv | environ | setlocale | getpid | s?random | s?rand(_r)? | getrandom
    | fork | exec\\w* | system | popen | kill | signal | sigaction | exit | _exit | pthread_\\w+ | thrd_\\w+
    | v?f?printf | puts | putchar | std(in|out|err) | v?syslog | perror
    | (isoc\\d+_)?v?s?scanf | strtok(_r)? | ato[ifl] | is(alpha|digit|alnum|space|upper|lower|punct) | to(upper|lower) | strcasecmp
    | g_(log|print|file|dir|io|mapped_file|thread|mutex|rw_lock|cond|async_queue|random|timer|spawn|stat|open|fopen)(_\\w+)?
    | g_(getenv|setenv|listenv|get_\\w*time\\w*|get_host_name|get_user_\\w+|date_time_new_now\\w*|usleep)
    | sd_\\w+
)$''', re.X)

FORBIDDEN_CORE_INCLUDES = re.compile('^(unistd|fcntl|stdio|time|pthread|threads|signal|locale|ctype|dirent|syslog)[.]h$'
                                     '|^(sys|systemd|gio|glib/gstdio|jansson)')


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding='utf-8').stdout


def check_calls(library):
    """What the library leaves undefined, and the state it keeps."""
    defined = {line.split()[2] for line in run('nm', '--defined-only', library).splitlines() if len(line.split()) == 3}
    for line in run('nm', '-u', library).splitlines():
        if not line.startswith(' '):
            continue
        name = re.sub('^__(.*)_chk$', r'\1', line.split()[1].removeprefix('__isoc99_').removeprefix('__isoc23_'))
        if name not in defined and FORBIDDEN_CALLS.match(name):
            yield 'src/core calls %s' % name
    for line in run('objdump', '-t', library).splitlines():
        match = re.search(r' O (\.data|\.bss|\.tbss|\.tdata|\*COM\*)(?:\.[\w.]*)?\s+[0-9a-f]+ (\S+)$', line)
        # .data.rel.ro holds constants; names with these starts are a sanitizer's own
        if match and '.data.rel' not in line and not match[2].startswith(('__', '.L', '*.L')):
            yield 'src/core keeps state: %s' % match[2]


def includes(path):
    text = open(path, encoding='utf-8').read()
    return re.findall(r'^#\s*include\s+([<"])([^>"]+)[>"]', text, re.M)


# Each wing (a folder below src), and the wings that its files may include. A wing may always include itself and <dsn/...>.
WINGS = {
    'core/bytes': '',
    'core/phrase': 'core/bytes',
    'core/event': 'core/bytes',
    'core/mail': 'core/bytes',
    'core/rules': 'core/bytes core/phrase core/event',
    'core/words': 'core/bytes core/phrase core/rules core/event',
    'core/returnpath': 'core/bytes core/mail core/event',
    'core/notice': 'core/bytes core/phrase core/mail core/rules core/event',
    'core/gather': 'core/bytes core/phrase core/mail core/rules core/notice core/event core/returnpath',
    'core/judge': 'core/bytes core/phrase core/mail core/rules core/notice core/gather core/event core/words',
    'core/explain': 'core/bytes core/phrase core/rules core/notice core/judge core/event',
    'core': 'core/bytes core/phrase core/event core/mail core/rules core/returnpath core/notice core/gather core/judge core/explain',
    'core/library': 'core core/bytes core/event core/mail core/rules core/returnpath core/explain',
    'client': '',
    'maildrop': 'client',
    'lmtp': 'maildrop',
    'formats': '',
    'store': '',
    'store/ledger': 'store',
    'relay/base': 'store formats',
    'relay/sources': 'relay/base client',
    'relay/sinks': 'formats relay/base store store/ledger',
    'relay': 'client formats relay/base relay/sources relay/sinks',
    'daemon/base': '',
    'daemon/settings': 'daemon/base',
    'daemon/spool': 'daemon/base',
    'daemon/intake': 'daemon/base daemon/settings daemon/spool',
    'daemon/workers': 'daemon/base daemon/settings',
    'daemon/socket': 'daemon/base daemon/settings daemon/spool',
    'daemon/record': 'daemon/base daemon/settings daemon/spool daemon/intake',
    'daemon': 'daemon/base daemon/settings daemon/spool daemon/intake daemon/workers daemon/socket daemon/record',
    'cli/terminal': '',
    'cli/formats': 'formats cli/terminal',
    'cli/read': 'cli/terminal',
    'cli/service': 'client cli/terminal',
    'cli/parse': 'cli/terminal cli/formats cli/read',
    'cli/explain': 'cli/terminal cli/read',
    'cli/rules': 'cli/terminal cli/read',
    'cli/follow': 'client cli/terminal cli/formats',
    'cli/report': 'cli/terminal cli/service',
    'cli/top': 'client cli/terminal cli/explain cli/formats cli/read cli/report',
    'cli/suppressed': 'core/event store store/ledger cli/terminal',
    'cli': 'cli/terminal cli/read maildrop',
}
ROOMS_MAX = 16

# The headers of core that the other programs' wings may include: what the core is to them. Programs of others have include/dsn.
CORE_TO_ALL = {
    'core/bytes/limits.h', 'core/bytes/status.h', 'core/bytes/structure.h', 'core/event/event.h', 'core/event/eventview.h', 'core/event/report.h', 'core/event/spoolline.h',
    'core/event/taxonomy.h', 'core/explain/explain.h', 'core/mail/readoptions.h', 'core/parse.h',
    'core/returnpath/tokenkeys.h', 'core/rules/rules.h',
}

# Headers that the build makes.
GENERATED = {'entities.h', 'taxonomy-rows.h', 'sisimai-agents.h'}


def files_below(root, folder):
    return sorted(glob.glob(os.path.join(root, folder, '**/*.[ch]'), recursive=True))


def check_house(root):
    """The wings are those of the table, in no circle, and none has too many rooms; a base name stands once."""
    seen, rooms, where = 0, {}, {}
    for path in files_below(root, 'src'):
        seen += 1
        wing, name = os.path.split(os.path.relpath(path, os.path.join(root, 'src')))
        base, kind = os.path.splitext(name)
        rooms.setdefault(wing, set()).add(base)
        where.setdefault(base, set()).add(wing)
        if wing not in WINGS:
            yield 'src/%s is no wing of the table' % wing
    for wing in WINGS:
        if wing not in rooms:
            yield 'src/%s is in the table and holds nothing' % wing
    for wing, names in rooms.items():
        if len(names) > ROOMS_MAX:
            yield 'src/%s has %d rooms, more than %d' % (wing, len(names), ROOMS_MAX)
    for base, wings in where.items():
        if len(wings) > 1:
            yield 'the name %s stands in %s' % (base, ' and '.join(sorted(wings)))
    tracked = run('git', '-C', root, 'ls-files', 'src').split() if os.path.isdir(os.path.join(root, '.git')) else []
    if tracked and seen < sum(name.endswith(('.c', '.h')) for name in tracked):
        yield 'only %d files were read' % seen
    done = set()
    while len(done) < len(WINGS):
        ready = {wing for wing in WINGS if wing not in done and set(WINGS[wing].split()) <= done}
        if not ready:
            yield 'the table has a circle: ' + ', '.join(sorted(set(WINGS) - done))
            return
        done |= ready


def check_quoted(root, wing, header):
    """A quoted header is named from src on."""
    target = os.path.dirname(header)
    if header in GENERATED:
        return None
    if not os.path.exists(os.path.join(root, 'src', header)):
        return 'which is not below src'
    if not wing.startswith('core') and header in CORE_TO_ALL:
        return None
    if target != wing and target not in WINGS.get(wing, '').split():
        return 'and src/%s may not include src/%s' % (wing, target)
    return None


def check_includes(root, folder):
    """Quoted headers are of wings that the table allows, <dsn/...> are public; the rest depends on the program."""
    for path in files_below(root, folder):
        wing, name = os.path.split(os.path.relpath(path, os.path.join(root, 'src')))
        program = wing.split('/')[0]
        is_pure = program == 'core' or folder == 'include/dsn'
        for mark, header in includes(path):
            where = '%s includes %s' % (os.path.relpath(path, root), header)
            if mark == '"':
                wrong = check_quoted(root, wing, header)
                if wrong:
                    yield where + ', ' + wrong
            elif header.startswith('dsn/'):
                if not os.path.exists(os.path.join(root, 'include', header)):
                    yield where + ', which is not a public header'
                elif folder == 'src' and wing != 'core/library' and header != 'dsn/bytes.h':
                    yield where + ': only src/core/library does, the rest of src has headers of its own'
            elif folder == 'include/dsn' and header not in ('stdbool.h', 'stddef.h', 'stdint.h', 'string.h'):
                yield where + ', which a program would have to have'
            elif header.startswith('gmime') and name not in ('mime.c', 'mailtext.c'):
                yield where + ': only mime.c and mailtext.c of src/core/mail may'
            elif header == 'jansson.h' and name == 'sesjson.c':
                pass  # reads from memory, its hash seed given: no input of its own
            elif is_pure and FORBIDDEN_CORE_INCLUDES.match(header):
                yield where + ': core is pure'
            elif program not in ('daemon', 'relay', 'lmtp') and header.startswith('systemd'):
                yield where + ': only the daemon may'


def check_lengths(root):
    for path in sorted(glob.glob(os.path.join(root, 'src/**/*.c'), recursive=True)):
        start = 0
        for number, line in enumerate(open(path, encoding='utf-8'), 1):
            if line == '{\n':
                start = number
            elif line == '}\n' and start:
                if number - start > FUNCTION_LINES_MAX:
                    yield '%s:%d: a function of %d lines' % (os.path.relpath(path, root), start, number - start)
                start = 0


def main():
    root, library = sys.argv[1:]
    errors = list(check_calls(library)) + list(check_lengths(root)) + list(check_house(root))
    for folder in ('include/dsn', 'src'):
        errors += check_includes(root, folder)
    for error in sorted(set(errors)):
        print(error)
    print('%d errors' % len(set(errors)))
    sys.exit(bool(errors))


main()
