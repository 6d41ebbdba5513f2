#!/bin/bash
# Each public header compiles on its own, without a warning, with every compiler that is here.
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

public=$(sed -n '/^set(public_headers/,/)/p' lib/CMakeLists.txt | grep -oE 'vmail/[a-z_/0-9]+\.hpp')
sources=()
for header in $public; do
	source=$scratch/${header//\//_}.cpp
	printf '#include <%s>\n#include <%s>\n' "$header" "$header" >"$source"
	sources+=("$source")
done
[ "${#sources[@]}" -gt 40 ] || { echo "only ${#sources[@]} public headers found"; exit 1; }

compilers=0 status=0
for compiler in g++ clang++; do
	type -P "$compiler" >/dev/null || continue
	compilers=$((compilers + 1))
	"$compiler" -std=c++20 -fsyntax-only -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -Ilib "${sources[@]}" || status=1
done
[ "$compilers" -gt 0 ] || exit 77
exit "$status"
