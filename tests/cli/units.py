"""The units as systemd reads them: nothing unknown, nothing missing. Skips (77) without systemd-analyze.

    units.py UNITS DSND DSNCTL
"""
import os
import shutil
import subprocess
import sys
import tempfile

UNITS, DSND, DSNCTL = map(os.path.abspath, sys.argv[1:])
NAMES = ('dsnd.service', 'dsnd.socket', 'dsnd-follow@.service')


def main():
    if not shutil.which('systemd-analyze'):
        print('there is no systemd-analyze')
        return 77
    with tempfile.TemporaryDirectory() as scratch:
        for name in NAMES:
            with open(os.path.join(UNITS, name), encoding='utf-8') as unit:
                text = unit.read().replace('@sbindir@/dsnd', DSND).replace('@bindir@/dsnctl', DSNCTL)
            with open(os.path.join(scratch, name), 'w', encoding='utf-8') as unit:
                unit.write(text)
        run = subprocess.run(['systemd-analyze', 'verify', '--man=no', *(os.path.join(scratch, name) for name in NAMES)],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding='utf-8', timeout=60)
        print(run.stdout)
        # it warns of unknown keys with success; what it says of the machine's other units isn't about ours
        return 1 if run.returncode or any(name in run.stdout for name in NAMES) else 0


sys.exit(main())
