#!/usr/bin/env python3
"""Does what a section of docs/recipes.md says: the recipes that people read are the ones that the tests run.

usage: recipe.py PAGE SECTION       as root, in a room

Of the section's blocks those are done, in order, that follow a line that says what they are:
    In `FILE`:                      the block is appended to the file
    Run:                            the block is run by the shell
"""
import os
import re
import subprocess
import sys

BLOCK = re.compile(r"^(In `(?P<file>/[^`]*)`|Run):\n```\w*\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def section(page, title):
    with open(page, encoding="utf-8") as text:
        parts = re.split(r"^##+ (.*)$", text.read(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))[title]


def do(block):
    if block["file"]:
        os.makedirs(os.path.dirname(block["file"]), exist_ok=True)
        with open(block["file"], "a", encoding="utf-8") as file:
            file.write(block["text"])
    else:
        subprocess.run(["sh", "-eu", "-c", block["text"]], check=True)


def main():
    page, title = sys.argv[1:]
    blocks = list(BLOCK.finditer(section(page, title)))
    if not blocks:
        sys.exit("%s: nothing to do below \"%s\"" % (page, title))
    for block in blocks:
        do(block)


if __name__ == "__main__":
    main()
