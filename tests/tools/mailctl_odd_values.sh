#!/bin/bash
# Odd values of every field, as other tools leave them or as only a server takes them: an export as records that is given back changes nothing, and says
# what it leaves out. SEED=n makes other values.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
. "${BASH_SOURCE%/*}/given_back.bash"
start_sandbox
eval "$(mailctl sandbox env)"
cd "$scratch" || exit 1
export TZ=${ODD_ZONE:-Europe/Vienna}
mailctl domain add a.org -q
python3 - "${SEED:-1}" "o=hosting,$LDAPBASE" >odd.ldif <<'PYTHON'
import base64, random, sys
pick = random.Random(int(sys.argv[1]))
hosting = sys.argv[2]
LIMITS = ["0", "-1", "", "00", "007", "1", "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616", "-5", "x", "1.5", " 1", "+1"]
INTEGERS = ["0", "-1", "1", "65534", "65535", "4294967294", "4294967295", "4294967296", "9223372036854775808", "-9223372036854775809", "123456"]
QUOTAS = ["0", "1", "0S", "0C", "5C", "0S,5C", "5S,0C", "5C,7S", "1024S", "NOQUOTA", "9223372036854775807", "9223372036854775807S,9223372036854775807C", "007", "", "1G", "18446744073709551616"]
ENDS = ["19700101000000", "19700101000001", "19691231235959", "0", "1", "-1", "20261231", "99991231225959", "99991231230000", "99991231235959", "20260230000000", "20261025003000", "20260329010000", "20240229120000"]
MINUTES = ["202608010000", "000001010000", "999912312359", "202602300000", "202608012460", "", "now", "2026-08-01"]
TEXTS = ["x", " x", "x ", "  ", "a\nb", "a\r\nb", "a\rb", "\n", "a\tb", "a\0b", "\0", "\x01", "\x7f", "\x85x", "\u2028", "\ufeffx", "\ufffe", "\U0001f600", "e\u0301", "\"", "\"a\"", "'", ",", "a,b", "a;b", "=1+1", "+1", "-1", "@x",
         "null", "~", "yes", "no", "true", "1", "0x10", "1e3", ".inf", "- x", "# x", "x # y", "a: b", "{x}", "[x]", "&a", "*a", "!x", "|", ">", "%x", "`", "\\", "\\n", "x\\", "2026-01-01", "domain", "server", "none", "never", "now", "+6m"]
ASCII = [t for t in TEXTS if t.isascii()]
HASHES = ["{CRYPT}x", "{CRYPT}!", "{SSHA}", "{SSHA}zzz", "{ssha}QQ==", "{CRYPT}$6$a$b", "clear", "{CLEARTEXT}x", "{PLAIN}x", "{FOO}x", "{MD5}x ", "{CRYPT}*LK*", "{SHA512-CRYPT}x", "{SASL}bob@a.org", "{BLF-CRYPT}x", "{SSHA.HEX}00"]
ADDRESSES = ["ann@a.org", "x", "x@", "@a.org", '"a b"@a.org', "ann@b_c.org", "\u00fc@a.org", "x@y.org, z@y.org", " x@y.org"]
NAMES = ["b_c.org", "-x.org", "x", "x..org", "xn--bcher-kva.org", "1.2.3.4", "x.org.", "A.Org"]

def line(name, value):
    return f"{name}:: {base64.b64encode(value.encode('utf-8', 'surrogatepass')).decode()}"

def entry(dn, *lines):
    print(f"dn: {dn}", *lines, "", sep="\n")

def some(name, values, chance=0.5):
    return [line(name, pick.choice(values))] if pick.random() < chance else []

