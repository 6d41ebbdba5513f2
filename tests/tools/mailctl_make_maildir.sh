#!/bin/bash
# Maildirs are made for who has none: whole, as the user whose the mail is, and nowhere but below the home of all mail.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
[ "$(id -u)" = 0 ] || exit 77
type setpriv ldapmodify >/dev/null || exit 77
owner=4711
mkdir "$scratch/mail" "$scratch/outside"
chown $owner:$owner "$scratch/mail" "$scratch/outside"
chmod 711 "$scratch"
export MAILCTL_MAIL_HOME=$scratch/mail MAILCTL_MAIL_USER=$owner MAILCTL_MAIL_GROUP=$owner
start_sandbox
eval "$(mailctl sandbox env)"
tree() { (cd "$scratch/$1" && find . -printf '%p %y %m %U:%G %s\n' | sort); }
raw() { { printf 'dn: mail=%s@example.org,vd=example.org,o=hosting,%s\nchangetype: modify\n' "$1" "$LDAPBASE"; printf '%s\n' "${@:2}"; } | ldapmodify -Q -Y EXTERNAL -H "$LDAPURI" >/dev/null || fail "ldapmodify of $1"; }

run 0 mailctl domain add example.org
run 0 mailctl mailbox add {ann,bob,off,done,there,looked}@example.org --no-password --quota 50M
run 0 mailctl mailbox disable off@example.org
raw done 'replace: createMaildir' 'createMaildir: FALSE'
outside=$(tree outside)

echo "== a dry run makes nothing"
run 2 mailctl mailbox make-maildir -n --detailed-exitcode
complains 'ann@example.org due'
[ -z "$(ls "$scratch/mail")" ] || fail 'a dry run makes folders'

echo "== one that is named"
umask 077
run 0 mailctl mailbox make-maildir ann@example.org --folders Sent,Lists.Work --mode 750
says 'ann@example.org  made'
wanted='./example.org/ann d 750
./example.org/ann/.Lists.Work d 750
./example.org/ann/.Lists.Work/cur d 750
./example.org/ann/.Lists.Work/maildirfolder f 600
./example.org/ann/.Lists.Work/new d 750
./example.org/ann/.Lists.Work/tmp d 750
./example.org/ann/.Sent d 750
./example.org/ann/.Sent/cur d 750
./example.org/ann/.Sent/maildirfolder f 600
./example.org/ann/.Sent/new d 750
./example.org/ann/.Sent/tmp d 750
./example.org/ann/cur d 750
./example.org/ann/maildirsize f 600
./example.org/ann/new d 750
./example.org/ann/tmp d 750'
got=$(tree mail | grep /ann | sed "s/ $owner:$owner [0-9]*$//")
[ "$(sort <<<"$got")" = "$(sort <<<"$wanted")" ] || fail "what was made: $got"
[ "$(cat "$scratch/mail/example.org/ann/maildirsize")" = $'52428800S\n0 0' ] || fail "maildirsize: $(cat "$scratch/mail/example.org/ann/maildirsize")"
run 0 mailctl mailbox make-maildir ann@example.org -o json
says '"changed":false'
parses "$out"

echo "== all that want one, and what is there is left alone"
install -d -o $owner -g $owner -m 700 "$scratch/mail/example.org/there"{,/cur,/new,/tmp}
echo mail >"$scratch/mail/example.org/there/cur/1.2.3:2,S"
chown $owner "$scratch/mail/example.org/there/cur/1.2.3:2,S"
install -d -o $owner -g $owner -m 700 "$scratch/mail/example.org/looked" # a daemon has had a look
there=$(tree mail | grep /there)
run 0 mailctl mailbox make-maildir
says 'bob@example.org  made'
says 'looked@example.org  completed'
for who in ann off done there; do [[ $out != *$who@example.org* ]] || fail "$who is told of: $out"; done
[ "$(tree mail | grep /there)" = "$there" ] || fail 'what was there was changed'
[ -d "$scratch/mail/example.org/looked/cur" ] || fail 'what a daemon has begun is no Maildir'
for who in off done; do [ ! -e "$scratch/mail/example.org/$who" ] || fail "$who has got one"; done
[ -z "$(find "$scratch/mail" -name '.vmail*')" ] || fail 'something is left behind'
before=$(tree mail)
run 0 mailctl mailbox make-maildir
silent
[ "$(tree mail)" = "$before" ] || fail 'a second run changes something'
run 0 mailctl mailbox make-maildir --domain example.org
run 67 mailctl mailbox make-maildir nobody@example.org
run 64 mailctl mailbox make-maildir ann@example.org --domain example.org

echo "== plain quotas are for who reads no maildirsize"
run 0 mailctl mailbox add plain@example.org --no-password --quota 50M
run 0 env MAILCTL_QUOTA_DIALECT=plain "$MAILCTL" mailbox make-maildir plain@example.org
[ ! -e "$scratch/mail/example.org/plain/maildirsize" ] || fail 'maildirsize for a plain quota'

