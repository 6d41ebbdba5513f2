#!/bin/bash
# The table of widths is the one that Unicode's data make.
set -euo pipefail
cd "$(dirname "$0")/../tools/cli"
[ -e /usr/share/unicode/EastAsianWidth.txt ] || exit 77
version=$(sed -n '1s/.*Unicode //p' width_table.hpp)
grep -q "EastAsianWidth-${version%.}.txt" /usr/share/unicode/EastAsianWidth.txt || exit 77 # another Unicode than it was made from
./make_width_table.py | diff width_table.hpp - || { echo 'tools/cli/make_width_table.py >tools/cli/width_table.hpp'; exit 1; }
