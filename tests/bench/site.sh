#!/bin/bash
# What a site can do on its side: how writes reach the disk, each index, and the limits of a search. Servers that differ in one thing are asked the same in turn. Writes its part of RESULTS.md.
# usage: tests/bench/site.sh     ACCOUNTS=20000 ROUNDS=3 are the defaults
ROUNDS=${ROUNDS:-3}
. "$(dirname "$0")/servers.bash"
accounts=${ACCOUNTS:-20000} count=2000
tree() { # COUNT
	fill "$schema/tree.ldif.in"
	printf '\ndn: vd=example.org,%s\nobjectClass: VirtualDomain\nvd: example.org\naccountActive: TRUE\ndelete: FALSE\nlastChange: 0\n' "$hosting"
	printf '\ndn: vd=some.example,%s\nobjectClass: VirtualDomain\nvd: some.example\naccountActive: TRUE\ndelete: FALSE\nlastChange: 0\n\n' "$hosting"
	many_mailboxes "$1" | "$here/dated.py" "$1" 0 100
	many_mailboxes 1000 some.example
}
# anew: ends all servers.
anew() {
	while [ ${#pids[@]} -gt 0 ]; do stop; done
	for name in "${started[@]}"; do rm -rf "${scratch:?}/$name"; done
	servers=() started=()
}
one() { # NAME LINE: a server with that line in the mail database
	started+=("$1")
	server "$1" "$scratch/tree.ldif" "$production" slapd.conf "s|^directory .*|&\n$2|" slapd.conf
}
on() { # PROGRAM FILE SERVER
	echo "$1 -Q -Y EXTERNAL -H $(uri "$scratch/$3") -f $scratch/$2.\$RUN"
}
for ((i = 0; i < rounds; i++)); do
	new_mailboxes $count example.org "serial$i-" >"$scratch/serial.$i"
	new_mailboxes $count example.org "at-once$i-" >"$scratch/at-once.$i"
done
started=()
results_for site

# ---- how writes reach the disk
tree 1000 >"$scratch/tree.ldif"
one plain ''
one nometasync 'envflags nometasync'
one writemap 'envflags writemap'
one mapasync 'envflags writemap mapasync'
one dbnosync 'dbnosync\ncheckpoint 0 1'
one both 'envflags writemap\ndbnosync\ncheckpoint 0 1'
modes=("default=plain" "envflags nometasync=nometasync" "envflags writemap=writemap" "envflags writemap mapasync=mapasync" "dbnosync, checkpoint 0 1=dbnosync" "the same with envflags writemap=both")
written() { # TITLE COMMAND...: in each mode, where the command gets the name of a server
	local all=() mode
	for mode in "${modes[@]}"; do all+=("${mode%=*}=$("${@:2}" "${mode##*=}")"); done
	compare default "$1" --items $count "${all[@]}"
}
import_on() { echo "$MAILCTL import $scratch/at-once.\$RUN -q $(at "$1")"; }
written "$count additions one after the other, by ldapadd" on ldapadd serial
written "$count additions, 32 at once, by mailctl import" import_on
anew

# ---- each index: what it costs an addition, and what it gives the search that is for it
tree "$accounts" >"$scratch/tree.ldif"
indices=$(grep '^index' "$schema/indices.conf")
indexed() { # NAME INDICES
	started+=("$1")
	printf '%s\n' "$2" >"$scratch/$1.indices"
	server "$1" "$scratch/tree.ldif" "/^include .*accesslog/,\$d; s|^include .*indices.conf.*|include \"$scratch/$1.indices\"|"
}
# without INDICES ATTRIBUTE KIND: the same lines but for that kind of index of that attribute.
without() {
	awk -v attribute="$2" -v kind="$3" '{
		n = split($2, names, ","); kinds = $3
		for (i = 1; i <= n; i++) {
			left = kinds
			if (names[i] == attribute) { gsub(kind, "", left); gsub(/^,|,$/, "", left) }
			if (left != "") print "index", names[i], left
		}
	}' <<<"$1"
}
user=user$((accounts / 2))@example.org
searches="objectClass eq (objectClass=VirtualDomain)
entryUUID eq (entryUUID=7f0c9a6e-0000-1000-8000-000000000000)
entryCSN eq (entryCSN>=20300101000000.000000Z#000000#000#000000)
mail eq (mail=$user)
mail sub (mail=*ser$((accounts / 2))@*)
vd eq (vd=example.org)
uid eq (uid=user$((accounts / 2)).example.org)
maildrop eq (maildrop=$user)
maildrop sub (maildrop=user$((accounts / 2))+*)
vacationForward eq (vacationForward=$user)
vmailListOwner eq (vmailListOwner=$user)
mailbox eq (mailbox=example.org/user$((accounts / 2))/)
cn eq (cn=User Number 77)
memberUid eq (memberUid=bob)
uidNumber eq (uidNumber=20000)
expireDate eq (expireDate<=$(date -u +%Y%m%d%H%M%S))
vmailDisabledReason eq (vmailDisabledReason=expired)"
indexed with "$indices"
while read -r attribute kind filter; do indexed "$attribute-$kind" "$(without "$indices" "$attribute" "$kind")"; done <<<"$searches"
for name in "${started[@]}"; do echo "$name $(($(du -sB1 "$scratch/$name/data" | cut -f1) / 1000000))"; done >"$scratch/sizes"

# Each in turn with the server that has all indices, from which what was added goes again.
often() { echo "for ((i = 0; i < 20; i++)); do echo; done | ldapsearch -LLL -Q -Y EXTERNAL -H $(uri "$scratch/$1") -b $hosting -z max -f /dev/stdin '$2' 1.1"; }
beside() { # TITLE FILE ARGUMENT...: figures alone
	table=/dev/null compare with "$1" --data "$scratch/$2" "${@:3}" >/dev/null
}
sed -n 's/^dn: //p' "$scratch/serial.0" >"$scratch/dns"
for ((i = 1; i < rounds; i++)); do cp "$scratch/serial.0" "$scratch/serial.$i"; done
while read -r attribute kind filter; do
	name=$attribute-$kind
	beside "$name" reads --items 20 "with=$(often with "$filter")" "without=$(often "$name" "$filter")"
	! grep -q "^$attribute: " "$scratch/serial.0" && [[ $attribute != entry* ]] ||
		beside "$name" additions --items $count --after "ldapdelete -Q -Y EXTERNAL -f $scratch/dns -H \$([ \$PROGRAM = with ] && echo $(uri "$scratch/with") || echo $(uri "$scratch/$name"))" \
			"with=$(on ldapadd serial with)" "without=$(on ldapadd serial "$name")"
done <<<"$searches"
{
	echo "### each index of indices.conf, in a directory of $accounts mailboxes that does not wait for the disk, by the time of the processors"
	echo
	python3 - "$scratch" "$searches" <<'PYTHON'
import sys
scratch, searches = sys.argv[1:]
def rows(name): return [line.rstrip("\n").split("\t") for line in open(f"{scratch}/{name}")]
sizes = {name: int(size) for name, size in (line.split() for line in open(f"{scratch}/sizes"))}
adds = {(title, name): float(processors) * 1e6 for title, name, _, processors, _ in rows("additions")}
reads = {(title, name): float(processors) * 1000 for title, name, _, processors, _ in rows("reads")}
print("| index | the database, MB | an addition with it | without it | a search | with it | without it |\n| --- | --: | --: | --: | --- | --: | --: |")
for line in searches.splitlines():
    attribute, kind, filter = line.split(" ", 2)
    title = f"{attribute}-{kind}"
    costs = [f"{adds[title, n]:.0f} µs" if (title, n) in adds else "" for n in ("with", "without")]
    print(f"| {attribute} {kind} | {sizes['with'] - sizes[title]:+d} of {sizes['with']} | {costs[0]} | {costs[1]} | `{filter}` | {reads[title, 'with']:.1f} ms | {reads[title, 'without']:.1f} ms |")
print()
PYTHON
} | tee -a "$results"
anew

# ---- limits of a search
started+=(paged whole)
server paged "$scratch/tree.ldif" "$production"
server whole "$scratch/tree.ldif" "$production" slapd.conf 's/size.soft=500 size.hard=unlimited/size.soft=unlimited size.hard=unlimited/' limits.conf
limited() { # TITLE ARGUMENT...
	compare default "$1" "default=$MAILCTL ${*:2} $(at paged)" "size.soft unlimited=$MAILCTL ${*:2} $(at whole)"
}
limited "export of $accounts" export
limited "a list of the 1000 of a domain" mailbox list --domain some.example
limited "a list of all who end this month" mailbox list --filter "'(expireDate<=$(date -u -d '+31 days' +%Y%m%d%H%M%S))'"
anew
