#!/bin/bash
# A test that CMakeLists.txt does not name never runs, and nobody misses it; so it is with what tools/quickstart does not build.
set -euo pipefail
cd "$(dirname "$0")"

status=0
for file in unit/test_*.cpp unit/*/test_*.cpp directory/test_*.cpp schema/*.sh mailstack/*.sh tools/*.sh package/*.sh *.sh; do
	[ -x "$file" ] || [[ $file = *.cpp ]] || continue # sourced by others
	grep -qF -- "$file" CMakeLists.txt run || { echo "$file is neither in tests/CMakeLists.txt nor started by tests/run"; status=1; }
done
# What tools/quickstart builds can be installed: it leaves out the tests, and nothing that is installed.
build=$(grep '^	cmake --build' ../tools/quickstart)
while read -r target; do
	[[ " $build " == *" $target "* ]] || { echo "tools/quickstart does not build $target, and cmake --install wants it"; status=1; }
done < <(sed -n 's/^ *install(TARGETS \([a-z0-9_-]*\) .*/\1/p' ../*/CMakeLists.txt ../*/*/CMakeLists.txt)
exit $status
