#!/bin/bash
# How fast logs are read, in each form, and in how much memory: a site's log of a million lines, and one of four times as many by the same number of accounts. Writes its part of RESULTS.md.
# usage: tests/bench/activity.sh     LINES=1000000 ROUNDS=5 are the defaults
set -euo pipefail
. "$(dirname "$0")/results.bash"
lines=${LINES:-1000000}
program=${ACTIVITY_EVENTS:-$here/../../build/tests/activity-events}
scratch=$(mktemp -d /dev/shm/activity.XXXXXX)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

make_log() { python3 "$here/../support/make_mail_log.py" "$@"; }
for form in syslog rfc3339 json; do make_log "$lines" --form="$form" >"$form"; done
gzip -k syslog
zstd -q -k syslog
make_log $((4 * lines)) --days=56 >longer

results_for activity
python3 - "$results" "$rounds" "$program" <<'PYTHON'
import os, statistics, sys, time

results, rounds, program = sys.argv[1], int(sys.argv[2]), sys.argv[3]
WANTED = 300_000


def run(log):
    """Seconds of the processor, and the most memory in MB."""
    began = time.monotonic()
    pid = os.posix_spawn(program, [program, "--zone=UTC", "--now=1795964400", "counts", log], os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)])
    _, status, used = os.wait4(pid, 0)
    assert status == 0, log
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, time.monotonic() - began


logs = {"syslog": "syslog's time", "rfc3339": "RFC 3339", "json": "journald's JSON", "syslog.gz": "the first by gzip", "syslog.zst": "the first by zstd", "longer": "four times as many lines"}
counts = {log: sum(block.count(b"\n") for block in iter(lambda f=open(log, "rb"): f.read(1 << 20), b"")) for log in ("syslog", "rfc3339", "json", "longer")}
times = {log: [run(log) for _ in range(rounds)] for log in logs}
slow = []
with open(results, "a") as out:
    print("| log | lines | processor | lines a second | most memory |\n| --- | --: | --: | --: | --: |", file=out)
    for log, what in logs.items():
        seconds, memory = statistics.median(t[0] for t in times[log]), max(t[1] for t in times[log])
        lines = counts.get(log, counts["syslog"])
        print(f"| {what} | {lines} | {seconds:.2f} s | {lines / seconds:,.0f} | {memory:.0f} MB |", file=out)
        if lines / seconds < WANTED:
            slow.append(what)
    print(f"\n{WANTED:,} lines a second are wanted" + (": missed by " + ", ".join(slow) if slow else ", and reached by all") + ".", file=out)
PYTHON
