#!/usr/bin/env python3
"""Gives the mailboxes of an LDIF an end, and nobody has changed them for forty days.

    many_mailboxes N | dated.py N ENDED DUE

The first ENDED % of N ended long ago, and are disabled; the DUE behind them ended yesterday, and the others end on the days of the next years.
"""
import datetime
import sys

count, ended, due = (int(a) for a in sys.argv[1:])
first = count * ended // 100
now = datetime.datetime.now(datetime.timezone.utc)


def stamp(days, number=0):
    return (now + datetime.timedelta(days=days, seconds=number % 86400)).strftime("%Y%m%d%H%M%S")


def end_of(i):
    return stamp(-400 - i % 1500, i) if i < first else stamp(-1, i % 3600) if i < first + due else stamp(3 + i % 900, i)


changed = stamp(-40)
i = 0
for line in sys.stdin:
    if line == "\n":
        print(f"expireDate: {end_of(i)}\nentryCSN: {changed}.{i % 1000000:06d}Z#000000#000#000000\n")
        i += 1
    elif line == "accountActive: TRUE\n" and i < first:
        print("accountActive: FALSE")
    else:
        print(line, end="")
