#!/usr/bin/env python3
"""Turns the rule files below a directory into a C file that defines builtin_files.

Usage: gen-builtin.py RULES-DIRECTORY OUTPUT.C DEPFILE

The dependency file names each file and each directory, so that a file that is added or removed
(which changes its directory) makes a new build.
"""
import os
import sys


def find(top):
    files, directories = [], []
    for directory, below, names in os.walk(top):
        below.sort()
        directories.append(directory)
        files += [os.path.join(directory, n) for n in names
                  if n.endswith(".rules") and not n.startswith(".")]
    return sorted(files), directories


def array(number, data):
    # named by what tools/compile-rules.c writes, too; a NUL at the end keeps an empty file's array legal; it isn't counted
    out = [f"const unsigned char builtin_text_{number}[] = {{\n"]
    for at in range(0, len(data), 32):
        out.append(",".join(str(b) for b in data[at:at + 32]) + ",\n")
    return "".join(out) + "0 };\n"


def main(top, target, depfile):
    files, directories = find(top)
    arrays, rows = [], []
    for number, path in enumerate(files):
        with open(path, "rb") as f:
            data = f.read()
        name = "rules/" + os.path.relpath(path, top).replace(os.sep, "/")
        arrays.append(array(number, data))
        rows.append(f'    {{ "{name}", builtin_text_{number}, {len(data)} }},\n')
    with open(target, "w", encoding="ascii") as f:
        f.write('#include "core/rules/builtin.h"\n')
        f.writelines(arrays)
        f.write("const struct builtin_file builtin_files[] = {\n")
        f.writelines(rows)
        f.write("    { NULL, NULL, 0 },\n};\n")
    with open(depfile, "w", encoding="utf-8") as f:
        f.write(target + ":")
        for path in files + directories:
            f.write(" \\\n  " + path.replace(" ", "\\ "))
        f.write("\n")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