echo "== nowhere else, whatever the directory says"
run 0 mailctl mailbox add odd@example.org --no-password
ln -s "$scratch/outside" "$scratch/mail/example.org/link"
install -d -o $owner -g $owner -m 700 "$scratch/outside/example.org"
outside=$(tree outside)
while read -r path; do
	raw odd 'replace: mailbox' "mailbox:: $(printf '%b' "$path" | base64 -w0)"
	status=0
	"$MAILCTL" mailbox make-maildir odd@example.org >/dev/null 2>&1 || status=$?
	[[ $status = 6[59] || $status = 75 || $status = 1 ]] || fail "the path $path: status $status"
	[ "$(tree outside)" = "$outside" ] || fail "the path $path leads outside"
done <<'PATHS'
../outside/example.org/x/
example.org/../../outside/example.org/x/
/tmp/example.org/x/
example.org//x/
example.org/./x/
example.org/.hidden/
example.org/-x/
example.org/
x/
example.net/odd/
example.org/link/odd/
example.org/x\ny/
example.org/mbox
PATHS
raw odd 'replace: mailbox' 'mailbox: example.org/odd/' - 'replace: vdHome' "vdHome: $scratch/outside"
run 65 mailctl mailbox make-maildir odd@example.org
complains 'and not below'
raw odd 'replace: vdHome' "vdHome: $scratch/mail"
run 0 mailctl mailbox make-maildir odd@example.org

echo "== never as root, nor as anybody else"
run 78 env MAILCTL_MAIL_USER=0 "$MAILCTL" mailbox make-maildir
run 78 env MAILCTL_MAIL_USER=no-such-user "$MAILCTL" mailbox make-maildir
run 77 setpriv --reuid 4712 --regid 4712 --clear-groups "$MAILCTL" -H "$LDAPURI" -b "$LDAPBASE" mailbox make-maildir
for name in ../x a/b .x x. a..b 'a b' '*' ä; do run 65 mailctl mailbox make-maildir --folders="$name"; done
run 64 mailctl mailbox make-maildir --mode 777
# What the timer starts has no flags: the settings say it, and a flag says more.
for value in 777 0700 x; do MAILCTL_MAILDIR_MODE=$value run 78 mailctl mailbox make-maildir -n; done
for value in ../x .x 'Sent a/b'; do MAILCTL_MAILDIR_FOLDERS=$value run 78 mailctl mailbox make-maildir -n; done
for name in set flagged; do run 0 mailctl mailbox add $name@example.org --no-password; done
MAILCTL_MAILDIR_MODE=750 MAILCTL_MAILDIR_FOLDERS='Drafts Lists.Work' run 0 mailctl mailbox make-maildir set@example.org
[ "$(cd "$scratch/mail/example.org/set" && find . -type d -printf '%m %P\n' | sort | xargs)" = '750 750 .Drafts 750 .Drafts/cur 750 .Drafts/new 750 .Drafts/tmp 750 .Lists.Work 750 .Lists.Work/cur 750 .Lists.Work/new 750 .Lists.Work/tmp 750 cur 750 new 750 tmp' ] || fail "not as it is set: $(find "$scratch/mail/example.org/set" -type d -printf '%m %P\n')"
MAILCTL_MAILDIR_MODE=750 MAILCTL_MAILDIR_FOLDERS='Drafts Lists.Work' run 0 mailctl mailbox make-maildir flagged@example.org --mode 700 --folders Sent
[ "$(cd "$scratch/mail/example.org/flagged" && find . -mindepth 1 -maxdepth 1 -type d -printf '%m %P\n' | sort | xargs)" = '700 .Sent 700 cur 700 new 700 tmp' ] || fail "not as the flags say: $(find "$scratch/mail/example.org/flagged" -type d -printf '%m %P\n')"
run 0 mailctl mailbox add last@example.org --no-password
chown 4712 "$scratch/mail/example.org"
run 75 mailctl mailbox make-maildir last@example.org
[ -z "$(find "$scratch/mail" -newer "$scratch/stderr" -name '.vmail*')" ] || fail 'something is left behind'
chown $owner "$scratch/mail/example.org"

echo "== with no more of root than the service has"
run 0 mailctl mailbox add shut@example.org --no-password
run 0 setpriv --bounding-set=-all,+setuid,+setgid --inh-caps=-all --no-new-privs "$MAILCTL" mailbox make-maildir
says 'shut@example.org  made'

echo "== several at once make each one once"
run 0 mailctl mailbox add r{1,2,3,4,5,6,7,8,9}@example.org --no-password
for i in 1 2 3 4; do "$MAILCTL" mailbox make-maildir -q >/dev/null 2>"$scratch/race.$i" & done
wait
[ "$(find "$scratch/mail/example.org" -maxdepth 2 -path '*/r?/cur' | wc -l)" = 9 ] || fail 'not all are there'
[ -z "$(find "$scratch/mail" -name '.vmail*')" ] || fail 'something is left behind by several'
[ -z "$(cat "$scratch"/race.?)" ] || fail "several at once: $(cat "$scratch"/race.?)"
finish
