#!/usr/bin/env python3
"""Times whole processes against each other and says how many times faster ours is.

    compare.py --title TEXT --rounds N --ours NAME [OPTION]... NAME=COMMAND...

The commands run in turn, round by round, so that what disturbs the machine disturbs all of them. COMMAND is run by a shell, in which $RUN is another
number in each round, so that it can write to new files, and $PROGRAM is its name. What is measured is the time until the process has ended, the time of the processors that it and
its children took, with --server that of a server meanwhile, and the most memory that it or one of its children held. Writes a table in Markdown to
standard output and appends it to the file of results. A target that is missed is said; it is no failure, for the speed of a machine is none.

    --before COMMAND, --after COMMAND   run around each, untimed
    --items N              how many things a command does: the table has how many a second
    --server PIDFILE       of a server that does part of the work; may be given several times
    --target NAME=RATIO    ours shall be so many times as fast as NAME
    --at-most SECONDS      ours shall take no longer for one of its items
    --at-least N           ours shall do so many a second
    --memory MB            ours shall hold no more
    --results FILE         where the table goes
    --data FILE            where the figures go, for another program: a line for each command, with tabs
"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Figures:
    clock: list = field(default_factory=list)
    own: list = field(default_factory=list)  # seconds of processors
    served: list = field(default_factory=list)
    memory: int = 0  # KiB

    @property
    def median(self):
        return statistics.median(self.clock)

    @property
    def processors(self):
        return statistics.median(map(sum, zip(self.own, self.served)))


def processor_time(pidfile):
    with open(pidfile) as file:
        pid = file.read().strip()
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def run(command, number, program):
    """Its seconds of processors, and the most memory in KiB. That time(1) tells: to us a child holds at least what we do, which it was forked from."""
    with tempfile.NamedTemporaryFile("r") as memory:
        argv = ["/usr/bin/time", "-q", "-f", "%M", "-o", memory.name, "bash", "-c", command]
        child = subprocess.Popen(argv, env={**os.environ, "RUN": str(number), "PROGRAM": program}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        errors = child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            sys.exit(f"compare.py: {command!r} ended with {child.returncode}: {errors.decode(errors='replace')[-500:]}")
        return usage.ru_utime + usage.ru_stime, int(memory.read())


def measure(command, number, program, servers, figures):
    before = sum(map(processor_time, servers))
    start = time.monotonic()
    own, memory = run(command, number, program)
    figures.clock.append(time.monotonic() - start)
    figures.own.append(own)
    figures.served.append(sum(map(processor_time, servers)) - before)
    figures.memory = max(figures.memory, memory)


def seconds(value):
    return f"{value * 1000:.1f} ms" if value < 0.1 else f"{value:.2f} s"


def wanted(limit, is_met):
    return limit + ("" if is_met else ", missed")


def wanted_of_ours(ours, arguments):
    limits = []
    if arguments.at_most:
        limits.append(wanted(f"{seconds(arguments.at_most)} each" if arguments.items > 1 else seconds(arguments.at_most), ours.median <= arguments.at_most * arguments.items))
    if arguments.at_least:
        limits.append(wanted(f"{arguments.at_least:,.0f} a second", arguments.items >= arguments.at_least * ours.median))
    if arguments.memory:
        limits.append(wanted(f"{arguments.memory:g} MB", ours.memory <= arguments.memory * 1024))
    return "; ".join(limits)


def table(figures, arguments):
    ours = figures[arguments.ours]
    targets = {name: float(ratio) for name, ratio in (t.split("=", 1) for t in arguments.target)}
    rows = []
    for name, f in figures.items():
        row = {"program": name, "median": seconds(f.median), "best": seconds(min(f.clock)), "worst": seconds(max(f.clock))}
        if arguments.items > 1:
            row["a second"] = f"{arguments.items / f.median:,.0f}"
        row["processors"] = seconds(statistics.median(f.own))
        if arguments.server:
            row["slapd's"] = seconds(statistics.median(f.served))
        row["most memory"] = f"{f.memory / 1024:.0f} MB"
        peer = name != arguments.ours
        ratio = f.median / ours.median
        row[f"{arguments.ours} is faster by"] = f"{ratio:.2f} x" if peer else ""
        row["by processors"] = f"{f.processors / ours.processors:.2f} x" if peer and ours.processors else ""
        row["wanted"] = wanted(f"{targets[name]:g} x", ratio >= targets[name]) if name in targets else "" if peer else wanted_of_ours(ours, arguments)
        rows.append(row)
    lines = [f"### {arguments.title}", "", "| " + " | ".join(rows[0]) + " |", "| --- |" + " --: |" * (len(rows[0]) - 1)]
    return "\n".join(lines + ["| " + " | ".join(row.values()) + " |" for row in rows]) + "\n\n"


def append(path, text):
    if path:
        with open(path, "a") as out:
            out.write(text)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--title", required=True)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--ours", required=True)
    parser.add_argument("--before")
    parser.add_argument("--after")
    parser.add_argument("--items", type=int, default=1)
    parser.add_argument("--server", action="append", default=[])
    parser.add_argument("--target", action="append", default=[])
    parser.add_argument("--at-most", type=float)
    parser.add_argument("--at-least", type=float)
    parser.add_argument("--memory", type=float)
    parser.add_argument("--results")
    parser.add_argument("--data")
    parser.add_argument("commands", nargs="+")
    arguments = parser.parse_args()
    commands = dict(c.split("=", 1) for c in arguments.commands)

    figures = {name: Figures() for name in commands}
    for number in range(arguments.rounds):
        for name, command in commands.items():
            if arguments.before:
                run(arguments.before, number, name)
            measure(command, number, name, arguments.server, figures[name])
            if arguments.after:
                run(arguments.after, number, name)

    text = table(figures, arguments)
    print(text, end="", flush=True)
    append(arguments.results, text)
    append(arguments.data, "".join(f"{arguments.title}\t{name}\t{f.median / arguments.items:.6f}\t{f.processors / arguments.items:.6f}\t{f.memory}\n" for name, f in figures.items()))


if __name__ == "__main__":
    main()
