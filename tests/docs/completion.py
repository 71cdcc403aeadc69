"""Holds the shell completion to --help: in a bash as people run it, every verb, option and word is offered; fish and zsh
offer verbs and options.

    completion.py ROOT DSNCTL DSND
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT, DSNCTL, DSND = (os.path.abspath(argument) for argument in sys.argv[1:])
LIBRARY = '/usr/share/bash-completion/bash_completion'
FOLDER = os.path.join(ROOT, 'src/completion')

# Sets what bash sets when TAB is pressed behind the words, calls the function, and prints what it offers.
SCRIPT = r'''
source "$LIBRARY"
source "$FOLDER/$1.bash"
compopt () { :; }
function="_$1"; shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
COMP_LINE="$*"
COMP_LINE=${COMP_LINE// = /=} COMP_POINT=${#COMP_LINE} COMP_TYPE=9
"$function" "$1" "${@: -1}" "${@: -2:1}"
printf '%s\n' "${COMPREPLY[@]}"
'''


def run(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding='utf-8', timeout=30, **options).stdout


def offers(*words, program=DSNCTL, cwd='/'):
    """What TAB offers behind these words, of which the last is being written."""
    environment = dict(os.environ, LIBRARY=LIBRARY, FOLDER=FOLDER, LC_ALL='C.UTF-8')
    text = run('bash', '--norc', '-c', SCRIPT, 'bash', os.path.basename(program), program, *words, env=environment, cwd=cwd)
    return set(text.split('\n')) - {''}


def options_of(text):
    return set(re.findall(r'^ *(?:-[a-z], )?(--[a-z-]+=?)', text, re.M))


def check(errors, what, wanted, offered):
    if not wanted or wanted - offered:
        errors.append('%s: %s not offered, only %s' % (what, sorted(wanted - offered), sorted(offered)))


def check_verbs(errors):
    verbs = set(re.findall(r'^  ([a-z]+) ', run(DSNCTL, '--help'), re.M))
    check(errors, 'dsnctl TAB', verbs | {'--help', '--version'}, offers(''))
    for verb in sorted(verbs):
        check(errors, verb + ' -- TAB', options_of(run(DSNCTL, verb, '--help')), offers(verb, '--'))
    assert offers('pa') == {'parse'}


def check_words(errors):
    """The words of the forms, and the values that are known."""
    kinds = json.load(open(os.path.join(ROOT, 'docs/event.schema.json'), encoding='utf-8'))['properties']['kind']['enum']
    formats = re.search(r'--format=FORMAT .*: (.*)', run(DSNCTL, 'parse', '--help'))[1].split(', ')
    check(errors, 'rules TAB', {'list', 'show', 'lint', 'test'}, offers('rules', ''))
    check(errors, 'token TAB', {'make', 'check', 'new-key'}, offers('token', ''))
    check(errors, 'follow --kinds TAB', set(kinds), offers('follow', '--kinds', ''))
    check(errors, 'follow --kinds bounce,TAB', {'bounce,complaint'}, offers('follow', '--kinds', 'bounce,c'))
    check(errors, 'follow --since=TAB', {'first', 'next'}, offers('follow', '--since', '=', ''))
    check(errors, 'parse --format TAB', set(formats), offers('parse', '--format', ''))
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(folder + '/mails')
        open(folder + '/bounce.eml', 'w', encoding='utf-8').close()
        check(errors, 'parse TAB', {'mails', 'bounce.eml'}, offers('parse', '', cwd=folder))
        check(errors, 'parse --rules TAB', {'mails', 'bounce.eml'}, offers('parse', '--rules', '', cwd=folder))
        check(errors, 'rules test TAB', {'mails', 'bounce.eml'}, offers('rules', 'test', '', cwd=folder))
        check(errors, 'parse -- --json FILE TAB', {'bounce.eml'}, offers('parse', '--json', 'mails', 'b', cwd=folder))
        assert offers('follow', '--dir', '', cwd=folder) == {'mails'}
        assert offers('rules', 'lint', '', cwd=folder) == set()


# Calls zsh's function as TAB would, with its helpers replaced by printing ones.
ZSH_SCRIPT = r'''
_describe () { [[ $1 == -o ]] && shift; print -l -- ${(P)2} }
_files () { print FILES }
words=("$@") CURRENT=$#
source "$FOLDER/_dsnctl"
'''


def fish_offers(line):
    run_path = os.path.dirname(DSNCTL) + ':' + os.environ['PATH']
    return run('fish', '--no-config', '-c', 'source %s/dsnctl.fish; complete -C "dsnctl %s"' % (FOLDER, line),
               env=dict(os.environ, PATH=run_path, LC_ALL='C.UTF-8'))


def zsh_offers(*words):
    return run('zsh', '-f', '-c', ZSH_SCRIPT, 'zsh', DSNCTL, *words, env=dict(os.environ, FOLDER=FOLDER, LC_ALL='C.UTF-8'))


def check_other_shells(errors):
    """fish and zsh offer verbs and options, too, where they're installed."""
    verbs = set(re.findall(r'^  ([a-z]+) ', run(DSNCTL, '--help'), re.M))
    if shutil.which('fish'):
        check(errors, 'fish: dsnctl TAB', verbs, set(re.findall(r'^([a-z]+)\t', fish_offers(''), re.M)))
    if shutil.which('zsh'):
        check(errors, 'zsh: dsnctl TAB', verbs, set(re.findall('^([a-z]+):', zsh_offers(''), re.M)))
        assert zsh_offers('parse', '') == 'FILES\n'
    for verb in sorted(verbs):
        options = options_of(run(DSNCTL, verb, '--help'))
        if shutil.which('fish'):
            check(errors, 'fish: %s -- TAB' % verb, options, set(re.findall(r'^(--[a-z-]+=?)\t', fish_offers(verb + ' --'), re.M)))
        if shutil.which('zsh'):
            check(errors, 'zsh: %s -- TAB' % verb, options, set(re.findall('^(--[a-z-]+=?):', zsh_offers(verb, '--'), re.M)))


def check_dsnd(errors):
    check(errors, 'dsnd -- TAB', set(re.findall('--[a-z-]+', run(DSND, '--help'))), offers('--', program=DSND))
    check(errors, 'dsnd --config TAB', {'etc'}, offers('--config', 'et', program=DSND))


def main():
    if not os.path.exists(LIBRARY):
        print('skipped: needs the package bash-completion')
        sys.exit(77)
    errors = []
    check_verbs(errors)
    check_words(errors)
    check_dsnd(errors)
    check_other_shells(errors)
    print('\n'.join(errors + ['%d errors' % len(errors)]))
    sys.exit(bool(errors))


main()
