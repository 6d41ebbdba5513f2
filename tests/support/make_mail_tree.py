"""make_mail_tree.py SEED BASE MAIL_HOME [DOMAINS]: a mixed directory, with so many domains more, as LDIF on standard output, and on descriptor 3 the addresses that mail may be sent to: all that
are there, extensions of them, other spellings, and many that are not there. The same seed makes the same tree."""

import os
import random
import sys

seed, base, mail_home = int(sys.argv[1]), sys.argv[2], sys.argv[3]
pick = random.Random(seed)
hosting = f"o=hosting,{base}"
MORE = tuple(f"d{i}.example" for i in range(int(sys.argv[4]) if sys.argv[4:] else 0))
OURS = ("one.example", "two.example", "three.example", "off.example", "alone.example", "gone.example", "mute.example") + MORE
BACKUP = ("spare.example", "whole.example", "past.example")
LOCALS = ("ann", "bob", "Cid", "dan.ny", "eve", "o'hara", '"john doe"', '"a\\"b"', "first-last", "owner-all", "x-request", "+plus", "me=you", "fred", "gil", "hal")
asked = []


def entry(name, **attributes):
    print(f"dn: {name}")
    for attribute, values in attributes.items():
        for value in values if isinstance(values, list) else [values]:
            print(f"{attribute.rstrip('_')}: {value}")
    print()


def escaped(value):
    return "".join(f"\\{ord(c):02x}" if c in '",+\\=<>;' else c for c in value)


def flag(chance):
    return "TRUE" if pick.random() < chance else "FALSE"


def place(address, name=None):
    domain = address.rpartition("@")[2]
    return f"{name or 'mail=' + escaped(address)},vd={domain},{hosting}"


def mailbox(address, targets=(), name=None, **more):
    """With what was picked for it, unless more says otherwise."""
    local, _, domain = address.rpartition("@")
    folder = "".join(c if c.isalnum() else "_" for c in local) + str(pick.randrange(10**9))
    attributes = {"objectClass": ["top", "person", "organizationalPerson", "inetOrgPerson", "VirtualMailAccount", "VirtualForward", "Vacation"], "mail": address,
                  "cn": "x", "sn": "x", "uid": folder, "vdHome": mail_home, "mailbox": f"{domain}/{folder}/", "accountActive": flag(0.8), "delete": flag(0.1),
                  "lastChange": "0", "forwardActive": "TRUE" if targets and pick.random() < 0.8 else "FALSE", "vacationActive": flag(0.2), "smtpAuth": "TRUE"}
    if pick.random() < 0.15:
        attributes["objectClass"].append("vmailState")
        attributes["vmailMayReceive"] = flag(0.3)
    if targets:
        attributes["maildrop"] = list(dict.fromkeys(targets))
    if pick.random() < 0.1:
        attributes["expireDate"] = "20200131225959"
    entry(place(address, name), **attributes | more)
    asked.append(address)


def alias(address, targets, name=None, active=0.85, **more):
    attributes = {"objectClass": ["top", "person", "organizationalPerson", "inetOrgPerson", "VirtualMailAlias"], "mail": address, "cn": "x", "sn": "x",
                  "accountActive": flag(active), "lastChange": "0", "maildrop": list(dict.fromkeys(targets))}
    entry(place(address, name), **attributes | more)
    if not address.startswith("@"):
        asked.append(address)


def some_address():
    """Here or elsewhere, there or not."""
    kind = pick.random()
    if kind < 0.08:
        return f"x{pick.randrange(9)}@example.net"
    if kind < 0.12:
        return pick.choice(("root", "postmaster@localhost", "ann@spare.example", "any@whole.example", "nobody@spare.example", "x@past.example",
                            "x@sub.spare.example", "staff@lists.example.org"))
    local = pick.choice(LOCALS) if kind < 0.9 else f"nobody{pick.randrange(3)}"
    if local[0] != '"' and pick.random() < 0.1:
        local = pick.choice((local + "+more", local.upper()))
    return f"{local}@{pick.choice(OURS)}"


def some_targets():
    return [some_address() for _ in range(pick.choice((1, 1, 1, 2, 2, 3)))]


def make_domain(name, active="TRUE", removed="FALSE", kind="VirtualDomain"):
    entry(f"vd={name},{hosting}", objectClass=["top", kind], vd=name, accountActive=active, delete=removed, lastChange="0")


for name in OURS:
    if name in MORE:
        make_domain(name, flag(0.9), flag(0.1))
    else:
        make_domain(name, "FALSE" if name in ("off.example", "alone.example") else "TRUE", "TRUE" if name == "gone.example" else "FALSE")
for name in BACKUP:
    make_domain(name, "FALSE" if name == "past.example" else "TRUE", kind="VirtualBackupDomain")
for address, active in (("ann@spare.example", "TRUE"), ("ben@spare.example", "FALSE"), ("@whole.example", "TRUE"), ("ann@past.example", "TRUE")):
    entry(place(address), objectClass=["top", "VirtualBackupMail"], mail=address, accountActive=active, lastChange="0")

