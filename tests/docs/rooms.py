"""docs/architecture.md names each room of src once, under its wing, and none that isn't there.

    rooms.py ROOT
"""
import collections
import os
import re
import sys


def rooms_of_tree(root):
    """{wing: rooms}"""
    rooms = collections.defaultdict(set)
    source = os.path.join(root, 'src')
    for folder, _, names in os.walk(source):
        for name in names:
            base, kind = os.path.splitext(name)
            if kind in ('.c', '.h'):
                rooms[os.path.relpath(folder, source)].add(base)
    return rooms


def rooms_of_page(page):
    """[(wing, room)], in the page's order."""
    section = page.split('\n## The rooms\n', 1)[1].split('\n## ', 1)[0]
    for wing, cell in re.findall(r'^\| `([\w/]+)` \| (.*) \|$', section, re.M):
        for entry in cell.split(' · '):
            yield wing, re.match(r'`(\w+)` \S', entry)[1]


def main():
    (root,) = sys.argv[1:]
    with open(os.path.join(root, 'docs/architecture.md'), encoding='utf-8') as file:
        named = list(rooms_of_page(file.read()))
    there = rooms_of_tree(root)
    errors = ['docs/architecture.md, "The rooms": %s lacks `%s` and a word on what it is' % (wing, room)
              for wing in there for room in there[wing] if (wing, room) not in named]
    errors += ['docs/architecture.md, "The rooms": %s has `%s`, which is not there' % (wing, room)
               for wing, room in named if room not in there.get(wing, ())]
    errors += ['docs/architecture.md, "The rooms": `%s` of %s stands there twice' % (room, wing)
               for (wing, room), count in collections.Counter(named).items() if count > 1]
    print('\n'.join(sorted(errors) + ['%d rooms, %d errors' % (len(named), len(errors))]))
    sys.exit(bool(errors) or len(named) < 150)


main()
