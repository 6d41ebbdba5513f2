"""trace_by_smtp.py PACKAGES FOLDER MAPS LMTP DELIMITER TRACES: what "mailctl trace -o jsonl" says of addresses, in the file TRACES, is asked of a Postfix with
the maps of MAPS, which delivers to the Dovecot that listens at LMTP: by postmap -q of each address, and by mails from outside to all of them, which it tells apart in its log. Prints each that differs, and how
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
    def offer_all(self, addresses, alone):
        """Many addresses by few mails: the code by which each was refused, and the names of the mails in the queue. Those that are likely to spoil a mail for the others, or take
        long, get one of their own."""
        refused, mails = {}, []
        for batch in [*batches([a for a in addresses if a not in alone], 200), *([a] for a in alone)]:
            self._offer_batch(batch, refused, mails)
        return refused, mails

    def _offer_batch(self, batch, refused, mails):
        with mail_by_smtp.Client(str(self.dir / "queue/public/outside"), timeout=60) as client:
            client.ehlo("client.example.com")
            client.mail("sender@example.com")
            codes = {address: client.rcpt(address)[0] for address in batch}
            refused |= {address: str(code) for address, code in codes.items() if code != 250}
            taken = [address for address, code in codes.items() if code == 250]
            if not taken:
                return
            try:
                code, said = client.data("Subject: hello\r\n\r\nhello\r\n")
            except smtplib.SMTPDataError as refusal:
                code = refusal.smtp_code
        if code == 250:
            mails.append(re.search(rb"queued as (\w+)", said)[1].decode())
        elif len(taken) == 1:
            refused[taken[0]] = str(code)
        else:  # one of them is what no mail is taken for
            self._offer_batch(taken[:len(taken) // 2], refused, mails)
            self._offer_batch(taken[len(taken) // 2:], refused, mails)

    def deliveries_by_asked(self, mails):
        """What the log says of mails, until it has said all: the address that was asked for -> {(recipient, status, why)}."""
        found, left = {}, set(mails)
        while left:
            for line in self._new_lines():
                if m := re.search(r" postfix/\w+\[\d+\]: (\w+): removed$", line):
                    left.discard(m[1])
                elif (m := re.search(r" postfix/\w+\[\d+\]: (\w+): to=<(.*?)>, (?:orig_to=<(.*?)>, )?relay=.*status=(\w+) \((.*)\)", line)) and m[1] in mails:
                    found.setdefault(plain(m[3] or m[2]), set()).add((m[2], m[4], m[5]))
        return found

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


def plain(address):
    """In the one spelling of the log: lower case, without quotes that it needs not."""
    local, _, domain = address.lower().rpartition("@")
    if local.startswith('"'):
        bare = re.sub(r"\\(.)", r"\1", local[1:-1])
        local = bare if re.fullmatch(r"[^\s()<>@,;:\\\".\[\]]+(\.[^\s()<>@,;:\\\".\[\]]+)*", bare) else local
    return f"{local}@{domain}"


def batches(addresses, size):
    """Postfix takes two spellings of one address in one mail for the same recipient."""
    rounds = []
    for address in addresses:
        place = next((r for r in rounds if plain(address) not in r), None)
        if place is None:
            rounds.append(place := {})
        place[plain(address)] = address
    for r in rounds:
        all_of_it = list(r.values())
        yield from (all_of_it[i:i + size] for i in range(0, len(all_of_it), size))


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
            "smtpd_recipient_limit": "2000", "smtpd_hard_error_limit": "100000", "smtpd_soft_error_limit": "100000"}
    mta = Postfix(packages, folder, "mail.example", Path(maps), **ways)
    mta.maps = maps
    differ = 0
    try:
        by_map = mta.map_of([t["address"] for t in traces])
        alone = {t["address"]: t for t in traces if t["outcome"] == "deferred" or len(t["steps"]) > 100}
        refused, mails = mta.offer_all([t["address"] for t in traces], alone)
        told = mta.deliveries_by_asked(mails)
        for trace in traces:
            wanted, refusal = expected(trace), refused.get(trace["address"])
            became = told.get(plain(trace["address"]), ())
            got = {"550": "55x", "554": "55x"}.get(refusal, refusal) if refusal else {(recipient(to), place(to, status, why)) for to, status, why in became}
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