for domain in OURS:
    for local in LOCALS:
        address = f"{local}@{domain}"
        kind = pick.random()
        if kind < 0.45:
            targets = some_targets() if pick.random() < 0.5 else []
            if targets and pick.random() < 0.5:
                targets.insert(pick.randrange(len(targets) + 1), address)
            mailbox(address, targets)
        elif kind < 0.85:
            targets = some_targets()
            if pick.random() < 0.1:
                targets.append(address)
            alias(address, targets)
    # An extension with an entry of its own.
    alias(f"ann+own@{domain}", some_targets())
    alias(f"bob+own@{domain}", some_targets(), active=0.3)

for routed in ("a%b", "a!b", '"a@b"', "%lead", "trail!"):
    mailbox(f"{routed}@one.example", accountActive="TRUE", delete="FALSE")
alias("to-routed@one.example", ["a%b@one.example", "a!b@one.example", '"a@b"@one.example'], active=1)
alias("list@one.example", ["ann@one.example, bob@one.example", "Eve, <eve@one.example>"], active=1)
alias("name@one.example", ["Bob (the, builder) Jones <bob@one.example>"], active=1)
alias("dot@one.example", ["ann@one.example."], active=1)
alias("blank@one.example", ["ann@one.example bob@one.example x@example.net"], active=1)
alias("@two.example", ["ann@one.example"], active=1)
alias("@three.example", ["@two.example"], active=1)
alias("@mute.example", ["ann@one.example"], active=0)
alias("@alone.example", ["eve@one.example"], active=1)
for domain in MORE:
    if pick.random() < 0.3:
        alias(f"@{domain}", some_targets())
alias("ann@spare.example", ["x@example.net"], name="cn=odd", active=1)

# ---- lists
for name, active in (("staff", "TRUE"), ("quiet", "FALSE")):
    for suffix in ("", "-admin", "-bounces", "-confirm", "-join", "-leave", "-owner", "-request", "-subscribe", "-unsubscribe"):
        alias(f"{name}{suffix}@one.example", [f"{name}{suffix}@lists.example.org"], accountActive=active)

# ---- what goes round, or far
for i in range(3):
    alias(f"loop{i}@one.example", [f"loop{(i + 1) % 3}@one.example"], active=1)
alias("itself@one.example", ["itself@one.example"], active=1)
alias("itself-too@one.example", ["x@example.net", "itself-too@one.example"], active=1)
alias("grows@one.example", ["grows+x@one.example"], active=1)
alias("fork@one.example", ["x@example.net", "knife@one.example"], active=1)
alias("knife@one.example", ["y@example.net", "fork@one.example"], active=1)
alias("into-loop@one.example", ["x@example.net", "loop1@one.example"], active=1)
mailbox("keeps@one.example", ["keeps@one.example", "kept@one.example"], accountActive="TRUE", delete="FALSE", forwardActive="TRUE")
alias("kept@one.example", ["keeps@one.example"], active=1)
for i in range(1001):
    alias(f"chain{i}@one.example", [f"chain{i + 1}@one.example"], active=1)
del asked[-1001:]
mailbox("chain1001@one.example", accountActive="TRUE", delete="FALSE")
asked += [f"chain{i}@one.example" for i in (0, 1, 2, 3, 4, 900)]
alias("chain-out@one.example", [f"chain-out+{'x' * 20}@example.net"], active=1)
for count in (999, 1000, 1001, 1500):
    alias(f"all{count}@one.example", [f"y{i}@example.net" for i in range(count)], active=1)
alias("twice@one.example", ["all999@one.example", "x@example.net"], active=1)
alias("thrice@one.example", ["all999@one.example", "x@example.net", "y@example.net"], active=1)
alias("same@one.example", ["all999@one.example", "all999+a@one.example"], active=1)

# ---- a mailbox that is closed to mail, in a domain without a catch-all
mailbox("deaf@one.example", objectClass=["inetOrgPerson", "VirtualMailAccount", "VirtualForward", "vmailState"], vmailMayReceive="FALSE", accountActive="TRUE",
        delete="FALSE", vacationActive=[])
alias("to-deaf@one.example", ["deaf@one.example", "x@example.net"], active=1)

# ---- two entries with one address, and one with two
mailbox("both@one.example", accountActive="TRUE", delete="FALSE")
alias("both@one.example", ["x@example.net"], name="cn=both", active=1)
alias("twin@one.example", ["x@example.net"], name="cn=twin", active=1)
alias("twin@one.example", ["y@example.net"], name="cn=twin2", active=1)
mailbox("former@one.example", mail=["former@one.example", "latter@one.example"], accountActive="TRUE", delete="FALSE")
asked.append("latter@one.example")

there = list(dict.fromkeys(asked))
questions = list(there)
for address in there:
    local, _, domain = address.rpartition("@")
    if pick.random() < 0.3:
        questions.append(f"{local.upper()}@{domain.upper()}")
    if local[0] == '"':
        questions.append(f'{local[:-1]}+more"@{domain}')
    elif pick.random() < 0.5:
        questions.append(f"{local}{pick.choice(('+more', '+own', '-more', '+a+b', '+', '=x'))}@{domain}")
for domain in OURS + BACKUP + ("sub.spare.example", "lists.example.org", "sub.lists.example.org", "example.net", "sub.one.example"):
    questions += [f"nobody@{domain}", f"nobody+more@{domain}", f"ann@{domain}", f"postmaster@{domain}"]
with os.fdopen(3, "w") as out:
    out.writelines(f"{address}\n" for address in dict.fromkeys(questions))
