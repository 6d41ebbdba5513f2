#!/bin/bash
# Manual pages have no errors, and every program that is installed has one.
set -euo pipefail
cd "$(dirname "$0")/../man"

command -v mandoc >/dev/null || exit 77
status=0
for program in mailctl mailctl-expire mbox2maildir nis2ldif; do
	compgen -G "$program.[18]" >/dev/null || { echo "no page of $program"; status=1; }
done
for page in *.[1-8]; do
	[ -e "$page" ] || continue
	mandoc -T lint -W warning "$page" || status=1
	grep -qF "$page" CMakeLists.txt || { echo "$page is not installed"; status=1; }
done
exit $status
