"""Holds the code to docs/architecture.md: who may include and call what.

    arrows.py ROOT LIBDSN.A

core is pure (no input or output, clock, environment, logging, threads, state); only mime.c (structure) and mailtext.c (decoding) see GMime; daemon and
cli never see each other; the public headers need neither GMime nor libsystemd; no function passes 70 lines.
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


def check_includes(root, folder):
    """Quoted headers are of the same folder, <dsnd/...> are public; the rest depends on the folder."""
    is_core, is_public = folder == 'src/core', folder == 'include/dsnd'
    generated = {'taxonomy-rows.h'}
    for path in sorted(glob.glob(os.path.join(root, folder, '*.[ch]'))):
        name = os.path.basename(path)
        for mark, header in includes(path):
            where = '%s/%s includes %s' % (folder, name, header)
            if mark == '"':
                if header not in generated and not os.path.exists(os.path.join(root, folder, header)):
                    yield where + ', which is not of its folder'
            elif header.startswith('dsnd/'):
                if not os.path.exists(os.path.join(root, 'include', header)):
                    yield where + ', which is not a public header'
            elif header.startswith('gmime') and not (is_core and name in ('mime.c', 'mailtext.c')):
                yield where + ': only src/core/mime.c and mailtext.c may'
            elif header == 'jansson.h' and is_core and name == 'sesjson.c':
                pass  # reads from memory, its hash seed given: no input of its own
            elif (is_core or is_public) and FORBIDDEN_CORE_INCLUDES.match(header):
                yield where + ': core is pure'
            elif folder == 'src/cli' and header.startswith('systemd'):
                yield where + ': only the daemon may'


def check_lengths(root):
    for path in sorted(glob.glob(os.path.join(root, 'src/*/*.c'))):
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
    errors = list(check_calls(library)) + list(check_lengths(root))
    for folder in ('include/dsnd', 'src/core', 'src/daemon', 'src/cli'):
        errors += check_includes(root, folder)
    for error in sorted(set(errors)):
        print(error)
    print('%d errors' % len(set(errors)))
    sys.exit(bool(errors))


main()
