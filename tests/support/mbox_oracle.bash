# Sourced by the tests that compare mbox2maildir with Dovecot on generated input.
. "$(dirname -- "${BASH_SOURCE[0]}")/private_dovecot.bash"

# begin_oracle COUNT [PATH-OF-MBOX2MAILDIR [SEED [COUNT]]]: sets mbox2maildir, seed, count and root, and dir to a folder of this run.
begin_oracle() {
	mbox2maildir=$(realpath -- "${2:-${MBOX2MAILDIR:?give the path of mbox2maildir}}")
	seed=${3:-1} count=${4:-$1}
	root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
	can_run_dovecot || exit 77
	dir=$(mktemp -d)
	trap 'end_dovecots; rm -rf -- "$dir"' EXIT
	export LC_ALL=C TZ=UTC PYTHONPATH=$root/tests/support PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1
	chmod 755 "$dir"
}
