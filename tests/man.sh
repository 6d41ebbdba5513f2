#!/bin/bash
# Manual pages have no errors, and every program that is installed has one.
set -euo pipefail
cd "$(dirname "$0")/../man"

command -v mandoc >/dev/null || exit 77
status=0
for page in *.[1-8]; do
	mandoc -T lint -W warning "$page" || status=1
done
for program in mailctl.1 mailctl-expire.8 nis2ldif.1; do
	[ -s "$program" ] || { echo "no $program"; status=1; }
done
exit $status
