# Sourced after server.sh by the tests that run mailctl against a server of their own; nothing of this machine's settings is seen.
: "${MAILCTL:?the path of mailctl}"
export HOME=$scratch XDG_STATE_HOME=$scratch/state MAILCTL_CONFIG=/dev/null MAILCTL_JOURNAL_DIR=$scratch/journal TZ=UTC
unset MAILCTL_SANDBOX

# ask_server DIR: starts it, and has mailctl ask it from then on
ask_server() {
	serve "$1"
	MAILCTL_URI=$(uri "$1")
	export MAILCTL_URI MAILCTL_BASE=$base
}
run() { # STATUS ARGUMENT...: mailctl; $said is all that it said
	local status=0
	said=$("$MAILCTL" "${@:2}" 2>&1) || status=$?
	[ "$status" = "$1" ] || fail "${*:2}: status $status, not $1: $said"
}
says() { [[ $said == *"$1"* ]] || fail "it does not say \"$1\": $said"; }
