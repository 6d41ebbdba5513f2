"""Follows mail through LDIF as Postfix does with virtual alias maps on Phamm data: aliases and active forwards until accounts or outside addresses."""

import base64


def read_ldif(text):
    """Each entry as attribute (in lower case) -> values."""
    for block in text.replace("\n ", "").split("\n\n"):
        entry = {}
        for line in block.split("\n"):
            attribute, colon, value = line.partition(":")
            if not colon or attribute.startswith("#"):
                continue
            decoded = base64.b64decode(value[1:]).decode() if value.startswith(":") else value.lstrip(" ")
            entry.setdefault(attribute.lower(), []).append(decoded)
        if entry:
            yield entry


class Directory:
    def __init__(self, ldif, domain):
        self.domain = "@" + domain
        self.owner = {}  # address -> login
        self.leads = {}  # address -> addresses
        for entry in read_ldif(ldif):
            classes = {c.lower() for c in entry["objectclass"]}
            if "virtualmailaccount" in classes:
                address = entry["mail"][0].lower()
                self.owner[address] = entry["uid"][0].lower()
                if entry.get("forwardactive") == ["TRUE"]:
                    self.leads[address] = [d.lower() for d in entry["maildrop"]]
            elif "virtualmailalias" in classes:
                assert entry["mail"][0].lower() not in self.leads, f"{entry['mail'][0]} is there twice"
                self.leads[entry["mail"][0].lower()] = [d.lower() for d in entry["maildrop"]]

    def has(self, address):
        return address.lower() in self.leads or address.lower() in self.owner

    def recipients(self, address):
        """The set of (kind, name) that mail to the address reaches."""
        address = address.lower()
        if not self.has(address):
            return set()
        found = set()
        self._follow(address, (), found, set())
        return found

    def _follow(self, address, path, found, done):
        if address in done:
            return
        if address in path:
            # Postfix (cleanup_map1n.c) expands an address once that is among its own targets.
            if address not in self.leads[address]:
                found.add(("loop", address))
            return
        if address in self.leads:
            for to in self.leads[address]:
                if to != address:
                    self._follow(to, (*path, address), found, done)
                elif address in self.owner:
                    found.add(("user", self.owner[address]))
                else:
                    found.add(("loop", address))
        elif address in self.owner:
            found.add(("user", self.owner[address]))
        elif address.endswith(self.domain):
            found.add(("dead", address))
        else:
            found.add(("outside", address))
        done.add(address)
