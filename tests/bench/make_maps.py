#!/usr/bin/env python3
"""Writes passwd, shadow, group and aliases of a made-up site into a folder; the same arguments give the same bytes.

    make_maps.py FOLDER USERS ALIASES

All is plain ASCII, which the tools that are compared can read. One user in ten shares his name with an earlier one; one alias
in twenty is a list, one in ten a forward to the outside, one in a hundred leads to another alias.
"""
import random
import sys
from pathlib import Path

ONSETS = ["b", "br", "c", "ch", "d", "f", "fr", "g", "gr", "l", "m", "n", "p", "pr", "r", "s", "st", "t", "tr", "v", "z"]
VOWELS = ["a", "e", "i", "o", "u", "ia", "io"]
FIRST_NAMES = """Ada Aldo Alice Anna Bruno Carla Carlo Dario Diana Elena Elio Emma Ettore Fabio Franca Giulia Guido Ida Irene
Ivo Laura Lidia Luca Luigi Marco Maria Marta Mauro Nadia Nora Olga Paola Paolo Piero Rita Sara Silvia Tullio Ugo Vera""".split()
CRYPT64 = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SHELLS = ["/bin/bash", "/bin/tcsh", "/bin/sh", "/sbin/nologin"]


def surname(rng):
    return "".join(rng.choice(ONSETS) + rng.choice(VOWELS) for _ in range(rng.randint(2, 4))).capitalize()


def digest(rng, length):
    return "".join(rng.choices(CRYPT64, k=length))


def names(rng, users):
    made = []
    for i in range(users):
        if made and i % 10 == 9:
            made.append(rng.choice(made))
        else:
            made.append((rng.choice(FIRST_NAMES), surname(rng) + (surname(rng).lower() if i % 2 else "")))
    return made


def write_users(rng, folder, users):
    # Hashes repeat every few thousand lines: making a million of them is most of the time otherwise.
    hashes = ["$6$" + digest(rng, 8) + "$" + digest(rng, 86) for _ in range(4096)]
    with open(folder / "passwd", "w") as passwd, open(folder / "shadow", "w") as shadow:
        for i, (first, last) in enumerate(names(rng, users)):
            login = f"{first[0].lower()}{last[:6].lower()}{i}"
            room = f"Room {i % 400},+39 040 {1000 + i % 9000},{2000 + i % 7000}" if i % 3 == 0 else ",,"
            passwd.write(f"{login}:x:{1000 + i}:{100 + i % 50}:{first} {last},{room}:/home/{login}:{SHELLS[i % 4]}\n")
            shadow.write(f"{login}:{hashes[(i * 2654435761) % 4096]}:{12000 + i % 8000}:0:99999:7:::\n")
            yield login


def write_aliases(rng, folder, logins, aliases):
    with open(folder / "aliases", "w") as out:
        for i in range(aliases):
            login = logins[i % len(logins)]
            if i % 20 == 0:
                members = ", ".join(rng.choice(logins) for _ in range(rng.randint(2, 12)))
                out.write(f"list-{i}: {members}\n")
            elif i % 10 == 1:
                out.write(f"guest-{i}: {login}@host{i % 97}.example.net\n")
            elif i % 100 == 2:
                out.write(f"chain-{i}: list-{i - 2}\n")
            else:
                out.write(f"{login}.{i}: {login}\n")


def write_groups(folder, logins):
    with open(folder / "group", "w") as out:
        for g in range(50):
            out.write(f"group{g}:x:{100 + g}:{','.join(logins[g:2000:50])}\n")


def main():
    folder, users, aliases = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(20261121)
    logins = list(write_users(rng, folder, users))
    write_aliases(rng, folder, logins, aliases)
    write_groups(folder, logins)


if __name__ == "__main__":
    main()
