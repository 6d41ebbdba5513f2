"""trace_by_smtp.py PACKAGES FOLDER MAPS LMTP DELIMITER TRACES: what "mailctl trace -o jsonl" says of addresses, in the file TRACES, is asked of a Postfix with
the maps of MAPS, which delivers to the Dovecot that listens at LMTP: by postmap -q of each address, and by a mail from outside to it. Prints each that differs, and how
many were asked. FOLDER is made. Needs root, as Postfix does."""

import json
import re
import smtplib
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import mail_by_smtp


class Postfix(mail_by_smtp.Postfix):
    def offer(self, address):
        try:
            return super().offer(address)
        except smtplib.SMTPDataError as refusal:
            return str(refusal.smtp_code), None
        except TypeError:  # DATA was answered with something that names no mail
            return "451", None

    def map_of(self, addresses):
        """By which of the maps each address is found first, by its own name."""
        found = {}
        for name, kind in (("forwards", "forward"), ("accounts", "mailbox"), ("aliases", "alias")):
            asked = "".join(f"{a}\n" for a in addresses).encode()
            said = self._run_any("postmap", "-q", "-", f"ldap:{self.maps}/{name}.cf", input=asked).stdout.decode()
            for line in said.splitlines():
                found.setdefault(line.partition("\t")[0].lower(), kind)
        return found

    def _run_any(self, program, *arguments, **options):
        import subprocess
        return subprocess.run([self.packages / "usr/sbin" / program, *arguments], env=self.environment, cwd=self.dir, capture_output=True, timeout=60, **options)


def recipient(text):
    text = text.lower()
    return text if "@" in text else text + "@localhost"


def place(to, status, why):
    if to.lower().endswith("@localhost"):
        return "server"
    if status == "sent" and why in ("out", "relay", "list"):
        return why
    return {"sent": "mailbox"}.get(status, status)


PLACES = {"mailbox": "mailbox", "list server": "list", "backup": "relay", "outside": "out", "server": "server"}


def expected(trace):
    """What Postfix has to do by the trace."""
    if trace["outcome"] == "deferred":
        return "451"
    if trace["outcome"] in ("refused", "outside"):
        return "55x"
    places = {(recipient(d["recipient"]), PLACES[d["kind"]]) for d in trace["destinations"]}
    return places | {(recipient(d["address"]), "bounced") for d in trace["losses"]}


def main():
    packages, folder, maps, lmtp, delimiter, traces = sys.argv[1:]
    traces = [json.loads(line) for line in open(traces)]
    ways = {"default_transport": "discard:out", "relay_transport": "discard:relay", "virtual_transport": f"lmtp:unix:{lmtp}", "mynetworks": "127.0.0.2",
            "smtpd_relay_restrictions": "permit_mynetworks, reject_unauth_destination", "smtpd_error_sleep_time": "0", "recipient_delimiter": delimiter,
            "smtpd_recipient_limit": "2000"}
    mta = Postfix(packages, folder, "mail.example", Path(maps), **ways)
    mta.maps = maps
    differ = 0
    try:
        by_map = mta.map_of([t["address"] for t in traces])
        offered = [mta.offer(t["address"]) for t in traces]
        told = mta.deliveries([mail for _, mail in offered if mail])
        for trace, (refusal, mail) in zip(traces, offered):
            wanted = expected(trace)
            got = {"550": "55x", "554": "55x"}.get(refusal, refusal) if refusal else {(recipient(to), place(to, status, why)) for to, status, why in told[mail]}
            if got != wanted:
                differ += 1
                print(f"{trace['address']}: Postfix {got if isinstance(got, str) else sorted(got - set(wanted))[:5]}, trace {wanted if isinstance(wanted, str) else sorted(wanted - set(got))[:5]}: "
                      f"{trace['sentence'][:300]}")
            first = trace["steps"][0]
            kind = {"mailing list": "alias", "catch-all": None, "nobody": None}.get(first["kind"], first["kind"])
            if (first["entry"] or "").lower() != trace["address"].lower():
                kind = None
            if kind != by_map.get(trace["address"].lower()):
                differ += 1
                print(f"{trace['address']}: postmap {by_map.get(trace['address'].lower())}, trace {kind}")
    finally:
        mta.close()
    print(len(traces), "asked;", ", ".join(f"{n} {word}" for word, n in sorted(Counter(t["outcome"] for t in traces).items())))
    sys.exit(differ > 0)


main()
