#!/bin/bash
# A test that CMakeLists.txt does not name never runs, and nobody misses it.
set -euo pipefail
cd "$(dirname "$0")"

status=0
for file in unit/test_*.cpp directory/test_*.cpp schema/*.sh tools/*.sh package/*.sh *.sh; do
	[ -x "$file" ] || [[ $file = *.cpp ]] || continue # sourced by others
	grep -qF -- "$file" CMakeLists.txt || { echo "$file is not in tests/CMakeLists.txt"; status=1; }
done
exit $status
