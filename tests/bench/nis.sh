#!/bin/bash
# nis2ldif against the migration tools of PADL, and against copying what comes out: the same maps of a made-up site, all in memory. Writes its part of RESULTS.md.
# usage: tests/bench/nis.sh     USERS=1000000 ALIASES=1000000 ROUNDS=5 are the defaults
. "$(dirname "$0")/migration.bash"
users=${USERS:-1000000} aliases=${ALIASES:-1000000}

make_scratch work /dev/shm
"$here/make_maps.py" "$work/maps" "$users" "$aliases"
maps=$work/maps

# They look for their settings in the current folder and for shadow in /etc; one line is changed for that.
mkdir "$work/padl"
cp "$reference"/usr/share/migrationtools/migrate_{passwd,aliases}.pl "$reference/etc/migrationtools/migrate_common.ph" "$work/padl"
sed -i "s|\"/etc/shadow\"|\"$maps/shadow\"|" "$work/padl/migrate_passwd.pl"
padl_users="cd $work/padl && perl migrate_passwd.pl $maps/passwd $work/out.padl"
padl_aliases="perl migrate_aliases.pl $maps/aliases $work/out.padl-aliases"

ours="nis2ldif --domain example.org --base dc=example,dc=org --report $work/out.report --passwd $maps/passwd --shadow $maps/shadow"
compare() {
	python3 "$here/compare.py" --rounds "$rounds" --ours nis2ldif --after "rm -f $work/out.*" --results "$results" "$@"
}

results_for nis
# against TITLE FLAGS PADL: with a copy of the output beside
against() {
	$ours $2 --out "$work/copied" || [ $? -eq 1 ]
	compare --title "$1" --target cat=0.25 --memory 250 "nis2ldif=$ours $2 --out $work/out.ldif || [ \$? = 1 ]" "cat=cat $work/copied >$work/out.cat" "PADL=$3"
	rm "$work/copied"
}
against "$users users with shadow" "" "$padl_users"
against "$users users with shadow, $aliases aliases" "--aliases $maps/aliases" "$padl_users && $padl_aliases"

# What came out, so that nobody compares speed with nothing.
$ours --aliases "$maps/aliases" --out "$work/out.ldif" || [ $? -eq 1 ]
(cd "$work/padl" && perl migrate_passwd.pl "$maps/passwd" "$work/out.padl" && eval "$padl_aliases")
{
	echo "What they wrote:"
	echo
	echo '```'
	grep '^written:' "$work/out.report"
	printf 'nis2ldif: %s entries, %s MB\n' "$(grep -c '^dn:' "$work/out.ldif")" $(($(stat -c %s "$work/out.ldif") / 1000000))
	printf 'PADL: %s entries, %s MB\n' "$(cat "$work"/out.padl* | grep -c '^dn:')" $(($(cat "$work"/out.padl* | wc -c) / 1000000))
	echo '```'
} | tee -a "$results"
