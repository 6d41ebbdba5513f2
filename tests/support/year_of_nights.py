"""year_of_nights.py FOLDER ACCOUNTS NIGHTS SEED: a year in the life of a mail server, night after night, by a clock that is turned for all programs but the server. People extend, leave and return; at
three the jobs disable and purge, at seven they tell. What has to be true each morning is told by a model that knows the manual pages and none of the programs' sources: who is in service,
who was told of what, whose mail and whose archive is there. MAILCTL, EXPIRE and NOTIFY are the programs."""

import csv
import datetime as dt
import io
import os
import random
import re
import subprocess
import sys
from pathlib import Path

folder, accounts, nights, seed = Path(sys.argv[1]), *map(int, sys.argv[2:5])
chance = random.Random(seed)
programs = {name: os.environ[name] for name in ("MAILCTL", "EXPIRE", "NOTIFY")}
mail, archives, letters = folder / "mail", folder / "archives", folder / "letters"
steps, grace = (30, 7, 2), dt.timedelta(days=30)
began = dt.datetime.now(dt.timezone.utc).replace(tzinfo=None, microsecond=0)
clock = folder / "clock"


def turn(moment):
    """So many seconds from what the machine says."""
    beside = clock.with_suffix(".new")
    beside.write_text(f"+{int((moment - dt.datetime.now(dt.timezone.utc).replace(tzinfo=None)).total_seconds())}\n")
    beside.rename(clock)


def run(program, *arguments, wanted=(0,)):
    if (whom := os.environ.get("VMAIL_YEAR_WHOM")) and whom in map(str, arguments):
        print(now, program, *(a for a in map(str, arguments) if a == whom or "@" not in a), file=sys.stderr)
    ended = subprocess.run([programs[program], *map(str, arguments)], capture_output=True, text=True, env=os.environ | {"LD_PRELOAD": os.environ["TURNED_BY"]})
    if ended.returncode not in wanted:
        sys.exit(f"{now}: {program} {' '.join(map(str, arguments))} ends with {ended.returncode}: {ended.stdout}{ended.stderr}")
    return ended.stdout


