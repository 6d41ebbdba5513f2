#!/bin/bash
# Passwords: a generated one is seen or not set, and what is stored as one is a hash.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox
eval "$(mailctl sandbox env)"
mailctl domain add example.org --postmaster root@example.net -q

# hash_of ADDRESS: its userPassword, as the directory has it
hash_of() { mailctl export --with-passwords | awk -v RS= -v who="mail=$1," 'index($0, "dn: " who) == 1' | sed -n 's/^userPassword/&/p'; }
# unchanged ADDRESS COMMAND...: whatever becomes of the command, the password stays as it was
unchanged() {
	local before
	before=$(hash_of "$1")
	"${@:2}"
	[ "$before" = "$(hash_of "$1")" ] || fail "$last: the password is another one"
}
# works ADDRESS PASSWORD: it logs in
works() { ldapwhoami -x -H "$LDAPURI" -D "mail=$1,vd=example.org,o=hosting,$LDAPBASE" -w "$2" >/dev/null 2>&1 || fail "$last: $1 cannot log in with $2"; }

# ---- a generated password is printed, in every format that shows more than names

run 0 mailctl mailbox add ann@example.org bob@example.org --generate-password -o table
for who in ann bob; do
	works $who@example.org "$(sed -n "s/^$who@example.org  created  password: //p" <<<"$out")"
done
for format in table csv ldif jsonl json; do
	for quiet in "" -q; do
		# shellcheck disable=SC2086
		run 0 mailctl mailbox password ann@example.org --generate-password -o $format $quiet
		works ann@example.org "$(grep -oE '[[:alnum:]]{4}(-[[:alnum:]]{4}){4}' <<<"$out")"
		# shellcheck disable=SC2086
		run 0 mailctl mailbox password ann@example.org --generate-password --server-side -o $format $quiet
		works ann@example.org "$(grep -oE '[[:alnum:]]{4}(-[[:alnum:]]{4}){4}' <<<"$out")"
	done
done

# Where it would not be seen, nothing changes.
unchanged ann@example.org run 64 mailctl mailbox password ann@example.org --generate-password -o name
complains "--output name does not show the password"
unchanged ann@example.org run 64 mailctl mailbox password ann@example.org --generate-password --server-side -o name
unchanged ann@example.org run 64 mailctl mailbox password ann@example.org bob@example.org --yes --generate-password -o name
run 64 mailctl mailbox add new@example.org --generate-password -o name
unchanged ann@example.org run 75 bash -c '"$MAILCTL" mailbox password ann@example.org --generate-password >&-'
complains "cannot write to standard output"
run 75 bash -c '"$MAILCTL" mailbox add new@example.org --generate-password -o json >&-'
gone() { # COMMAND...: with a standard output that nobody reads any more
	{ sleep 0.2; "$@"; echo $? >"$scratch/status"; } | true
	return "$(cat "$scratch/status")"
}
unchanged ann@example.org run 75 gone mailctl mailbox password ann@example.org --generate-password
complains "Broken pipe"
run 75 gone mailctl mailbox add new@example.org other@example.org --generate-password
run 67 mailctl mailbox show new@example.org
run 0 mailctl mailbox password ann@example.org --generate-password -o name -n
run 0 mailctl mailbox add new@example.org --generate-password -o name -n
run 0 mailctl mailbox add plain@example.org --no-password -o name

# What is set and could not be written is said.
run 75 bash -c '"$MAILCTL" mailbox password ann@example.org bob@example.org --yes --generate-password >/dev/full'
complains "ann@example.org has a new password that nobody has seen"
complains "bob@example.org has a new password that nobody has seen"
run 75 bash -c '"$MAILCTL" mailbox password ann@example.org --generate-password --server-side >/dev/full'
complains "ann@example.org has a new password that nobody has seen"
run 75 bash -c '"$MAILCTL" mailbox add full@example.org --generate-password -o json >/dev/full'
complains "full@example.org has a new password that nobody has seen"

# A reader who goes away in the middle: the addresses come when he has gone.
mkfifo "$scratch/in" "$scratch/out"
mailctl mailbox add - --generate-password <"$scratch/in" >"$scratch/out" 2>"$scratch/stderr" &
exec 3>"$scratch/in" 4<"$scratch/out"
sleep 0.5
exec 4<&-
echo late@example.org >&3
exec 3>&-
wait $! && fail "a password that nobody saw is a success"
err=$(cat "$scratch/stderr") last="an add whose reader goes away"
complains "Broken pipe"
mailctl mailbox show late@example.org >/dev/null 2>&1 && complains "late@example.org has a new password that nobody has seen"

