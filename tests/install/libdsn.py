"""Uses the library as a program of somebody else would: installed, found by pkg-config, with the example of libdsn(3).

    libdsn.py ROOT BUILD DSNCTL [COMPILER...]

Installs into a scratch directory, compiles each header alone, as C and as C++, and holds the example's events to dsnctl's.
"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

MAILS = ['dsn/exim-two.eml', 'arf/generic.eml', 'freetext/qmail-nomailbox.eml', 'dsn/exchangeonline-ja-JP.eml']


def run(*command, **options):
    options.setdefault('stderr', subprocess.STDOUT)
    done = subprocess.run(command, stdout=subprocess.PIPE, encoding='utf-8', timeout=120, **options)
    if done.returncode:
        sys.exit('%s\n%s failed' % (done.stdout, ' '.join(command)))
    return done.stdout


def install(build, scratch):
    """Installs below scratch, and lets the pkg-config file say so. Returns its directory."""
    run('meson', 'install', '-C', build, '--no-rebuild', '--destdir', scratch)
    (path,) = glob.glob(scratch + '/**/libdsn.pc', recursive=True)
    text = open(path, encoding='utf-8').read()
    text, n = re.subn('^prefix=', 'prefix=' + scratch, text, flags=re.M)
    assert n == 1, text
    open(path, 'w', encoding='utf-8').write(text)
    return os.path.dirname(path)


def example(page):
    """The longest literal block of a man page, as a reader copies it."""
    blocks = re.findall(r'^\.Bd -literal[^\n]*\n(.*?)^\.Ed$', open(page, encoding='utf-8').read(), re.M | re.S)
    return max(blocks, key=len).replace('\\e', '\\')


def check_headers(root, flags, compiler, scratch):
    installed = {os.path.basename(path) for path in glob.glob(scratch + '/**/include/dsn/*.h', recursive=True)}
    ours = {os.path.basename(path) for path in glob.glob(root + '/include/dsn/*.h')}
    assert installed == ours, 'not installed: %s' % (ours - installed)
    for name in sorted(installed):
        unit = '#include <dsn/%s>\nextern int nothing;\n' % name
        run(*compiler, '-std=c11', '-Wall', '-Wextra', '-Wpedantic', '-Werror', '-fsyntax-only', '-x', 'c', '-', *flags, input=unit)
        if shutil.which('c++'):
            run('c++', '-Wall', '-Wextra', '-Werror', '-fsyntax-only', '-x', 'c++', '-', *flags, input=unit)


def events(text):
    """The events without where the mail was read from: that's the reader's own."""
    parsed = [json.loads(line) for line in text.splitlines()]
    for event in parsed:
        event.pop('source')
    return parsed


def main():
    root, build, dsnctl, *compiler = sys.argv[1:]
    with tempfile.TemporaryDirectory() as scratch:
        directory = install(build, scratch)
        environment = dict(os.environ, PKG_CONFIG_PATH=directory, LD_LIBRARY_PATH=os.path.dirname(directory))
        cflags, libs = (run('pkg-config', what, 'libdsn', env=environment).split() for what in ('--cflags', '--libs'))
        check_headers(root, cflags, compiler, scratch)
        source, program = scratch + '/program.c', scratch + '/program'
        open(source, 'w', encoding='utf-8').write(example(root + '/man/libdsn.3'))
        run(*compiler, '-std=c17', '-Wall', '-Wextra', '-Wpedantic', '-Werror', source, '-o', program, *cflags, *libs)
        assert 'libdsn.so.1' in run('objdump', '-p', program)
        for mail in MAILS:
            path = os.path.join(root, 'fixtures', mail)
            with open(path, 'rb') as stream:
                ours = run(program, stdin=stream, env=environment, stderr=subprocess.DEVNULL)
            theirs = run(dsnctl, 'parse', '--json', '--rules', '', path)
            assert events(ours) == events(theirs), '%s:\n%s\n%s' % (mail, ours, theirs)
            assert ours, mail
        print('%d mails' % len(MAILS))


main()
