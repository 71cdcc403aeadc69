#!/usr/bin/env python3
"""Turns the weights of the statistical reader into a C file that defines wordtable (docs/words.md).

Usage: gen-words.py WEIGHTS.TSV TAXONOMY.TSV OUTPUT.C
"""
import math
import sys


def hash_of(name):
    value = 2166136261
    for byte in name.encode():
        value = (value ^ byte) * 16777619 & 0xFFFFFFFF
    return value


def read(path):
    scale, categories, features = None, [], {}
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        fields = line.rstrip("\n").split("\t")
        if line.startswith("# "):
            continue
        if fields[0] == "scale":
            scale = int(fields[1])
        elif fields[0] == "category":
            categories.append((fields[1], int(fields[2])))
        else:
            weights = [tuple(map(int, pair.split(":"))) for pair in fields[1].split()]
            key = hash_of(fields[0])
            if key in features:
                sys.exit(f"{path}:{number}: {fields[0]} has the hash of another feature")
            if not weights or any(k >= len(categories) or not -128 < w < 128 for k, w in weights):
                sys.exit(f"{path}:{number}: no such category, or a weight beyond a byte")
            features[key] = weights
    return scale, categories, features


def hard_categories(path):
    rows = (line.split("\t") for line in open(path, encoding="utf-8") if not line.startswith("#"))
    return {row[0] for row in rows if row[1:2] == ["hard"]}


def main(source, taxonomy, target):
    hard = hard_categories(taxonomy)
    scale, categories, features = read(source)
    size = 1 << (2 * len(features)).bit_length()
    slots, rows = [None] * size, []
    for key, weights in features.items():
        at = key % size
        while slots[at]:
            at = (at + 1) % size
        slots[at] = (key, len(rows), len(weights))
        rows += weights
    powers = []
    while not powers or powers[-1]:
        powers.append(round(65535 * math.exp(-len(powers) / scale)))
    with open(target, "w", encoding="utf-8") as f:
        f.write('#include "core/words/wordtable.h"\n\nstatic const struct word_category categories[] = {\n')
        f.writelines(f'{{ "{name}", {bias}, {str(name in hard).lower()} }},\n' for name, bias in categories)
        f.write("};\nstatic const struct word_slot slots[] = {\n")
        f.writelines("{ %uu, %u, %u },\n" % (slot or (0, 0, 0)) for slot in slots)
        f.write("};\nstatic const struct word_weight weights[] = {\n")
        f.writelines("{ %d, %d },\n" % row for row in rows)
        f.write("};\nstatic const uint16_t powers[] = {\n" + ",\n".join(map(str, powers)) + "\n};\n")
        f.write("const struct wordtable wordtable = {\n"
                f"    categories, {len(categories)}, {scale}, {size - 1}, slots, weights, powers, {len(powers)}\n}};\n")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
