#!/usr/bin/env python3
"""Times whole processes against each other and says how many times faster ours is.

    compare.py --title TEXT --rounds N --ours NAME [--after COMMAND] [--results FILE] [--target NAME=RATIO]... NAME=COMMAND...

The commands run in turn, round by round, so that what disturbs the machine disturbs all of them. COMMAND is run by a shell, in which $RUN is another
number in each round, so that it can write to new files; --after is run behind each, untimed. What is measured is the time until the process has ended, and the most memory that it or
one of its children held. Writes a table in Markdown to standard output and appends it to the file of results. A target that is missed is said; it
is no failure, for the speed of a machine is none.
"""
import argparse
import os
import statistics
import subprocess
import sys
import time


def run(command, number):
    start = time.monotonic()
    child = subprocess.Popen(["bash", "-c", command], env={**os.environ, "RUN": str(number)}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    took = time.monotonic() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1):
        sys.exit(f"compare.py: {command!r} ended with {child.returncode}: {errors.decode(errors='replace')[-500:]}")
    return took, usage.ru_maxrss


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--title", required=True)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--ours", required=True)
    parser.add_argument("--after")
    parser.add_argument("--results")
    parser.add_argument("--target", action="append", default=[])
    parser.add_argument("commands", nargs="+")
    arguments = parser.parse_args()
    commands = dict(c.split("=", 1) for c in arguments.commands)
    targets = {name: float(ratio) for name, ratio in (t.split("=", 1) for t in arguments.target)}

    times = {name: [] for name in commands}
    memory = {name: 0 for name in commands}
    for number in range(arguments.rounds):
        for name, command in commands.items():
            took, most = run(command, number)
            times[name].append(took)
            memory[name] = max(memory[name], most)
            if arguments.after:
                run(arguments.after, number)

    median = {name: statistics.median(t) for name, t in times.items()}
    lines = [f"### {arguments.title}", "", "| program | median | best | worst | most memory | ours is faster by | wanted |", "| --- | --: | --: | --: | --: | --: | --: |"]
    for name in commands:
        ratio = median[name] / median[arguments.ours]
        said = "" if name == arguments.ours else f"{ratio:.1f} x"
        wanted = f"{targets[name]:g} x" + ("" if ratio >= targets[name] else ", missed") if name in targets else ""
        lines.append(f"| {name} | {median[name]:.2f} s | {min(times[name]):.2f} s | {max(times[name]):.2f} s | {memory[name] / 1024:.0f} MB | {said} | {wanted} |")
    table = "\n".join(lines) + "\n\n"
    print(table, end="")
    if arguments.results:
        with open(arguments.results, "a") as out:
            out.write(table)


if __name__ == "__main__":
    main()
