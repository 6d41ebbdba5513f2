"""trace_both_ways.py TRACES SENDERS: what "mailctl trace" and "mailctl trace --to" say of the same directory, each as JSON lines, agrees. Prints what does not."""

import json
import sys

# Two entries have one address, or one has two: Postfix asks the first map that knows it, and --to tells of all.
ODD = ("both@", "twin@", "former@", "latter@")

traces = {t["address"].lower(): t for t in map(json.loads, open(sys.argv[1]))}
senders = {s["address"].lower(): s["senders"] for s in map(json.loads, open(sys.argv[2]))}
comes_by = {a: {(s["entry"] or "").lower() for s in t["steps"]} for a, t in traces.items()}
bad = told = 0
for address, all_senders in senders.items():
    names = {s["address"].lower() for s in all_senders}
    told += len(names)
    # Whatever has an entry of its own, and leads mail here, is told.
    for name, entries in comes_by.items():
        has_own = (traces[name]["steps"][0]["entry"] or "").lower() == name
        if name != address and has_own and address in entries and name not in names:
            bad += 1
            print(f"--to {address} does not tell of {name}")
    # Whatever is told to send here does.
    for s in all_senders:
        name = s["address"].lower()
        if not s["sends"] or s["kind"] == "vacation forward" or name.startswith(ODD) or name not in traces or name not in comes_by[name]:
            continue
        if address in map(str.lower, s["to"]) and traces[name]["outcome"] not in ("refused", "outside", "deferred") and address not in comes_by[name]:
            bad += 1
            print(f"--to {address} tells of {name}, which does not lead there")
print(f"{len(senders)} addresses, {told} senders")
sys.exit(bad > 0 or told < len(senders) / 2)
