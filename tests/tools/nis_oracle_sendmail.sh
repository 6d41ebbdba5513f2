#!/bin/bash
# Whom mail to each name reaches by what nis2ldif writes is whom it reached under Sendmail, which is asked itself: several hundred alias files.
#     ORACLE_SEED=N nis_oracle_sendmail.sh [--times N] [--only TITLE]    other files, more of them, some of them
set -euo pipefail
support=$(cd -- "$(dirname -- "$0")/../support" && pwd)
PACKAGES=$("$support/unpack-packages" sendmail-bin sendmail-cf)
export PACKAGES PYTHONDONTWRITEBYTECODE=1
exec python3 "$support/nis_oracle/compare.py" sendmail --seed "${ORACLE_SEED-1}" "$@"
