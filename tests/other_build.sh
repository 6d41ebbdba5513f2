#!/bin/bash
# other_build.sh PRESET [LABELS]: builds everything as another preset says, without a warning; then runs the tests with these labels there.
# Without optimisation and with line numbers only: it is the warnings and the checks at run time that count.
set -euo pipefail
cd "$SOURCE_DIR"

tree=$BUILD_DIR/$1
export CCACHE_SLOPPINESS=pch_defines,time_macros
cmake --preset "$1" -B "$tree" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-g1
if [ $# -eq 1 ]; then
	cmake --build "$tree"
else
	cmake --build "$tree" --target vmail_unit vmail_directory foreign-directory
	# libldap on GnuTLS keeps what it made for a TLS handshake that failed.
	echo 'leak:gnutls_priority_init' >"$tree/leaks-of-others"
	export LSAN_OPTIONS=suppressions=$tree/leaks-of-others:print_suppressions=0
	ctest --test-dir "$tree" -j2 --output-on-failure -L "$2"
fi
