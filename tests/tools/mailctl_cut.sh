#!/bin/bash
# A command that is killed, or for which there is no room on disk, is finished by the same command, and says truthfully what it did.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox

# A tree that both renames have much to do in.
{ printf 'u%d@example.org\n' {1..30}; echo bob@example.org; } >"$scratch/users"
put_up() {
	mailctl sandbox reset -q --yes || exit 1
	mailctl domain add example.org example.net -q
	mailctl mailbox add - --no-password --no-input -q <"$scratch/users"
	for i in {1..10}; do
		mailctl alias add "a$i@example.org" --target "u$i@example.org" --target bob@example.org -q
		mailctl forward set "u$i@example.org" --target bob@example.org --keep-copy -q
	done
	mailctl alias add far@example.net --target bob@example.org -q
}

# What is in the tree, without the moment of the last change.
tree() { mailctl export | grep -vi '^\(lastChange\|creationDate\):' | sort; }
changed() { python3 -c 'import json, sys; print(json.load(sys.stdin)["changed"])' <<<"$out"; }

# copy NAME, put_back NAME: the whole state, so that each try begins alike.
databases="data accesslog"
copy() {
	mailctl sandbox stop -q
	mkdir "$scratch/$1"
	for d in $databases; do cp -a "$MAILCTL_SANDBOX/$d" "$scratch/$1"; done
	mailctl sandbox start -q >/dev/null
}
put_back() {
	mailctl sandbox stop -q
	for d in $databases; do
		rm -rf "${MAILCTL_SANDBOX:?}/$d"
		cp -a "$scratch/$1/$d" "$MAILCTL_SANDBOX"
	done
	mailctl sandbox start -q >/dev/null
}

# What a command that is killed had sent may be carried out long after it: whoever plans meanwhile is told to come again.
ended_with_what_it_has() { mailctl sandbox stop -q && mailctl sandbox start -q >/dev/null; }

put_up
copy whole

# again COMMAND...: the same once more. It ends with 0, or with 67 where all had been done before, and "changed" is true when it did something.
again() {
	local before after status=0
	before=$(tree)
	out=$("$@" -o json 2>"$scratch/stderr") || status=$?
	err=$(cat "$scratch/stderr")
	after=$(tree)
	last="$*"
	[ "$after" = "$expected" ] || fail "$last: the tree is not that of a run that was not cut: $(diff <(echo "$expected") <(echo "$after") | head -5)"
	if [ "$before" = "$expected" ]; then [ $status = 67 ] || [ $status = 0 ] || fail "$last: status $status"
	else [ $status = 0 ] || fail "$last: status $status, not 0"; fi
	local did=False
	[ "$before" = "$after" ] || did=True
	[ "$(changed)" = $did ] || fail "$last: it says that changed is $(changed), not $did"
}


in_the_middle=0
for command in "domain rename example.org example.com --yes" "mailbox rename bob@example.org robert@example.org"; do
	put_back whole
	before=$(tree)
	start=${EPOCHREALTIME/./}
	run 0 mailctl $command
	took=$((${EPOCHREALTIME/./} - start))
	expected=$(tree)
	for signal in KILL INT; do
		for part in 2 3 4 5 6 7 8 9; do
			put_back whole
			{ timeout -s $signal "$(printf '0.%06d' $((took * part / 10)))" "$MAILCTL" $command; } >/dev/null 2>&1
			ended_with_what_it_has
			now=$(tree)
			[ "$now" = "$before" ] || [ "$now" = "$expected" ] || in_the_middle=$((in_the_middle + 1))
			again mailctl $command
		done
	done
done
[ $in_the_middle -gt 2 ] || fail "hardly any of them was cut in the middle: $in_the_middle"

# ---- what is left to do is told of the thing that was asked for

put_back whole
run 0 mailctl domain disable example.org --yes
run 0 mailctl mailbox enable bob@example.org
run 0 mailctl domain disable example.org --yes -o json
says '"domain":"example.org","outcome":"disabled","changed":true'
run 0 mailctl domain disable example.org --yes -o json
says '"domain":"example.org","outcome":"unchanged","changed":false'
run 0 mailctl domain set example.org --postmaster hostmaster@example.net
says "example.org  changed"

# ---- no room for the journal

rename="domain rename example.org example.com --yes"
put_back whole
expected=$(mailctl $rename -q >/dev/null && tree)
uri=ldapi://${MAILCTL_SANDBOX//\//%2F}%2Fldapi

# log ATTRIBUTE: of each write that the server was told to do, in their order.
log() { ldapsearch -LLL -o ldif-wrap=no -H "$uri" -Y EXTERNAL -Q -b cn=accesslog '(objectClass=auditWriteObject)' "$1" | sed -n "s/^$1: //p"; }

# with_room BYTES COMMAND...: no file gets longer than that; what it says goes through a pipe.
with_room() { { limited "$@" 2>&1 >&3 | cat >&2; } 3>&1; }
limited() { python3 -c 'import os, resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
os.execv(sys.argv[2], sys.argv[2:])' "$@"; }

put_back whole
before=$(tree)
run 75 with_room 0 "$MAILCTL" $rename
complains "journal"
[ "$(tree)" = "$before" ] || fail "with no room for a journal something was changed"

for bytes in 2000 8000 20000 40000; do
	put_back whole
	logged=$(log reqDN | wc -l)
	rm -f "$MAILCTL_SANDBOX"/journal/*
	run 75 with_room $bytes "$MAILCTL" $rename -o json
	complains "journal"
	# What the server was told is in the journal.
	log reqDN | tail -n +$((logged + 1)) | sort >"$scratch/done"
	sed -n 's/^dn: //p' "$MAILCTL_SANDBOX"/journal/*.journal | sort >"$scratch/intended"
	unknown=$(comm -23 <(sort -u "$scratch/done") <(sort -u "$scratch/intended"))
	[ -z "$unknown" ] || fail "$bytes bytes: sent without being in the journal: $unknown"
	[ "$(changed)" = "$([ -s "$scratch/done" ] && echo True || echo False)" ] || fail "$bytes bytes: it says that changed is $(changed)"
	again mailctl $rename
done

# ---- no folder for it

put_back whole
MAILCTL_JOURNAL_DIR=/proc/none run 78 mailctl $rename
[ "$(tree)" = "$before" ] || fail "without a folder for journals something was changed"
echo "cut in the middle: $in_the_middle"
finish
