"""Holds debian/ to the build: nothing that is installed is forgotten, nothing is asked for that isn't there, and the version
is the same.

    packaged.py ROOT BUILD
"""
import fnmatch
import glob
import json
import os
import subprocess
import sys


def ask(build, what):
    run = subprocess.run(['meson', 'introspect', what, build], check=True, stdout=subprocess.PIPE, encoding='utf-8')
    return json.loads(run.stdout)


def installed(build):
    """The installed files, as paths below a root where the prefix is /usr."""
    (prefix,) = (option['value'] for option in ask(build, '--buildoptions') if option['name'] == 'prefix')
    return {'usr' + path.removeprefix(prefix) for path in ask(build, '--installed').values()}


def patterns(root):
    for path in glob.glob(root + '/debian/*.install'):
        for line in open(path, encoding='utf-8'):
            source = line.split()[0]
            if source.startswith('usr/'):
                yield os.path.basename(path), source


def main():
    root, build = sys.argv[1:]
    files = installed(build)
    wanted = list(patterns(root))
    assert len(files) > 20 and len(wanted) > 10, (files, wanted)

    def takes(pattern, file):
        return fnmatch.fnmatch(file, pattern) or fnmatch.fnmatch(file, pattern + '/*')
    errors = ['no package has %s' % file for file in files if not any(takes(pattern, file) for _, pattern in wanted)]
    errors += ['debian/%s asks for %s, which is not installed' % (name, pattern) for name, pattern in wanted
               if not any(takes(pattern, file) for file in files)]
    version = ask(build, '--projectinfo')['version']
    changelog = open(root + '/debian/changelog', encoding='utf-8').readline()
    if not changelog.startswith('dsnd (%s' % version):
        errors.append('the version is %s, and the changelog begins with %s' % (version, changelog))
    print('\n'.join(sorted(errors) + ['%d files, %d errors' % (len(files), len(errors))]))
    sys.exit(bool(errors))


main()
