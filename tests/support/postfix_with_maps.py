"""A private Postfix with the maps and lines of main.cf that an administrator takes from schema/postfix. Needs root, as Postfix does."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from nis_oracle import postfix


def split(text):
    """Parameters of main.cf by name."""
    found, name = {}, None
    for line in text.splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if line[0].isspace():
            found[name] += " " + line.strip()
            continue
        name, _, value = line.partition("=")
        name = name.strip()
        found[name] = value.strip()
    return found


class Postfix(postfix.Server):
    """With the lines of the files in maps, which count more than those that all have, and with those that are given, which count most."""

    services = postfix.SERVICES + "lmtp unix - - n - - lmtp\nsmtp unix - - n - - smtp\n"

    def __init__(self, packages, directory, domain, maps, **given):
        ours = split((maps / "main.cf").read_text()) | split((maps / "main-lists.cf").read_text())
        lines = split(postfix.CONFIGURATION) | {name: value.replace("{", "{{").replace("}", "}}") for name, value in ours.items()}
        # Nobody tells of quotas here, and nobody is waited for.
        lines |= {"mydestination": "localhost", "myorigin": "localhost", "smtpd_policy_service_try_limit": "1"} | given
        # Its programs are in no chroot, and who would ask for them may not read where the packages are.
        self.configuration = "".join(f"{name} = {value}\n" for name, value in lines.items()).replace("proxy:", "")
        super().__init__(packages, directory, domain)

    def _make_folders(self):
        super()._make_folders()
        (self.dir / "conf/dynamicmaps.cf").write_text("ldap postfix-ldap.so dict_ldap_open\n")
