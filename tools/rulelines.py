"""The records of rule files, as the program rule-lines reads them: the rule language is known to the core alone."""
import json
import os
import subprocess
import sys


def program():
    """build/tools/rule-lines, or what RULE_LINES names."""
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    path = os.environ.get('RULE_LINES', os.path.join(root, 'build', 'tools', 'rule-lines'))
    if not os.path.exists(path):
        sys.exit('%s is not there: build first, or name it in RULE_LINES' % path)
    return path


def records(paths):
    """(the words of a record's first line, [the words of each line below it]), in the files' order."""
    done = subprocess.run([program(), *map(str, paths)], stdout=subprocess.PIPE, encoding='utf-8')
    if done.returncode:
        sys.exit(1)
    found = []
    for line in done.stdout.splitlines():
        file, number, begins, *words = json.loads(line)
        if begins:
            found.append((words, []))
        elif found:
            found[-1][1].append(words)
        else:
            sys.exit('%s:%d: a line outside of any record' % (file, number))
    return found
