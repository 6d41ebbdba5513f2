#!/usr/bin/env python3
"""The binary interface of libvmail as text: what it exports, how its public classes lie in memory, and the values of its enumerations.

usage: interface.py LIBRARY HEADERS_ROOT HEADER...     HEADER as it is included, "vmail/address.hpp"

g++ names the classes, clang says where their members are; templates and what the compiler emits for each user are not the library's.
"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path


def run(*command, cwd=None):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"interface: {command[0]} ended with {done.returncode}: {done.stderr[:2000]}")
    return done.stdout


def exported(library):
    """Functions and variables, type informations and tables; not the inline ones that any program has as well."""
    for line in run("nm", "-D", "-C", "--defined-only", library).splitlines():
        kind, name = line.split(None, 2)[1:]
        if kind in "TDBRV" and re.search(r"\bvmail::", name):
            yield f"{'data' if kind == 'V' else 'code'} {name}"


def classes(folder, root):
    run("g++", "-std=c++20", f"-I{root}", "-fsyntax-only", "-fdump-lang-class=classes", "all.cpp", cwd=folder)
    named = re.findall(r"^Class (vmail::[\w:]+)$", (folder / "classes").read_text(), re.M)
    return sorted(set(named))


def layouts(folder, root, names):
    sized = "".join(f"static_assert(sizeof({name}) > 0);\n" for name in names)
    (folder / "sized.cpp").write_text((folder / "all.cpp").read_text() + sized)
    shown = run("clang++", "-std=c++20", f"-I{root}", "-fno-access-control", "-fsyntax-only", "-Xclang", "-fdump-record-layouts", "sized.cpp", cwd=folder)
    wanted = set(names)
    for record in shown.split("*** Dumping AST Record Layout\n")[1:]:
        lines = record.rstrip("\n").split("\n")
        head = re.match(r" +0 \| (?:class|struct|union) (vmail::[\w:]+)(?: \(empty\))?$", lines[0])
        if not head or head[1] not in wanted:
            continue
        wanted.discard(head[1])
        size = re.search(r"sizeof=(\d+).* align=(\d+)", record, re.S)
        yield f"class {head[1]}: {size[1]} bytes, aligned to {size[2]}"
        for line in lines[1:]:
            if member := re.match(r" +([\d:-]+) \|   (\S.*)$", line):
                yield f"    {member[1]} {member[2]}"
    if wanted:
        sys.exit(f"interface: no layout of {', '.join(sorted(wanted))}")


def enumerations(root, headers):
    for header in headers:
        text = re.sub(r"//.*", "", (Path(root) / header).read_text())
        for name, values in re.findall(r"\benum class (?:VMAIL_EXPORT )?(\w+(?: : [\w:]+)?) \{(.*?)\}", text, re.S):
            yield f"enum {header} {name}: {' '.join(values.split())}"


def main(library, root, *headers):
    root = str(Path(root).resolve())
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "all.cpp").write_text("".join(f"#include <{header}>\n" for header in sorted(headers)))
        for line in sorted(set(exported(library))):
            print(line)
        for line in enumerations(root, sorted(headers)):
            print(line)
        # each class with its members, in the order of the names
        blocks = []
        for line in layouts(folder, root, classes(folder, root)):
            blocks.append([line]) if line.startswith("class") else blocks[-1].append(line)
        for block in sorted(blocks):
            print("\n".join(block))


main(*sys.argv[1:])
