"""Runs a program of the first libdsn with the library of today, and with one of tomorrow.

    oldprogram.py ROOT BUILD [COMPILER...]

The program and the headers that it's compiled with stand in libdsn-1 and don't change. Tomorrow's library is this source with
a member at the front of each record, a value in the middle of each kind of word, and a key in the middle of the table: what
grows when an event grows. The program must say the same with both, without being compiled anew.
"""
import concurrent.futures
import glob
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
MAIL = 'fixtures/dsn/exim-two.eml'

GROWS = [
    ('event/report.h', 'struct dsn_recipient {\n', 'struct dsn_recipient {\n    const char *later;\n', 1),
    ('event/report.h', 'struct dsn_report {\n', 'struct dsn_report {\n    size_t later_too[3];\n', 1),
    ('event/taxonomy.h', '_NONE,\n', '_NONE,\n    @_LATER,\n', 9),
    ('event/fields.c', 'RECIPIENT ("recipient",', 'RECIPIENT ("later", later, DSN_FIELD_STRING),\n    RECIPIENT ("recipient",', 1),
    ('bytes/limits.h', 'struct dsn_limits {\n', 'struct dsn_limits {\n    size_t later_bytes;\n', 1),
    ('mail/readoptions.h', 'struct dsn_options {\n', 'struct dsn_options {\n    const char *later;\n', 1),
    ('returnpath/tokenkeys.h', 'struct dsn_token_keys {\n', 'struct dsn_token_keys {\n    size_t later;\n', 1),
]


def run(*command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding='utf-8', timeout=240, **options)
    if done.returncode:
        sys.exit('%s\n%s failed' % (done.stdout, ' '.join(command)))
    return done.stdout


def grow(source):
    """Changes the copy of src below @source, and says so if it has changed too much for that."""
    for name, old, new, least in GROWS:
        path = os.path.join(source, 'core', name)
        text = open(path, encoding='utf-8').read()
        # a later value is named after its neighbour
        grown, n = re.subn(r'(\w+)' + old if '@' in new else re.escape(old),
                           lambda m: m[0] + '    %s_LATER,\n' % m[1] if '@' in new else new, text)
        assert n >= least, '%s: %d places to grow' % (name, n)
        open(path, 'w', encoding='utf-8').write(grown)


def flags_of(*packages):
    return [run('pkg-config', what, *packages).split() for what in ('--cflags', '--libs')]


def build_tomorrow(root, build, scratch, compiler):
    """Compiles libdsn.so.1 from the grown source into @scratch."""
    source = os.path.join(scratch, 'src')
    run('cp', '-r', root + '/src', source)
    grow(source)
    cflags, libs = flags_of('glib-2.0', 'gmime-3.0', 'jansson')
    made = os.path.join(build, 'src/core')
    common = [*compiler, '-std=gnu17', '-D_GNU_SOURCE', '-DDSND_VERSION="9.9.9"', '-O0', '-fPIC', '-fvisibility=hidden',
              '-I' + source, '-I' + root + '/include', '-I' + made, *cflags]
    units = sorted(glob.glob(source + '/core/**/*.c', recursive=True)) + sorted(glob.glob(made + '/*.c'))

    def compile_one(unit):
        target = os.path.join(scratch, os.path.basename(unit) + '.o')
        run(*common, '-c', unit, '-o', target)
        return target
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        objects = list(pool.map(compile_one, units))
    run(*compiler, '-shared', '-Wl,-soname,libdsn.so.1', '-Wl,--version-script=' + root + '/src/core/libdsn.map', *objects,
        '-o', os.path.join(scratch, 'libdsn.so.1'), *libs, '-lgcrypt')


def main():
    root, build, *compiler = sys.argv[1:]
    with tempfile.TemporaryDirectory() as scratch:
        program = scratch + '/program'
        run(*compiler, '-std=c11', '-Wall', '-Werror', HERE + '/libdsn-1/program.c', '-o', program, '-I' + HERE + '/libdsn-1',
            '-L' + build + '/src/core', '-ldsn')
        said = {}
        for when, folder in ('today', build + '/src/core'), ('tomorrow', scratch):
            if when == 'tomorrow':
                build_tomorrow(root, build, scratch, compiler)
            with open(os.path.join(root, MAIL), 'rb') as mail:
                said[when] = run(program, stdin=mail, env=dict(os.environ, LD_LIBRARY_PATH=folder))
        assert 'recipient: full@rcpt.example.net' in said['today'] and 'category: mailbox_full' in said['today'], said['today']
        assert said['today'] == said['tomorrow'], '%(today)s\n-- tomorrow:\n%(tomorrow)s' % said
        print('%d lines, the same with both' % said['today'].count('\n'))


main()
