#!/bin/bash
# Whatever a directory holds, an export of it as records that is given back changes nothing: odd targets as other tools leave them, and ends in an hour that
# the clocks show twice. SEED=n makes other values.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
. "${BASH_SOURCE%/*}/given_back.bash"
start_sandbox
eval "$(mailctl sandbox env)"
cd "$scratch" || exit 1
export TZ=Europe/Vienna
mailctl domain add a.org -q
python3 - "${SEED:-1}" "o=hosting,$LDAPBASE" >odd.ldif <<'PYTHON'
import base64, random, sys
pick = random.Random(int(sys.argv[1]))
hosting = sys.argv[2]
PARTS = ["x@y.org", "bob@a.org", "root", '"a,b"@a.org', '"a\\"b"@a.org', "bob@localhost", "@z.org", "|/bin/cat", "#x", "'x'@y.org", "-x@y.org", "=1+1@y.org", "x@y.org.", "null", "yes", "1",
         "Jones <x@y.org>", '"Jones, B" <x@y.org>', "x@y.org (a, b)", ":include:/x", "a: b@y.org", "{x}@y.org", "[x]", "*x@y.org", "&x@y.org", "!x@y.org", "%x@y.org", "x\\y@y.org", "~", "2026-01-01"]
SIGNS = "".join(map(chr, range(33, 127)))

def target():
    kind = pick.random()
    if kind < 0.6: return pick.choice(PARTS)
    if kind < 0.75: return pick.choice((", ", ",", " ", ";")).join(pick.sample(PARTS, 2))
    return "".join(pick.choice(SIGNS) for _ in range(pick.randrange(1, 12)))

def entry(dn, *lines):
    print(f"dn: {dn}", *lines, "", sep="\n")

def line(name, value):
    return f"{name}:: {base64.b64encode(value.encode()).decode()}"

PERSON = ["objectClass: top", "objectClass: inetOrgPerson", "cn: x", "sn: x", "accountActive: TRUE", "lastChange: 0"]
for i in range(60):
    values = {}
    for _ in range(pick.randrange(1, 5)):
        t = target()
        values.setdefault(t.lower(), t)
    a = f"q{i}@a.org"
    entry(f"mail={a},vd=a.org,{hosting}", *PERSON, "objectClass: VirtualMailAlias", f"mail: {a}", *[line("maildrop", v) for v in values.values()])
INSTANTS = [f"202610250{h}{m}" for h in range(3) for m in ("0000", "3000", "5959")] + ["20260329005959", "20260329010000", "20261231230000", "20261231225959"]
for i, instant in enumerate(INSTANTS):
    a = f"m{i}@a.org"
    entry(f"mail={a},vd=a.org,{hosting}", *PERSON, "objectClass: VirtualMailAccount", "objectClass: VirtualForward", "objectClass: Vacation", f"mail: {a}", f"uid: m{i}.a.org", "vdHome: /home/vmail/domains",
          f"mailbox: a.org/m{i}/", "smtpAuth: TRUE", "delete: FALSE", "vacationActive: FALSE", "forwardActive: TRUE", line("maildrop", target()), f"maildrop: {a}", f"expireDate: {instant}")
PYTHON
ldapadd -Q -Y EXTERNAL -H "$LDAPURI" -f odd.ldif >/dev/null || fail 'no odd entries'
given_back
# Of a target that is new an address is asked for, all the same.
printf 'version: 1\naliases:\n  - address: q1@a.org\n    targets: [no address]\n' >new.yaml
run 65 mailctl apply new.yaml
complains 'new.yaml:3: targets: "no address" is not a mail address'

# ---- an empty database takes the tree by slapadd as it is, and has all of it then
printf 'Right-horse-7\n' >password
chmod 600 password
mailctl admin add boss --domain a.org --mail m1@a.org --password-file password -q
run 64 mailctl export --with-base --domain a.org
run 64 mailctl export --with-base -o json
run 0 mailctl export --with-base --with-passwords --out whole.ldif
run 0 mailctl export --with-base
grep -F "dn: cn=mailctl,$LDAPBASE" <<<"$out" >/dev/null || fail 'not who we are'
grep -F "dn: cn=boss,ou=admin,$LDAPBASE" <<<"$out" >/dev/null || fail 'no administrators'
grep -i '^userPassword' <<<"$out" >/dev/null && fail 'passwords without --with-passwords'
twin=$scratch/twin
cp -r "$MAILCTL_SANDBOX" "$twin"
rm -rf "$twin"/data/* "$twin/ldapi" "$twin/slapd.pid"
sed -i "s|$MAILCTL_SANDBOX|$twin|g" "$twin"/*.conf
PATH=$PATH:/usr/sbin
slapadd -q -f "$twin/slapd.conf" -b "$LDAPBASE" -l whole.ldif 2>log || fail "slapadd: $(cat log)"
content() { slapcat -f "$1/slapd.conf" -b "$LDAPBASE" -o ldif-wrap=no | grep -vE '^(structuralObjectClass|entryUUID|entryCSN|creatorsName|createTimestamp|modifiersName|modifyTimestamp|contextCSN|authTimestamp|pwd[A-Za-z]*):' |
	awk 'BEGIN { RS = "" } { gsub(/\n/, "\001"); print }' | sort; }
[ "$(content "$twin" | wc -l)" -gt 70 ] || fail "the twin has $(content "$twin" | wc -l) entries"
diff <(content "$MAILCTL_SANDBOX") <(content "$twin") | head -n 5 >log
[ ! -s log ] || fail "the twin differs: $(cat log)"

finish
