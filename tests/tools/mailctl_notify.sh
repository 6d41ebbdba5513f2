#!/bin/bash
# Whoever's mailbox ends is told in time, once at each step, in his language; the administrator hears of all; a mail server that takes nothing loses nothing.
. "${0%/*}/mailctl_sandbox.bash"

mail=$scratch/mail
mkdir "$mail"
# A mail server's sendmail, as far as a caller sees it: keeps what it is handed, and ends as the file `verdict` says, or for one address as the file of that name says.
cat >"$scratch/sendmail" <<END
#!/bin/bash
cat >"$mail/new"
to=\$(sed -n 's/^To: //p' "$mail/new" | grep -o '[^ <>]*@[^ <>]*' | tail -1)
status=\$(cat "$scratch/verdict-\$to" 2>/dev/null || cat "$scratch/verdict" 2>/dev/null || echo 0)
[ "\$status" = 0 ] || { echo "no: \$status" >&2; exit "\$status"; }
mv "$mail/new" "$mail/\$(date +%s.%N).\$to"
printf '%s\n' "\$*" >>"$scratch/arguments"
END
chmod +x "$scratch/sendmail"
export MAILCTL_SENDMAIL=$scratch/sendmail MAILCTL_NOTICE_ADMIN=admin@example.org MAILCTL_NOTICE_FROM=postmaster@example.org MAILCTL_STATE_DIR=$scratch/state/mailctl
notify() { "$NOTIFY" "$@"; }
mails() { find "$mail" -type f -name "*.$1" | wc -l; }
got() { [ "$(mails "$1")" = "$2" ] || fail "$1 has $(mails "$1") messages, not $2"; }
nobody_new() { rm -f "$mail"/*; }

run 0 mailctl sandbox start
run 0 mailctl domain add example.org
run 0 mailctl domain add here.example
in_days() { date -u -d "+$1 days" +%F; }
add() { local a=$1; shift; run 0 mailctl mailbox add "$a@example.org" --no-password "$@"; }
add ann --name "Ann Žerjal" --expires "$(in_days 6)" --set preferredLanguage='sl, en;q=0.5'
add bob --name "Bob
Bcc: eve@evil.example" --expires "$(in_days 1)" 2>/dev/null
[ "$failures" = 0 ] && fail "a name with a line break is taken"
failures=0
add bob --name 'Bob "the" <b@x>, B' --expires "$(in_days 1)" --set preferredLanguage='de-AT'
add cat --name "Caterina" --expires "$(in_days 20)" --set preferredLanguage='pt;q=1, it;q=0.7, en;q=0.9'
add dan --expires "$(in_days 200)"
add eve
add far --expires "$(in_days 3)"
run 0 mailctl forward set far@example.org --target far@elsewhere.example
# He too: by an alias of ours, and by an extension of himself.
run 0 mailctl alias add away@here.example --target far@elsewhere.example
add hop --expires "$(in_days 3)"
run 0 mailctl forward set hop@example.org --target away@here.example
add hops --expires "$(in_days 3)"
run 0 mailctl forward set hops@example.org --target hop+lists@example.org
add copy --expires "$(in_days 3)"
run 0 mailctl forward set copy@example.org --target far@elsewhere.example --keep-copy
add inside --expires "$(in_days 3)"
run 0 mailctl forward set inside@example.org --target eve@example.org
add deaf --expires "$(in_days 3)" --no-receive
add off --expires "$(in_days 3)"
run 0 mailctl mailbox disable off@example.org
run 0 mailctl alias add short@example.org --target eve@example.org --expires "$(in_days 3)"
run 0 mailctl alias add info@example.org --target ann@example.org

echo "== a dry run shows the messages, sends and remembers nothing"
run 2 notify -n --detailed-exitcode
says "To: ann@example.org"
says "Subject: Poštni predal ann@example.org poteče $(in_days 6)"
says "To: admin@example.org"
says "mail comes here from info@example.org"
[ -z "$(ls "$mail")" ] || fail "a dry run sends"
[ ! -e "$scratch/state/mailctl" ] || fail "a dry run remembers"

echo "== a test message in each language goes to one address"
run 0 notify --mail-test me@example.org
got me@example.org 4
nobody_new

echo "== everybody is told once"
run 0 notify
for who in ann bob cat copy inside; do
	says "$who@example.org  told  ends"
	got "$who@example.org" 1
done
for who in far hop hops; do says "$who@example.org  forwarded  ends"; done
says "deaf@example.org  takes no mail  ends"
says "short@example.org  alias  ends"
got admin@example.org 1
[ "$(find "$mail" -type f | wc -l)" = 6 ] || fail "somebody else was told: $(ls "$mail")"
grep -qx -- "-t -i -f postmaster@example.org" "$scratch/arguments" || fail "sendmail is called otherwise than it is said: $(tail -1 "$scratch/arguments")"

cat >"$scratch/look.py" <<'END'
# What a mail program makes of them: by another language's reading of the same RFCs.
import email, email.policy, glob, sys
mail, ann_end = sys.argv[1:]
def one(who):
    (name,) = glob.glob(f"{mail}/*.{who}@example.org")
    raw = open(name, "rb").read()
    assert raw.isascii() and all(len(l) <= 78 for l in raw.split(b"\n") if not l.startswith(b"Message-I")), (who, raw)
    m = email.message_from_bytes(raw, policy=email.policy.default)
    assert not m.defects, m.defects
    assert m["From"].addresses[0].addr_spec == "postmaster@example.org"
    assert [a.addr_spec for a in m["To"].addresses] == [f"{who}@example.org"], m["To"]
    assert m["Auto-Submitted"] == "auto-generated" and m["Date"] and m["Bcc"] is None
    assert m.get_content_type() == "text/plain" and m.get_content_charset() == "utf-8"
    return m
ann = one("ann")
assert ann["Subject"] == f"Poštni predal ann@example.org poteče {ann_end}", ann["Subject"]
assert ann["To"].addresses[0].display_name == "Ann Žerjal", ann["To"]
assert "Spoštovani, Ann Žerjal," in ann.get_content() and ann_end in ann.get_content() and ann["Content-Language"] == "sl"
assert ann["Message-ID"].startswith("<mailctl.")
assert "Guten Tag" in one("bob").get_content()
assert one("bob")["To"].addresses[0].display_name == 'Bob "the" <b@x>, B'
assert "Dear Caterina" in one("cat").get_content()
admin = one("admin").get_content()
for words in (f"ann@example.org  {ann_end}  told\n    Ann Žerjal\n    mail comes here from info@example.org", "far@example.org", "forwarded elsewhere, not told", "short@example.org", "alias, nobody else is told"):
    assert words in admin, (words, admin)
for who in ("dan@", "eve@example.org  ", "off@"):
    assert who not in admin, who
ends = [l.split()[1] for l in admin.split("\n") if "@example.org  20" in l]
assert len(ends) == 10 and ends == sorted(ends), ends
END
python3 "$scratch/look.py" "$mail" "$(in_days 6)" || fail "the messages are not as they should be"

echo "== a second run tells nobody, and the next step everybody whom it is about"
nobody_new
run 0 notify
silent
[ -z "$(ls "$mail")" ] || fail "somebody was told twice: $(ls "$mail")"
run 0 faketime -f +5d env NO_FAKE_STAT=1 "$NOTIFY"
got ann@example.org 1 # 2 days: the day before the last, and the last
got bob@example.org 0
got cat@example.org 0
nobody_new
run 0 mailctl expiry set ann@example.org --expires "$(in_days 7)"
run 0 notify
got ann@example.org 1 # another end
nobody_new
run 0 mailctl expiry set ann@example.org --expires "$(in_days 6)"
run 0 notify
got ann@example.org 1 # the first one again, which is not what was said last
nobody_new
run 0 notify --days 45
got ann@example.org 0
run 0 mailctl expiry set dan@example.org --expires "$(in_days 40)"
run 0 notify --days "45 30"
got dan@example.org 1
nobody_new

echo "== an address that is refused is tried again, and keeps nobody else waiting"
for who in g1 g2 g3; do add $who --expires "$(in_days 2)"; done
echo 67 >"$scratch/verdict-g1@example.org"
run 1 notify
says "g1@example.org  refused  ends"
says "no: 67"
got g2@example.org 1
got g3@example.org 1
got admin@example.org 1
nobody_new
rm "$scratch/verdict-g1@example.org"
run 0 notify
got g1@example.org 1
[ "$(find "$mail" -type f | wc -l)" = 1 ] || fail "others were told again: $(ls "$mail")"
nobody_new

echo "== a mail server that takes nothing: nothing is lost"
for who in h1 h2 h3; do add $who --expires "$(in_days 2)"; done
echo 75 >"$scratch/verdict"
run 75 notify
says "failed  ends"
says "left  ends"
complains "the mail server takes no more"
complains "no: 75"
run 78 env MAILCTL_SENDMAIL=/nowhere/sendmail "$NOTIFY"
run 78 env MAILCTL_NOTICE_TEMPLATES=/nowhere "$NOTIFY" -n
rm "$scratch/verdict"
run 0 notify
for who in h1 h2 h3; do got $who@example.org 1; done
got admin@example.org 1
nobody_new

echo "== so many in one run, the soonest first"
for i in 1 2 3 4 5; do add "k$i" --expires "$(in_days $((6 - i)))"; done
run 0 notify --max-notices 2 -o jsonl
says '"left":3'
got k5@example.org 1
got k4@example.org 1
run 0 notify
for i in 1 2 3 4 5; do got "k$i@example.org" 1; done
got admin@example.org 2
nobody_new

echo "== killed at any moment: everybody is told, and nobody more than once more"
for i in $(seq 40); do echo "address,expires
m$i@example.org,$(in_days 5)"; done | sed '3,${/^address/d}' >"$scratch/many.csv"
run 0 mailctl import -q "$scratch/many.csv"
for i in $(seq 12); do
	"$NOTIFY" -q >/dev/null 2>&1 &
	job=$!
	sleep 0.0$((RANDOM % 90 + 10))
	kill -9 "$job" 2>/dev/null
	wait "$job" 2>/dev/null
done
run 0 notify -q
for i in $(seq 40); do [ "$(mails "m$i@example.org")" -ge 1 ] || fail "m$i was never told"; done
[ "$(find "$mail" -name '*.m*@example.org' | wc -l)" -le $((40 + 12)) ] || fail "more were told again than runs were killed"
nobody_new

echo "== two at once tell nobody twice"
for who in n1 n2 n3; do add $who --expires "$(in_days 2)"; done
for i in 1 2 3 4; do "$NOTIFY" -q >/dev/null 2>&1 & done
wait
for who in n1 n2 n3; do got $who@example.org 1; done

echo "== texts of the site's own"
mkdir -p "$scratch/texts/fr" "$scratch/texts/en"
printf 'Subject: Fin de @ADDRESS@\n\nBonjour @NAME@ @UNKNOWN@\n@?NAME@oui\n' >"$scratch/texts/fr/owner.txt"
export MAILCTL_NOTICE_TEMPLATES=$scratch/texts
add fr --name Françoise --expires "$(in_days 2)" --set preferredLanguage=fr
run 0 notify -n
says "Bonjour Françoise @UNKNOWN@"
printf 'Subjekt: none\n\n' >"$scratch/texts/en/owner.txt"
add late --expires "$(in_days 2)"
run 78 notify -n
complains "it has no line"
printf 'Subject: caf\351\n\n' >"$scratch/texts/en/owner.txt"
run 78 notify -n
complains "it is not in UTF-8"
run 78 env MAILCTL_NOTICE_LANGUAGE=xx "$NOTIFY" -n
complains "notice-language"
run 78 env MAILCTL_NOTICE_LANGUAGE=../x "$NOTIFY" -n
unset MAILCTL_NOTICE_TEMPLATES

echo "== what was kept and makes no sense is set aside and told, and who was told by the rest is told once"
run 0 notify
nobody_new
kept=$(ls "$scratch"/state/mailctl/mailctl-notify-*.state)
bob=$(ldapsearch -Q -LLL -Y EXTERNAL -H "$socket" -b "mail=bob@example.org,vd=example.org,o=hosting,dc=example,dc=org" -s base entryUUID | sed -n 's/^entryUUID: //p')
sed -i "s/^$bob .*owner$/\x01\x02 nonsense/" "$kept"
cp "$kept" "$scratch/damaged"
run 0 notify -n
complains "1 line in $kept made no sense: "
[ -z "$(ls "$scratch"/state/mailctl/*damaged* 2>/dev/null)" ] || fail "a dry run sets it aside"
run 0 notify
complains "1 line in $kept made no sense, and is ${kept##*/}.damaged-"
cmp -s "$kept".damaged-* "$scratch/damaged" || fail "what made no sense is not kept"
got bob@example.org 1
[ "$(find "$mail" -type f | wc -l)" = 1 ] || fail "others were told again: $(ls "$mail")"
nobody_new
run 0 notify
[[ $err != *sense* ]] && [ -z "$(ls "$mail")" ] || fail "it is told again: $err $(ls "$mail")"
rm "$kept".damaged-*
: >"$kept" # as a disk that was full once leaves it
run 0 notify
complains "1 line in $kept made no sense"
got bob@example.org 1
nobody_new
rm "$kept".damaged-*

echo "== what makes no sense"
run 78 env MAILCTL_NOTICE_DAYS="7 soon" "$NOTIFY" -n
run 64 notify --days soon -n
run 65 notify --max-notices many
complains '--max-notices takes a number'
run 67 notify --domain nowhere.example
run 64 notify -o csv
run 65 notify --mail-test nobody
run 69 faketime -f -6m "$NOTIFY"
complains "the clock of this machine"
run 78 env MAILCTL_STATE_DIR=/proc/nowhere "$NOTIFY"

[ "$failures" = 0 ] && echo "all as it should be"
exit $((failures > 0))
