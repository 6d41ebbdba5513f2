#!/bin/bash
# A year of nights: expiry, notices, purge and what people do meanwhile, held each morning against a model that was written apart.
#
#     VMAIL_YEAR_ACCOUNTS=2000 VMAIL_YEAR_NIGHTS=365 mailctl_year.sh      more of it than in each run of the tests
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
. "${BASH_SOURCE%/*}/mail_folders.bash"
type faketime >/dev/null || exit 77
preloaded=$(find /usr/lib -name libfaketime.so.1 2>/dev/null | head -1)
[ -n "$preloaded" ] || exit 77
mkdir "$scratch/letters" "$scratch/archives"
cat >"$scratch/sendmail" <<END
#!/bin/bash
unset LD_PRELOAD
cat >"\$(mktemp -p "$scratch/letters")"
END
chmod +x "$scratch/sendmail"
export MAILCTL_SENDMAIL=$scratch/sendmail MAILCTL_EXPIRY_FIRST_RUN=commit
# Each program has its time from one file. slapd cannot be turned so; what goes by its clock, what a run of expiry keeps for the next, has tests of its own.
echo +0 >"$scratch/clock"
export FAKETIME_TIMESTAMP_FILE=$scratch/clock FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1
start_sandbox
mailctl domain add example.org -q
export TURNED_BY=$preloaded
said=$(python3 "$SOURCE_DIR/tests/support/year_of_nights.py" "$scratch" "${VMAIL_YEAR_ACCOUNTS-200}" "${VMAIL_YEAR_NIGHTS-365}" "${VMAIL_SEED-4711}" 2>&1) || fail "$said"
echo "$said"
finish