STATE = lambda: some("vmailDisabledReason", TEXTS, 0.3) + some("vmailDisabledComment", TEXTS, 0.3)
PERSON = lambda: [line("cn", pick.choice(TEXTS)), line("sn", pick.choice(TEXTS)), "lastChange: 0"]
ACTIVE = lambda: ["accountActive: " + pick.choice(["TRUE", "TRUE", "FALSE"])]
if True:
    for i, value in enumerate(LIMITS):
        entry(f"vd=l{i}.org,{hosting}", "objectClass: top", "objectClass: VirtualDomain", "objectClass: vmailState", "objectClass: vmailDomain", *ACTIVE(), "lastChange: 0", "delete: FALSE", line("maxMail", value), *some("maxAlias", LIMITS),
              *some("maxQuota", LIMITS), *some("vmailDefaultQuota", QUOTAS), *some("postfixTransport", ASCII), *some("description", TEXTS), *STATE())
        if True: entry(f"cn=postmaster,vd=l{i}.org,{hosting}", "objectClass: top", "objectClass: inetOrgPerson", "objectClass: VirtualMailAlias", "cn: postmaster", "sn: x", f"mail: postmaster@l{i}.org", "maildrop: root", "lastChange: 0", *ACTIVE())
    for i, value in enumerate(LIMITS):
        entry(f"cn=adm{i},{hosting}", "objectClass: top", "objectClass: inetOrgPerson", "objectClass: VirtualAdmin", *(("objectClass: vmailState",)), f"cn: adm{i}", line("sn", pick.choice(TEXTS)), line("mail", pick.choice(ADDRESSES[:1] + ADDRESSES)) if pick.random() < .9 else "mail: ann@a.org",
              *ACTIVE(), "lastChange: 0", line("maxDomain", value), *[line("vd", v) for v in {pick.choice(NAMES), "a.org"}], *some("userPassword", HASHES), *STATE())

def mailbox(i, **given):
    a = f"m{i}@a.org"
    fixed = ["objectClass: top", "objectClass: inetOrgPerson", "objectClass: VirtualMailAccount", "objectClass: VirtualForward", "objectClass: Vacation", "objectClass: vmailState", "objectClass: posixAccount", f"mail: {a}", f"uid: m{i}.a.org", "delete: FALSE",
             "vacationActive: FALSE", "forwardActive: " + pick.choice(["FALSE", "TRUE"])]
    one_of = {"quota": QUOTAS, "expireDate": ENDS, "vacationStart": MINUTES, "vacationEnd": MINUTES, "vacationSubject": TEXTS, "vacationInfo": TEXTS, "description": TEXTS, "givenName": TEXTS, "userPassword": HASHES,
              "gecos": ASCII, "loginShell": ASCII}
    must = {"vdHome": ASCII, "mailbox": ASCII, "smtpAuth": ["TRUE", "FALSE"], "uidNumber": INTEGERS, "gidNumber": INTEGERS, "homeDirectory": ASCII}
    lines = [line(n, given[n]) if n in given else line(n, pick.choice(v)) for n, v in must.items()]
    for name, values in one_of.items(): lines += [line(name, given[name])] if name in given else some(name, values, 0.3)
    entry(f"mail={a},vd=a.org,{hosting}", *fixed, *PERSON(), *ACTIVE(), *lines, *some("vmailMayLogIn", ["TRUE", "FALSE"], 0.2), *STATE(), f"maildrop: {a}")

n = 0
for name, values in (("quota", QUOTAS), ("expireDate", ENDS), ("vacationStart", MINUTES), ("vacationInfo", TEXTS), ("description", TEXTS), ("userPassword", HASHES), ("uidNumber", INTEGERS), ("gidNumber", INTEGERS), ("gecos", ASCII),
                     ("vdHome", ASCII), ("mailbox", ASCII)):
    for value in values:
        mailbox(n, **{name: value})
        n += 1
for i, value in enumerate(TEXTS + ENDS):
    a = f"q{i}@a.org"
    entry(f"mail={a},vd=a.org,{hosting}", "objectClass: top", "objectClass: inetOrgPerson", "objectClass: VirtualMailAlias", "objectClass: vmailState", "objectClass: vmailMailingList", f"mail: {a}", *PERSON(), *ACTIVE(),
          *([f"maildrop: x@y.org"] if pick.random() < 0.8 else ["maildrop: root"]), *some("expireDate", ENDS), *some("description", TEXTS), *[line("vmailListOwner", v) for v in sorted({pick.choice(ASCII), "ann@a.org"})], *STATE())
PYTHON
ldapadd -Q -c -Y EXTERNAL -H "$LDAPURI" -f odd.ldif >added 2>refused
# What no server takes is none of ours; most of it is taken.
[ "$(grep -c '^adding' added)" -gt "$(($(grep -c '^ldap_add' refused) * 2))" ] || fail "few of them are taken: $(head -20 refused)"
given_back --with-passwords
run 0 mailctl export -o jsonl --kind mailbox
complains 'fields are left out, as what is there makes no sense or no file can hold it: '
complains ' of m'
# What is there is no fault of a record, and nobody may ask for it anew.
printf '{"kind":"domain","domain":"a.org","max_mailboxes":0}\n' >new.jsonl
run 65 mailctl import new.jsonl --update
complains 'max_mailboxes: 0 is no limit that anything fits under'
finish