# So is any other change, and an export of which a part alone was taken; who only looks may stop to read.
run 75 gone mailctl mailbox disable bob@example.org
complains "Broken pipe"
run 75 gone mailctl export
complains "Broken pipe"
run 75 gone mailctl export --out -
mailctl export --domain example.org >"$scratch/tree.ldif"
run 75 gone mailctl import "$scratch/tree.ldif"
run 0 gone mailctl mailbox list -o jsonl
run 0 gone mailctl mailbox disable bob@example.org -n

# ---- what a new one has to be

given() { # PASSWORD ARGUMENT...: mailctl with that password on standard input
	printf '%s\n' "$1" | "$MAILCTL" "${@:2}" --password-stdin
}
unchanged ann@example.org run 69 given x mailbox password ann@example.org
complains "the password has 1 character, and it takes 8 at least"
unchanged ann@example.org run 69 given 1234567 mailbox password ann@example.org --server-side
unchanged ann@example.org run 69 given äöüäöüä mailbox password ann@example.org
run 69 given short mailbox add short@example.org
run 67 mailctl mailbox show short@example.org
run 0 given äöü-ßéñø mailbox password ann@example.org
run 77 given x mailbox password ann@example.org --verify
run 0 given äöü-ßéñø mailbox password ann@example.org --verify
MAILCTL_PASSWORD_MIN_LENGTH=1 MAILCTL_PASSWORD_QUALITY=off run 0 given x mailbox password ann@example.org
run 0 given x mailbox password ann@example.org --verify
MAILCTL_PASSWORD_MIN_LENGTH=24 run 0 mailctl mailbox password ann@example.org --generate-password
for wrong in 0 25 many; do MAILCTL_PASSWORD_MIN_LENGTH=$wrong run 78 mailctl mailbox list; done

# Not what everybody tries first, and nothing that is known of its owner.
unchanged ann@example.org run 69 given Password1 mailbox password ann@example.org
complains "the password fails the dictionary check"
unchanged ann@example.org run 69 given Password1 mailbox password ann@example.org --server-side
printf 'Password1\n' >"$scratch/guessable"
chmod 600 "$scratch/guessable"
unchanged ann@example.org run 69 mailctl mailbox password ann@example.org --password-file "$scratch/guessable"
run 69 given rossmeier-1984 mailbox add j.rossmeier@example.org
complains "the password is made of the name or the address of its owner"
run 69 given 'Johanna, 8.5.' mailbox add jr@example.org --name "Johanna Roßmeier"
run 67 mailctl mailbox show jr@example.org
run 0 given rossmeier-1984 mailbox password ann@example.org
run 0 mailctl mailbox set bob@example.org --name "Bob Rossmeier"
unchanged bob@example.org run 1 given rossmeier-1985 mailbox password ann@example.org bob@example.org --yes
complains "the password is made of the name or the address of its owner"
run 0 given rossmeier-1985 mailbox password ann@example.org --verify # of whom it says nothing
MAILCTL_PASSWORD_QUALITY=off run 0 given Password1 mailbox password ann@example.org
MAILCTL_PASSWORD_MIN_CLASSES=4 run 69 given 'a quiet walk in May' mailbox password ann@example.org
complains "the password has 3 of the four kinds of characters"
MAILCTL_PASSWORD_MIN_CLASSES=3 run 0 given 'a quiet walk in May' mailbox password ann@example.org
MAILCTL_PASSWORD_MIN_CLASSES=4 run 0 mailctl mailbox password ann@example.org --generate-password
for wrong in 0 5 some; do MAILCTL_PASSWORD_MIN_CLASSES=$wrong run 78 mailctl mailbox list; done
if unshare -rm true 2>/dev/null; then # a machine without a dictionary
	bare_machine() { unshare -rm sh -c 'mount -t tmpfs none /var/cache/cracklib && exec "$@"' sh "$@"; }
	unchanged ann@example.org run 78 bare_machine bash -c 'echo a quiet walk in May | "$MAILCTL" mailbox password ann@example.org --password-stdin'
	complains "there is no dictionary"
	MAILCTL_PASSWORD_QUALITY=off run 0 bare_machine bash -c 'echo a quiet walk in May | "$MAILCTL" mailbox password ann@example.org --password-stdin'
	run 0 bare_machine "$MAILCTL" mailbox password ann@example.org --generate-password
