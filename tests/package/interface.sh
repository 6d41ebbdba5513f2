#!/bin/bash
# A program that was linked with libvmail goes on with the next one of that SONAME: what it exports and how its classes lie in memory is what interface.txt says.
#
#     tests/package/interface.sh [--write]     --write: interface.txt anew, of the library in BUILD_DIR (build)
set -euo pipefail
cd "${SOURCE_DIR:-$(dirname "$0")/../..}"
kept=tests/package/interface.txt
library=$(find "${BUILD_DIR:-build}" -name 'libvmail.so.*.*.*' -type f)
[ -f "$library" ] || { echo "FAIL: there is no one library: $library" >&2; exit 1; }
name=$(objdump -p "$library" | awk '$1 == "SONAME" { print $2 }')
mapfile -t headers < <(sed -n '/^set(public_headers/,/)$/p' lib/CMakeLists.txt | grep -o 'vmail/[a-z_/]*\.hpp')
[ "${#headers[@]}" -gt 80 ] || { echo "FAIL: lib/CMakeLists.txt has ${#headers[@]} public headers" >&2; exit 1; }

now=$(mktemp)
trap 'rm -f "$now"' EXIT
{
	echo "$name"
	python3 tests/package/interface.py "$library" lib "${headers[@]}"
} >"$now"
if [ "${1-}" = --write ]; then
	cp "$now" "$kept"
	exit
fi
[ "$(head -n 1 "$kept")" = "$name" ] || { echo "FAIL: $kept is of $(head -n 1 "$kept"), and this is $name: tests/package/interface.sh --write" >&2; exit 1; }
diff -U 1 "$kept" "$now" | head -n 60 || :
cmp -s "$kept" "$now" || {
	cat >&2 <<-END
		FAIL: programs that are linked with $name find another library now.
		Of a library that somebody has: another minor version in CMakeLists.txt and in packaging/debian/control, if anything but new functions and classes came.
		Then, and before there is a first release: tests/package/interface.sh --write
	END
	exit 1
}
echo "ok: $(wc -l <"$kept") lines of $name"
