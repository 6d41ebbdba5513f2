#!/bin/bash
# Two administrators at one domain, one of whom stops it while the other brings it back, moves something there or takes it away: what is in it is in the end as the
# domain is, whoever was last, at whichever request the other came.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox
socket_file=$MAILCTL_SANDBOX/ldapi

# meanwhile N COMMAND... -- COMMAND...: the second, and before the Nth of its changes the first, whole. Statuses in $first and $second; whether it came to it in $came.
meanwhile() {
	local at=$1 others=()
	shift
	while [ "$1" != -- ]; do others+=("$1") && shift; done
	shift
	rm -f "$scratch/way" "$scratch/came"
	printf '%q ' "$MAILCTL" "${others[@]}" >"$scratch/other"
	printf '#!/bin/bash\n%s >"%s" 2>&1 </dev/null\necho $? >"%s"\n' "$(cat "$scratch/other")" "$scratch/1" "$scratch/came" >"$scratch/do"
	chmod +x "$scratch/do"
	"${BASH_SOURCE%/*}/../support/meanwhile.py" --before "$at" "$scratch/way" "$socket_file" "$scratch/do" &
	local proxy=$!
	until [ -S "$scratch/way" ]; do sleep 0.05; done
	second=0
	"$MAILCTL" -H "ldapi://${scratch//\//%2F}%2Fway" -b dc=example,dc=org "$@" >"$scratch/2" 2>&1 </dev/null || second=$?
	kill "$proxy"
	wait "$proxy" 2>/dev/null
	first=$(cat "$scratch/came" 2>/dev/null)
	came=$([ -e "$scratch/came" ] && echo yes)
	last="${others[*]} / $* at $at ($first, $second): $(cat "$scratch/2")"
}
status() { mailctl "$1" show "$2" --removed --fields status -o name; }
# What Postfix and Dovecot ask for is what counts.
in_service() { ldapsearch -Q -LLL -Y EXTERNAL -H "$socket" -b "vd=$1,o=hosting,dc=example,dc=org" '(&(|(objectClass=VirtualMailAccount)(objectClass=VirtualMailAlias))(accountActive=TRUE)(!(delete=TRUE))(!(cn=postmaster))(!(cn=abuse)))' dn | grep -c ^dn; }

n=0
fresh() { # a domain with three accounts, and one that a person has stopped
	n=$((n + 1))
	domain=d$n.example
	mailctl domain add $domain -q
	mailctl mailbox add a@$domain b@$domain c@$domain --no-password -q
	mailctl alias add x@$domain --target a@$domain -q
	mailctl mailbox disable c@$domain --reason manual -q
}
follows() {
	local wanted=0
	case $(status domain $domain) in active*) wanted=3 ;; esac
	[ "$(in_service $domain)" = $wanted ] || fail "$last: $(status domain $domain), and $(in_service $domain) accounts are in service"
	[[ $(status mailbox c@$domain) != active* ]] || fail "$last: what a person had stopped is in service"
}

for at in $(seq 1 9); do
	came=
	fresh
	meanwhile $at domain enable $domain -- domain disable $domain --yes
	follows
	at_all=$came
	for verb in disable remove; do
		fresh
		mailctl domain disable $domain --yes -q
		meanwhile $at domain $verb $domain --yes -- domain enable $domain
		follows
		at_all+=$came
	done
	fresh
	meanwhile $at domain restore $domain -- domain remove $domain --yes
	follows
	fresh
	mailctl domain remove $domain --yes -q
	meanwhile $at domain remove $domain --yes -- domain restore $domain
	follows
	[ -n "$at_all$came" ] || break
done
[ "$at" -gt 4 ] || fail "only $at changes were met"

# ---- what is moved into a domain while that comes back, and into one that is stopped for good
for at in $(seq 1 5); do
	fresh
	mailctl domain disable $domain --yes -q
	mailctl domain add from$n.example -q
	mailctl mailbox add m@from$n.example --no-password -q
	meanwhile $at domain enable $domain -- mailbox rename m@from$n.example m@$domain
	[ "$second" = 0 ] || fail "$last"
	[ -z "$came" ] && break
	[[ $(status mailbox m@$domain) = active* ]] || fail "$last: $(status mailbox m@$domain)"
done
fresh
mailctl domain disable $domain --yes -q
mailctl mailbox add m2@d1.example --no-password -q
mailctl domain enable d1.example -q
mailctl domain restore d1.example -q
run 0 mailctl mailbox rename m2@d1.example m2@$domain
[[ $err != *'works all the same'* ]] || fail "what is stopped does not work: $err"
[[ $(status mailbox m2@$domain) != active* ]] || fail "it works in a domain that is stopped"
finish