fi
MAILCTL_PASSWORD_QUALITY=rather run 78 mailctl mailbox list

# ---- the hash that another system had

private() { printf '%s\n' "$2" >"$scratch/$1" && chmod 600 "$scratch/$1"; } # NAME LINE
private hash '{BLF-CRYPT}$2y$05$bvIG6Nmid91Mu9RcmmWZfOjFbBrrkoosEIp37CMZTnCf1i8FzSSFK'
private ssha '{SSHA}bhSnE8SHpTe/HwOG2vlR+Pf7MH4AAQID'
private bare '$1$salt$qJH7.N4xYta3aEG/dfqo/0'
run 0 mailctl mailbox add moved@example.org --hash "$scratch/ssha"
run 0 mailctl mailbox add old@example.org --no-password
run 0 mailctl mailbox password ann@example.org --hash "$scratch/ssha"
run 0 mailctl mailbox password ann@example.org --hash - <"$scratch/bare"
run 0 mailctl mailbox password ann@example.org --hash "$scratch/hash" -n
[[ $err != *locks* ]] || fail 'a hash that a password matches is called locked'
for locked in '{SSHA}' '{CRYPT}x' '{CRYPT}!!'; do
	run 0 mailctl mailbox password ann@example.org --hash - -n <<<"$locked"
	complains 'no password matches this hash'
done
says 'userPassword is written too'
[[ $out$err != *bvIG6Nmid91* ]] || fail "a dry run shows the hash"
private wrong '{CRAM-MD5}e02d374fde0dc75a17a557039a3a5338c7743304777dccd376f332bee68d2cf6'
unchanged ann@example.org run 65 mailctl mailbox password ann@example.org --hash "$scratch/wrong"
complains "slapd cannot check a password by CRAM-MD5"
private clear 'a quiet walk in May'
unchanged ann@example.org run 65 mailctl mailbox password ann@example.org --hash "$scratch/clear"
[[ $err != *quiet* ]] || fail "what may be a password is shown"
run 0 mailctl mailbox password ann@example.org --generate-password
private argon '{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$c2FsdHNhbHQ$aGFzaA'
run 0 mailctl mailbox password ann@example.org --hash "$scratch/argon" -n
complains "its module argon2"
unchanged ann@example.org run 66 mailctl mailbox password ann@example.org --hash "$scratch/nowhere"
chmod 644 "$scratch/ssha"
unchanged ann@example.org run 78 mailctl mailbox password ann@example.org --hash "$scratch/ssha"
chmod 600 "$scratch/ssha"
for with in --verify --server-side --generate-password "--password-scheme bcrypt" "--password-file $scratch/password"; do
	# shellcheck disable=SC2086
	unchanged ann@example.org run 64 mailctl mailbox password ann@example.org --hash "$scratch/ssha" $with
done
run 64 mailctl mailbox add - --hash - <"$scratch/ssha"
# One that keeps the server busy with a login of anybody's.
printf '$6$rounds=999999999$salt$%086d\n' 0 >"$scratch/dear"
chmod 600 "$scratch/dear"
unchanged ann@example.org run 65 mailctl mailbox password ann@example.org --hash "$scratch/dear"
complains 'rounds=999999999'

# ---- how they are stored

run 0 mailctl mailbox password-report --fields address,scheme,verdict -o csv
says 'moved@example.org,SSHA,fair'
says 'plain@example.org,,none'
complains 'SSHA'
complains 'none'
[[ $out$err != *bhSnE8SH* ]] || fail "the report shows a hash"
printf 'dn: mail=%s,vd=example.org,o=hosting,%s\nchangetype: modify\nreplace: userPassword\nuserPassword: %s\n\n' \
	moved@example.org "$LDAPBASE" 'a quiet walk in May' old@example.org "$LDAPBASE" '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=' |
	ldapmodify -Q -Y EXTERNAL -H "$LDAPURI" >/dev/null || fail "no password in clear text"