class Account:
    """As the manual pages have it."""

    def __init__(self, name, end):
        self.address, self.end, self.state, self.removed, self.told = f"{name}@example.org", end, "active", None, set()

    @property
    def over(self):
        """The first moment at which its time is up: it works through its last day."""
        return None if self.end is None else dt.datetime.combine(self.end + dt.timedelta(days=1), dt.time())

    def due_letter(self, moment):
        """The step of which it is to be told, if any. Of those that were missed, the last."""
        if self.state != "active" or self.end is None or moment >= self.over:
            return None
        left = -(-(self.over - moment) // dt.timedelta(days=1))
        reached = [s for s in steps if left <= s]
        return min(reached) if reached and not any(s <= min(reached) for s in self.told) else None


def extend(who, end):
    run("MAILCTL", "expiry", "set", *(a.address for a in who), "--expires", end, "--yes", "-q", "--max-changes", "none")
    for a in who:
        if a.end != end:
            a.told = set()
        a.end = end
        if a.state == "expired":
            a.state = "active"


def leave(who):
    run("MAILCTL", "mailbox", "remove", *(a.address for a in who), "--yes", "-q", "--max-changes", "none")
    for a in who:
        a.was, a.state, a.removed = a.state, "removed", now


def come_back(who):
    for a in who:
        if a.state == "removed":
            run("MAILCTL", "mailbox", "restore", a.address, "-q")
        else:
            kept = sorted(archives.glob(f"{a.address}.*.tar.zst"))
            run("MAILCTL", "restore", "--archive", kept[-1], "-q")
            kept[-1].unlink()
            a.told = set()  # it is another entry
        a.state, a.removed = a.was, None


def some(what, most):
    found = [a for a in people if what(a)]
    return chance.sample(found, min(len(found), chance.randint(0, most)))


def day():
    """What people do, at noon."""
    if who := some(lambda a: a.state in ("active", "expired") and a.end and (a.end - now.date()).days < 20, accounts // 60 + 1):
        extend(who, now.date() + dt.timedelta(days=chance.randint(1, 120)))
    if who := some(lambda a: a.state in ("active", "expired"), accounts // 150 + 1):
        leave(who)
    if who := some(lambda a: a.state in ("removed", "purged"), accounts // 200 + 1):
        come_back(who)


def night():
    for a in people:
        if a.state == "active" and a.over and now >= a.over:
            a.state = "expired"
        if a.state == "removed" and now - a.removed >= grace:
            a.state = "purged"
    run("EXPIRE", "-q", "--full", "--max-changes", "none")
    run("MAILCTL", "purge", "--grace", "30d", "--most", accounts, "--max-changes", "none", "--archive-dir", archives, "--yes", "-q")


def morning():
    wanted = set()
    for a in people:
        step = a.due_letter(now)
        if step is not None:
            a.told.add(step)
            wanted.add(a.address)
    for old in letters.iterdir():
        old.unlink()
    run("NOTIFY", "-q", "--max-notices", "none")
    told = sorted(to[1] for f in letters.iterdir() if (to := re.search(r"^To: .*?(u\d+@example\.org)", f.read_text(), re.M)))  # without what the administrator gets
    hold("who is told", sorted(wanted), told)


def hold(what, wanted, found):
    if wanted != found:
        sys.exit(f"{now}: {what}: {sorted(set(wanted) - set(found))} are missing, {sorted(set(found) - set(wanted))} are too many")


def look():
    shown = {}
    for removed in ((), ("--removed",)):
        text = run("MAILCTL", "mailbox", "list", *removed, "--fields", "address,status,expires", "-o", "csv", "-q")
        shown |= {r["address"]: (r["status"], r["expires"]) for r in csv.DictReader(io.StringIO(text))}
    there = [a for a in people if a.state != "purged"]
    hold("entries", sorted(f"{a.address} {a.state} {a.end or ''}" for a in there), sorted(f"{who} {s} {e if e != 'never' else ''}" for who, (s, e) in shown.items()))
    hold("mail", sorted(a.address for a in there), sorted(f.name + "@example.org" for f in (mail / "example.org").iterdir()))
    hold("archives", sorted(a.address for a in people if a.state == "purged"), sorted(f.name.split(".org.")[0] + ".org" for f in archives.glob("*")))
    for a in there:
        if (mail / "example.org" / a.address.split("@")[0] / "cur/1.host:2,S").read_text() != f"{a.address}\n":
            sys.exit(f"{now}: the mail of {a.address} is another")


people = [Account(f"u{i}", began.date() + dt.timedelta(days=chance.randint(1, 300)) if chance.random() < 0.8 else None) for i in range(accounts)]
now = began
lines = "".join(f"{a.address},{a.end or 'never'}\n" for a in people)
(folder / "people.csv").write_text("address,expires\n" + lines)
run("MAILCTL", "import", folder / "people.csv", "-q", "--max-changes", "none")
for a in people:
    for part in ("cur", "new", "tmp"):
        (mail / "example.org" / a.address.split("@")[0] / part).mkdir(parents=True)
    (mail / "example.org" / a.address.split("@")[0] / "cur/1.host:2,S").write_text(f"{a.address}\n")
owner = int(os.environ["MAILCTL_MAIL_USER"]), int(os.environ["MAILCTL_MAIL_GROUP"])
if os.geteuid() == 0:
    for top, folders, files in os.walk(mail):
        for name in [".", *folders, *files]:
            os.chown(os.path.join(top, name), *owner)
for n in range(1, nights + 1):
    date = began.date() + dt.timedelta(days=n)
    if chance.random() < 0.05:
        continue  # the machine was off
    for hour, act in ((3, night), (7, morning), (8, look), (12, day)):
        now = dt.datetime.combine(date, dt.time(hour))
        turn(now)
        act()
states = sorted(a.state for a in people)
print(f"{nights} nights of {accounts}: {', '.join(f'{states.count(s)} {s}' for s in sorted(set(states)))}")
