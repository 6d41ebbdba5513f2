"""Who has ended, worked out apart from the product: Python's calendar and zones, no LDAP filter.

    expiry_oracle.py make SEED COUNT ATTRIBUTE BASE >tree.ldif        a tree of mailboxes and aliases with ends of all kinds
    expiry_oracle.py cuts SEED COUNT ATTRIBUTE                        moments to ask at: of ends, a second before and after, and random ones
    expiry_oracle.py hold SEED COUNT ATTRIBUTE ZONE MOMENT ANSWER     compares the JSON lines of mailctl-expire -n with what should be in them
"""
import datetime, json, random, sys, zoneinfo

UTC = datetime.timezone.utc
DAY0 = datetime.date(1970, 1, 1)


def malformed_dates():
    """More than two hundred integers that are no YYYYMMDDhhmmss."""
    bad = ["0", "1", "-1", "-20260101000000", "1767225600", "1798761599000", "99999999999999", "20261231", "202612312359", "2026123123595", "202612312359599", "2026123123595900",
           "19691231235959", "10000101000000", "9999123123595", "100000101000000", "20250229000000", "19000229000000", "21000229000000", "20261131000000", "20260431000000", "20260631000000", "20260931000000"]
    bad += [f"2026{m:02}15000000" for m in (0, *range(13, 40))]
    bad += [f"202607{d:02}120000" for d in (0, *range(32, 70))]
    bad += [f"20260715{h:02}0000" for h in range(24, 70)]
    bad += [f"2026071512{m:02}00" for m in range(60, 100)]
    bad += [f"202607151230{s:02}" for s in range(60, 100)]
    return bad


def malformed_days():
    return ["0", "-1", "-20000", "2932898", "99999999", "20261231000000", "1767225600"]


def any_date(r):
    kind = r.random()
    if kind < 0.8: span = (datetime.datetime(2020, 1, 1), datetime.datetime(2032, 1, 1))
    elif kind < 0.9: span = (datetime.datetime(2037, 6, 1), datetime.datetime(2040, 1, 1))
    else: span = (datetime.datetime(1970, 1, 1), datetime.datetime(9999, 12, 31, 23, 59, 59))
    moment = span[0] + datetime.timedelta(seconds=r.randrange(int((span[1] - span[0]).total_seconds()) + 1))
    if r.random() < 0.3: moment = moment.replace(hour=r.choice((22, 23, 0)), minute=0, second=0)
    if r.random() < 0.01: moment = datetime.datetime(r.choice((2024, 2028, 2000)), 2, 29, 23, 59, 59)
    return moment.strftime("%Y%m%d%H%M%S").rjust(14, "0")


def any_day(r):
    return str(r.randrange(18000, 23000) if r.random() < 0.9 else r.randrange(1, 2932896))


def accounts(seed, count, attribute):
    """(address, is an alias, active, value or None)"""
    r = random.Random(seed)
    is_date = attribute == "expireDate"
    bad = malformed_dates() if is_date else malformed_days()
    for i in range(count):
        active = r.random() < 0.7
        if i < len(bad): value, active = bad[i], True
        elif r.random() < 0.15: value = None
        elif r.random() < 0.01: value = r.choice(bad)
        else: value = any_date(r) if is_date else any_day(r)
        # What is due must stay few enough to be printed in a test: most ended long ago and are disabled.
        yield f"u{i}@example.org", r.random() < 0.1, active and r.random() < 0.5, value


def end_of(attribute, value, zone):
    """The first moment at which it no longer works; nothing for what is no date."""
    if attribute == "expireDate":
        if len(value) != 14 or not value.isdigit() or int(value[:4]) < 1970: return None
        try: return datetime.datetime.strptime(value, "%Y%m%d%H%M%S").replace(tzinfo=UTC) if int(value[12:]) < 60 else None
        except ValueError: return None
    days = int(value)
    if not 0 < days <= (datetime.date(9999, 12, 31) - DAY0).days: return None
    first = datetime.datetime.combine(DAY0 + datetime.timedelta(days), datetime.time(), tzinfo=zone)  # of a midnight that is skipped, the moment of the skip
    return first.astimezone(UTC)


def make(seed, count, attribute, base):
    for address, alias, active, value in accounts(seed, count, attribute):
        kind = "VirtualMailAlias" if alias else "VirtualMailAccount"
        print(f"dn: mail={address},vd=example.org,{base}\nobjectClass: top\nobjectClass: inetOrgPerson\nobjectClass: {kind}\nstructuralObjectClass: {kind}\nmail: {address}\ncn: x\nsn: x")
        if attribute != "expireDate": print("objectClass: oldAccount")
        print("maildrop: x@elsewhere.example" if alias else f"vdHome: /home/vmail/domains\nmailbox: example.org/{address[:-12]}/\ndelete: FALSE")
        print(f"accountActive: {'TRUE' if active else 'FALSE'}\nlastChange: 1700000000")
        if value is not None: print(f"{attribute}: {value}")
        print()


def cuts(seed, count, attribute):
    r = random.Random(seed + 1)
    ends = [e for e in (end_of(attribute, v, UTC) for _, _, _, v in accounts(seed, count, attribute) if v) if e and 2020 < e.year < 2039]
    moments = [e + datetime.timedelta(seconds=s) for e, s in zip(r.sample(ends, 3), (-1, 0, 1))]
    moments += [datetime.datetime(2020 + r.randrange(12), 1 + r.randrange(12), 1 + r.randrange(28), r.randrange(24), 59, 59, tzinfo=UTC) for _ in range(3)]
    for m in moments: print(m.strftime("%Y-%m-%dT%H:%M:%SZ"))


def hold(seed, count, attribute, zone, moment, answer):
    zone, now = zoneinfo.ZoneInfo(zone), datetime.datetime.strptime(moment, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    due, malformed = set(), set()
    for address, _, active, value in accounts(seed, count, attribute):
        if not active or value is None: continue
        end = end_of(attribute, value, zone)
        if end is None: malformed.add(address)
        elif end <= now: due.add(address)
    lines = [json.loads(line) for line in open(answer)]
    said_due = [o["address"] for o in lines[:-1]]
    said_malformed = [m["dn"].split(",")[0].removeprefix("mail=") for m in lines[-1]["malformed"]]
    assert len(said_due) == len(set(said_due)) and len(said_malformed) == len(set(said_malformed)), "something is told twice"
    for what, said, true in (("due", set(said_due), due), ("malformed", set(said_malformed), malformed)):
        assert said == true, f"{what}: {len(said)} said, {len(true)} true; too many {sorted(said - true)[:5]}, missing {sorted(true - said)[:5]}"
    print(f"{attribute} {zone} {moment}: {len(due)} due, {len(malformed)} malformed, by {lines[-1]['search']}")


if __name__ == "__main__":
    what, seed, count, attribute, *rest = sys.argv[1:]
    {"make": make, "cuts": cuts, "hold": hold}[what](int(seed), int(count), attribute, *rest)
