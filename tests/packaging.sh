#!/bin/bash
# What a package of Debian is built with is what tools/install-deps installs to build: of a library that one of the lists lacks, a clean machine makes no package.
set -euo pipefail
cd "${SOURCE_DIR:?}"
built=$(sed -n "/^build=(/,/^)/p" tools/install-deps | sed "s/#.*//" | grep -oE "[a-z0-9.+-]+-dev" | sort)
asked=$(sed -n "/^Build-Depends:/,/^[A-Z]/p" packaging/debian/control | grep -oE "[a-z0-9.+-]+-dev" | sort)
[ "$(wc -l <<<"$built")" -gt 8 ] || { echo "FAIL: tools/install-deps has no list" >&2; exit 1; }
diff <(echo "$built") <(echo "$asked") || { echo "FAIL: packaging/debian/control and tools/install-deps name other libraries" >&2; exit 1; }
