#!/usr/bin/env python3
"""Prints width_table.hpp, from Unicode's data as Debian's package unicode-data has them:

    tools/cli/make_width_table.py >tools/cli/width_table.hpp
"""
import re
import sys

FOLDER = sys.argv[1] if len(sys.argv) > 1 else "/usr/share/unicode"
LAST = 0x10FFFF


def lines(name):
    with open(f"{FOLDER}/{name}", encoding="utf-8") as file:
        yield from (line.rstrip("\n") for line in file)


def version():
    return re.search(r"(\d+\.\d+\.\d+)", next(lines("EastAsianWidth.txt"))).group(1)


def categories():
    """Of all that is assigned. A first and a last line stand for all between them."""
    first = None
    for line in lines("UnicodeData.txt"):
        code, name, category = line.split(";")[:3]
        code = int(code, 16)
        if name.endswith(", First>"):
            first = code
            continue
        for c in range(code if first is None else first, code + 1):
            yield c, category
        first = None


def wide():
    for line in lines("EastAsianWidth.txt"):
        found = re.match(r"([0-9A-F]+)(?:\.\.([0-9A-F]+))?;([WF])\b", line)
        if found:
            yield from range(int(found[1], 16), int(found[2] or found[1], 16) + 1)


def ranges(codes):
    first = last = None
    for c in sorted(codes):
        if last is not None and c == last + 1:
            last = c
            continue
        if first is not None:
            yield first, last
        first = last = c
    if first is not None:
        yield first, last


def print_table(name, comment, codes):
    rows = [f"{{0x{a:04X}, 0x{b:04X}}}" for a, b in ranges(codes)]
    print(f"\n/// {comment}\ninline constexpr code_points {name}[] = {{")
    for i in range(0, len(rows), 6):
        print("    " + ", ".join(rows[i : i + 6]) + ",")
    print("};")


# What a terminal puts over the character before it: marks that take no room, and the vowels and final consonants of Hangul.
narrow = {c for c, category in categories() if category in ("Mn", "Me")}
narrow |= set(range(0x1160, 0x1200)) | set(range(0xD7B0, 0xD800))
print(f"""// Made by make_width_table.py from Unicode {version()}.
#pragma once

namespace vmail::tools {{

/// From the first to the last.
struct code_points {{
    char32_t first, last;
}};""")
print_table("without_width", "Drawn over what comes before: general category Mn and Me, and what Hangul joins.", narrow)
print_table("of_two_columns", "East_Asian_Width W and F: ideographs, kana, Hangul, emoji.", set(wide()) - narrow)
print("\n} // namespace vmail::tools")
