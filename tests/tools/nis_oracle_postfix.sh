#!/bin/bash
# Whom mail to each name reaches by what nis2ldif writes is whom it reached under Postfix, which delivers it: several hundred alias files.
#     ORACLE_SEED=N nis_oracle_postfix.sh [--times N] [--only TITLE]    other files, more of them, some of them
set -euo pipefail
[ "$(id -u)" -eq 0 ] || { echo 'Postfix needs root'; exit 77; }
support=$(cd -- "$(dirname -- "$0")/../support" && pwd)
PACKAGES=$("$support/unpack-packages" postfix postfix-ldap)
export PACKAGES PYTHONDONTWRITEBYTECODE=1
exec python3 "$support/nis_oracle/compare.py" postfix --seed "${ORACLE_SEED-1}" "$@"
