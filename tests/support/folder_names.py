#!/usr/bin/env python3
"""Makes a tree of mboxes with odd names, and opens each folder that came of it.

usage: folder_names.py make DIR SEED COUNT             COUNT mboxes of one message each below DIR
       folder_names.py open MAILDIR SOCKET USER PASSWORD

open selects each folder of the Maildir at an IMAP server by its name, and prints those that are not opened or do not hold one message; then how many there are.
Exit status 1: there were some.
"""
import os
import random
import sys

import imap

PIECES = ["a", "work", "INBOX", "Inbox", "inbox", "~", "~ada", " ", ".", "_", "&", "-", "&-", "&IKw-", "&AGE-", "&AAo-", "&2D0-", "&2D3eAA-", "&AC8-", "&AOk", "é", "日本",
          "\U0001F600", "e\u0301", "\u0085", "\ufeff", '"', "\\", "*", "%", "#news", "{5}", "(x)", "]", "\t", "\x7f", "'", "$HOME", "cur", "new", "tmp", "!", "+,", "=", "Trash"]
BYTES = [b"\xe9", b"\xff", b"\xc3", b"\x80"]
MBOX = b"From a@b Thu Nov 20 15:30:00 2003\nSubject: x\n\nx\n"


def name(dice):
    pieces = [dice.choice(PIECES).encode() for _ in range(dice.choice([1, 1, 2, 3]))]
    if dice.random() < 0.15:
        pieces.append(dice.choice(BYTES))
    return b"".join(pieces)


def make(directory, seed, count):
    dice = random.Random(int(seed))
    top = os.fsencode(directory)
    os.makedirs(top)
    made = 0
    while made < int(count):
        parts = [name(dice) for _ in range(dice.choice([1, 1, 2, 3]))]
        if any(part in (b".", b"..") or part in (b"cur", b"new", b"tmp") for part in parts):
            continue
        if any(part.startswith(b".") for part in parts[:-1]):  # hidden directories are left out
            continue
        parents = [part + b".sbd" if dice.random() < 0.3 else part for part in parts[:-1]]
        path = os.path.join(top, *parents, parts[-1])
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "xb") as file:
                file.write(MBOX)
        except OSError:  # there is one of this name, of the other kind
            continue
        made += 1


def open_all(maildir, place, user, password):
    client, _ = imap.log_in(place, user, password)
    folders = ["INBOX"] + sorted(entry[1:] for entry in os.listdir(maildir) if entry.startswith("."))
    wrong = 0
    for folder in folders:
        status, data = client.select(imap.quoted(folder), True)
        if status == "OK" and (data == [b"1"] or folder == "INBOX"):
            continue
        wrong += 1
        print(repr(folder), status, data)
    client.logout()
    print(len(folders), "folders,", wrong, "wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(*sys.argv[2:])
    else:
        sys.exit(open_all(*sys.argv[2:]))
