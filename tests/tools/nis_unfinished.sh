#!/bin/bash
# What is left of a conversion that a full disk, a limit, a reader that went away or a signal ends: no file, and a sentence that says why.
set -euo pipefail

nis2ldif=$(realpath -- "${1:-${NIS2LDIF:?give the path of nis2ldif}}")
dir=$(mktemp -d)
trap 'rm -rf -- "$dir"' EXIT
cd -- "$dir"
for i in $(seq 5000); do echo "u$i:*:$((1000 + i)):100:Ada Bressan:/home/u$i:/bin/sh"; done >passwd
printf 'l: u1, u2\nowner-l: u3\n' >aliases
mkfifo fifo

failures=0
fail() { echo "FAILED: $*"; failures=$((failures + 1)); }
convert=("$nis2ldif" --domain example.org --base dc=example,dc=org --passwd passwd)
run() { exec "${convert[@]}" "$@"; } # in a subshell
ends() { # NAME STATUS SENTENCE
	[ "$2" = "$3" ] || fail "$1 ended with $3"
	[ $# -lt 4 ] || [ "$(cat errors)" = "nis2ldif: error: $4" ] || fail "$1 said: $(head -c 300 errors)"
	[ "$(echo *)" = 'aliases errors fifo passwd' ] || fail "$1 left $(echo *)"
	rm -rf -- ldif* report* members
}

if [ -c /dev/full ]; then
	(run --out /dev/full --report report 2>errors) && status=0 || status=$?
	ends 'a full disk' 75 $status 'cannot write to /dev/full: No space left on device'
	(run --report report >/dev/full 2>errors) && status=0 || status=$?
	ends 'a full disk behind standard output' 75 $status 'cannot write to standard output: No space left on device'
	(run --aliases aliases --lists mailman --lists-members members --out /dev/full --report report 2>errors) && status=0 || status=$?
	[ -z "$(ls members)" ] || fail "a full disk: there are members of lists without an LDIF: $(ls members)"
	rmdir members
fi
(ulimit -f 100 && run --out ldif --report report 2>errors) && status=0 || status=$?
ends 'a limit of the size' 75 $status 'cannot write to ldif: File too large'
(run --report report 2>errors) | head -c 1 >errors && status=0 || status=${PIPESTATUS[0]}
ends 'a reader that went away' 141 $status

# The report waits for its reader, while the LDIF has another name, or none.
until_begun() { # PID
	until [ -n "$(find "/proc/$1/fd" \( -lname "$dir/#*" -o -lname "$dir/ldif.*" \) 2>/dev/null)" ]; do sleep 0.01; done
}
# Whoever started the tests behind nohup has made all of them deaf to SIGHUP.
run_hearing() { exec env --default-signal=INT,TERM,HUP "${convert[@]}" "$@"; }
# Job control: the shell would make a background job deaf to SIGINT.
set -m
end_by() { # SIGNAL
	(run_hearing --out ldif --report fifo 2>errors) &
	local pid=$!
	until_begun $pid
	kill -s "$1" $pid
	wait $pid 2>/dev/null && status=0 || status=$?
}
for signal in INT TERM HUP; do
	end_by $signal
	ends "SIG$signal" 130 $status
done

# What nohup does.
(trap '' HUP && run --out ldif --report fifo 2>errors) &
pid=$!
until_begun $pid
kill -s HUP $pid
cat fifo >/dev/null
wait $pid || fail "a hangup behind nohup ended with $?"
[ -s ldif ] || fail 'a hangup behind nohup: no LDIF'
[ "$failures" -eq 0 ] || exit 1
echo 'nothing was left'
