#!/usr/bin/env python3
"""Compares whom mail reaches on the old server with whom it reaches by what nis2ldif makes of its alias map.

    compare.py sendmail|postfix [--seed SEED] [--times N] [--only TITLE] [--keep]

PACKAGES is where unpack-packages put the old server, NIS2LDIF the program. Every difference must be one that the conversion is meant to make, and
must be in its report, in a line that has to do with the name."""

import argparse
import importlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import alias_files
from ldif_delivery import Directory

ANY = {"user", "outside", "program", "file", "bad"}

# What a finding explains: kinds of recipients that the old server has and we do not, and the other way round. "#" is a comment that the old
# server takes for a part of the address behind it.
EXPLAINED = {
    "program-target": ({"program"}, set()),
    "vacation-program": ({"program"}, set()),
    "file-target": ({"file"}, set()),
    "include-target": ({"bad"}, set()),
    "error-target": ({"bad"}, set()),
    "unknown-target": ({"bad"}, set()),
    "bad-target": ({"bad", "outside"}, set()),
    "non-ascii-target": ({"bad", "outside"}, set()),
    "bang-path": ({"bad", "outside"}, set()),
    "percent-hack": ({"bad", "outside"}, set()),
    "source-route": ({"outside"}, {"outside"}),
    "loop": ({"bad"}, {"user"}),
    "loop-only": ({"bad"}, {"user"}),
    "no-target": ({"bad", "program", "file"}, {"user"}),
    "kept-copy": ({"bad"}, set()),  # two logins that send each other one: Postfix makes a loop of it
    "name-with-domain": ({"bad"}, {"user", "outside"}),
    "forward-bypassed": ({"user"}, {"user", "outside"}),
    "blank-separated": ({"bad", "user"}, {"user", "outside"}), # "user+detail b" is the user's
    "long-definition": ({"bad"}, {"user", "outside"}),
    "hash-comment": ({"bad", "#", "user", "outside"}, {"user", "outside"}),
    "group-syntax": ({"bad"}, {"user", "outside"}),
    "backslash-newline": (ANY, ANY),
    "continued-after-gap": ({"bad", "#"}, {"user", "outside"}),
    "leading-continuation": (set(), set()),
    "bad-name": (ANY, {"user", "outside"}), # it may be another spelling of one that counts
    "foreign-domain": (ANY, set()),
    "no-colon": ({"bad"}, set()),
    "no-value": ({"bad"}, {"user", "outside"}),  # Postfix tries a list again and again that has a member without targets
    "compat": (ANY, set()),
}

FINDING = re.compile(r"aliases:(\d+)(?:-(\d+))?: (INFO|WARN|SKIP) (\S+): (.*)")


def convert(nis2ldif, directory, file, dialect):
    (directory / "passwd").write_text(file.passwd)
    (directory / "aliases").write_text(file.text)
    done = subprocess.run(
        [nis2ldif, "--domain", alias_files.DOMAIN, "--base", "dc=example,dc=org", "--dialect", dialect, "--plain", "--address", "login",
         "--passwd", "passwd", "--aliases", "aliases"],
        cwd=directory, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode not in (0, 1):
        raise AssertionError(f"nis2ldif ended with {done.returncode}: {done.stderr}")
    findings = []
    for line in done.stderr.splitlines():
        if m := FINDING.fullmatch(line):
            findings.append((int(m[1]), int(m[2] or m[1]), m[3], m[4], m[5]))
    return done.stdout, findings


def lines_behind(file, name):
    """The lines of all definitions that have to do with the name: its own, and those of what it leads to."""
    waiting, seen, lines = [name], set(), set()
    while waiting:
        local = waiting.pop()
        if local in seen:
            continue
        seen.add(local)
        for d in file.definitions:
            if local in d.names:
                lines.update(range(d.first, d.last + 1))
                waiting += d.refers
    return lines


def kind(recipient):
    return "#" if recipient[0] == "outside" and re.search(r"(^|\.)#\.", recipient[1]) else recipient[0]


def unexplained(file, name, old, new, findings):
    """What of the difference no finding explains."""
    lines = lines_behind(file, name)
    lost, gained, looping = set(), set(), set()
    for first, last, level, code, text in findings:
        if level != "INFO" and lines.intersection(range(first, last + 1)):
            lost |= EXPLAINED.get(code, (set(), set()))[0]
            gained |= EXPLAINED.get(code, (set(), set()))[1]
            if code in ("loop", "loop-only"):
                looping.add(("user", text.partition(":")[0].lower()))
    # In whose mailbox a loop of logins ends depends on where it began.
    missing = old - new - looping if looping & new else old - new
    return {r for r in missing if kind(r) not in lost}, {r for r in new - old if kind(r) not in gained}


def check(file, server, nis2ldif, directory):
    """Sentences about what is wrong, and the number of names that were compared."""
    ldif, findings = convert(nis2ldif, directory, file, server.dialect)
    mail = Directory(ldif, alias_files.DOMAIN)
    told = server.ask(file)
    wrong = []
    for name, old in told.items():
        new = mail.recipients(mail_address(name))
        if not mail.has(mail_address(name)) and all(r[0] == "bad" for r in old):
            continue # nobody there, then and now
        missing, extra = unexplained(file, name, old, new, findings)
        if missing or extra:
            wrong.append(f"{name}: lost {sorted(missing)}, gained {sorted(extra)}")
    if wrong:
        wrong += ["the map:", file.text, "the report:", *(f"{f[0]}-{f[1]} {f[2]} {f[3]} {f[4]}" for f in findings)]
    return wrong, len(told)


def mail_address(name):
    plain = re.fullmatch(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*", name)
    local = name if plain else '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    return f"{local}@{alias_files.DOMAIN}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("server", choices=("sendmail", "postfix"))
    parser.add_argument("--seed", default="1")
    parser.add_argument("--times", type=int, default=4)
    parser.add_argument("--only", default="")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    module = importlib.import_module(options.server)
    directory = Path(tempfile.mkdtemp(prefix="nis-oracle-"))
    directory.chmod(0o755)  # for the users that a server works as
    nis2ldif = shutil.which(os.environ["NIS2LDIF"])
    files = [f for f in alias_files.make_files(options.seed, options.times, options.server) if options.only in f.title]
    spare = []
    for i in range(os.cpu_count() or 1):
        (directory / f"new{i}").mkdir()
        spare.append((module.Server(os.environ["PACKAGES"], directory / f"old{i}", alias_files.DOMAIN), directory / f"new{i}"))

    def one(file):
        server, folder = spare.pop()
        try:
            return check(file, server, nis2ldif, folder)
        finally:
            spare.append((server, folder))

    failures = names = 0
    with ThreadPoolExecutor(len(spare)) as pool:
        for file, (wrong, asked) in zip(files, pool.map(one, files)):
            names += asked
            if wrong:
                failures += 1
                print(f"FAILED: {file.title}\n  " + "\n  ".join(wrong))
    for server, _ in spare:
        server.close()
    if options.keep:
        print(directory)
    else:
        shutil.rmtree(directory)
    print(f"{len(files)} files, {names} names, {failures} failures")
    return 1 if failures or names < len(files) else 0


if __name__ == "__main__":
    sys.exit(main())