run 0 mailctl mailbox password-report --weak -o csv --fields address,scheme,verdict
[ "$out" = $'address,scheme,verdict\nmoved@example.org,clear text,clear\nold@example.org,SHA,weak' ] || fail "weak are: $out"
complains '1 clear'
run 0 mailctl mailbox password-report --domain example.org
says 'clear text'
[[ $out$err != *quiet* ]] || fail "the report shows a password"
complains 'a clearPassword cannot be seen'
run 0 mailctl mailbox password-report -o json --filter '(mail=moved@example.org)'
parses "$out"
says '"changed_at":null,"locked":null,"locked_at":null,"must_change":null'
run 67 mailctl mailbox password-report --domain example.net
# A postmaster sets passwords and reads none: what he cannot see is not missing.
ldappasswd -Q -Y EXTERNAL -H "$LDAPURI" -s 'a walk of postmasters' "cn=postmaster,vd=example.org,o=hosting,$LDAPBASE" >/dev/null || fail "no password for postmaster"
private postmaster 'a walk of postmasters'
as_postmaster=(env -u MAILCTL_SANDBOX "$MAILCTL" --uri "$LDAPURI" --base "$LDAPBASE" -D "cn=postmaster,vd=example.org,o=hosting,$LDAPBASE" -y "$scratch/postmaster")
run 0 "${as_postmaster[@]}" mailbox password-report -o csv --fields address,scheme,verdict
says 'ann@example.org,,unknown'
says 'plain@example.org,,unknown'
[[ $out != *none* ]] || fail "what a postmaster cannot see is said to be missing"
complains 'nothing can be said'
run 0 mailctl mailbox remove moved@example.org old@example.org --now --yes

# ---- a server without a password policy

for what in "unlock ann@example.org" "list --locked" "password ann@example.org --generate-password --require-change" "add next@example.org --no-password --require-change"; do
	# shellcheck disable=SC2086
	unchanged ann@example.org run 78 mailctl mailbox $what
	complains "the server has no password policy"
done
run 67 mailctl mailbox show next@example.org
run 0 mailctl mailbox show ann@example.org --fields locked,must_change -o json
says '"locked":null,"must_change":null'

# ---- an export without passwords, and what comes back of it

printf 'what nobody guesses\n' >"$scratch/password"
chmod 600 "$scratch/password"
run 0 mailctl export
complains "5 mailboxes are written without the passwords that they may have"
run 0 mailctl export --with-passwords
complains "1 of 5 mailboxes come without a password"
for way in "" --with-passwords; do
	run 0 mailctl mailbox add gone@example.org --password-file "$scratch/password" -q
	# shellcheck disable=SC2086
	run 0 mailctl export --domain example.org $way --out "$scratch/copy.ldif"
	run 0 mailctl mailbox remove gone@example.org --now --yes
	run 0 mailctl import "$scratch/copy.ldif" -n
	[ -n "$way" ] || complains "1 mailbox would come without a password"
	run 0 mailctl import "$scratch/copy.ldif"
	if [ -n "$way" ]; then
		[[ $err != *"without a password"* ]] || fail "an account that has its password is said to have none"
		works gone@example.org "$(cat "$scratch/password")"
	else
		complains "1 mailbox comes without a password"
	fi
	run 0 mailctl import "$scratch/copy.ldif"
	[[ $err != *"without a password"* ]] || fail "an account that was there is said to come"
	run 0 mailctl mailbox remove gone@example.org --now --yes
done

# ---- made on all cores at once, each is that of its own mailbox, and no two are alike
seq -f 'many%g@example.org' 24 >"$scratch/many"
own() { # each in turn logs in with what was printed
	local all address password
	all=$(jq -r '.items[] | [.address, .password] | @tsv' <<<"$out")
	[ "$(wc -l <<<"$all")" = 24 ] || fail "$last: not 24 passwords"
	[ "$(cut -f2 <<<"$all" | sort -u | wc -l)" = 24 ] || fail "$last: two are alike"
	while IFS=$'\t' read -r address password; do
		mailctl mailbox password "$address" --verify --password-stdin -q <<<"$password" >/dev/null || fail "$last: the password of $address is another one"
	done <<<"$all"
}
run 0 mailctl mailbox add - --generate-password -o json <"$scratch/many"
own
run 0 mailctl mailbox password - --generate-password --max-changes none --yes -o json <"$scratch/many"
own
printf 'Right-horse-7\n' >"$scratch/one"
chmod 600 "$scratch/one"
run 0 mailctl mailbox password - --password-file "$scratch/one" --max-changes none --yes -o name <"$scratch/many"
hashes=$(while read -r address; do hash_of "$address"; done <"$scratch/many" | sort -u | wc -l)
[ "$hashes" = 24 ] || fail "24 of one password have $hashes hashes"
mailctl mailbox password many24@example.org --verify --password-file "$scratch/one" -q >/dev/null || fail 'the password of many24 is another one'

finish
