"""Writes the HTML standard's named character references as C (s.13.5 of the standard, which Python carries as html.entities.html5).

    gen-entities.py OUTPUT

One string holds them all, a line each: the name without '&', the text. Names are in the order of their bytes, so that they can be searched; ENTITY_AT
says where each line begins.
"""
import html.entities
import sys


def characters(text):
    return ','.join("'\\%03o'" % byte for byte in text.encode('utf-8'))


def main():
    output, = sys.argv[1:]
    names = sorted(html.entities.html5, key=lambda name: name.encode())
    at, offsets, lines = 0, [], []
    for name in names:
        line = name + '\t' + html.entities.html5[name] + '\n'
        offsets.append(at)
        at += len(line.encode('utf-8'))
        lines.append(characters(line))
    assert at < 65536, at
    with open(output, 'w', encoding='utf-8') as file:
        file.write('/* Made by gen-entities.py: %d named character references of HTML. */\n' % len(names))
        file.write('static const char entity_text[] = {\n%s,0};\n\n' % ',\n'.join(lines))
        file.write('static const uint16_t entity_at[] = {%s};\n' % ','.join(map(str, offsets)))


main()
