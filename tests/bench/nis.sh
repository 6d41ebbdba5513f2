#!/bin/bash
# nis2ldif against the migration tools of PADL: the same maps of a made-up site, all in memory. Writes its part of RESULTS.md.
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
compare --title "$users users with shadow" --target PADL=20 "nis2ldif=$ours --out $work/out.ldif" "PADL=$padl_users"
compare --title "$users users with shadow, $aliases aliases" --target PADL=10 \
	"nis2ldif=$ours --aliases $maps/aliases --out $work/out.ldif" "PADL=$padl_users && $padl_aliases"

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
