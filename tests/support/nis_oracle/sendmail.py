"""Asks Sendmail where mail goes."""

import os
import re
import subprocess
from pathlib import Path

CONFIGURATION = """divert(0)dnl
VERSIONID(`oracle')
OSTYPE(`unknown')
DOMAIN(`generic')
define(`confDOMAIN_NAME', `{domain}')
define(`ALIAS_FILE', `{dir}/aliases')
define(`confFORWARD_PATH', `')
define(`confMAX_ALIAS_RECURSION', `1000')
define(`QUEUE_DIR', `{dir}/queue')
define(`confDONT_BLAME_SENDMAIL', `TrustStickyBit')
define(`confDONT_PROBE_INTERFACES', `true')
define(`confSERVICE_SWITCH_FILE', `{dir}/switch')
define(`confCW_FILE', `-o {dir}/none')
define(`confCR_FILE', `-o {dir}/none')
define(`HELP_FILE', `{dir}/none')
define(`LOCAL_MAILER_PATH', `/bin/true')
define(`LOCAL_SHELL_PATH', `/bin/true')
FEATURE(`nocanonify')
MAILER(`local')
MAILER(`smtp')
"""


class Server:
    """One Sendmail, with the files in a folder of its own."""

    dialect = "sendmail"

    def __init__(self, packages, directory, domain):
        self.packages, self.dir, self.domain = Path(packages), Path(directory), domain
        self.program = self.packages / "usr/libexec/sendmail/sendmail"
        self.dir.mkdir()
        (self.dir / "queue").mkdir(mode=0o700)
        (self.dir / "switch").write_text("hosts files\naliases files\n")
        (self.dir / "hosts").write_text("127.0.0.1 localhost\n")
        (self.dir / "group").write_text("root:x:0:\nusers:x:100:\n")
        (self.dir / "oracle.mc").write_text(CONFIGURATION.format(dir=self.dir, domain=domain))
        macros = self.packages / "usr/share/sendmail/cf"
        made = subprocess.run(["m4", f"-D_CF_DIR_={macros}/", macros / "m4/cf.m4", self.dir / "oracle.mc"],
                              capture_output=True, check=True)
        (self.dir / "oracle.cf").write_bytes(made.stdout)
        # Its users are those of the file, not this machine's.
        self.environment = {
            "PATH": "/usr/bin:/bin", "LC_ALL": "C", "LD_PRELOAD": "libnss_wrapper.so",
            "NSS_WRAPPER_PASSWD": str(self.dir / "passwd"), "NSS_WRAPPER_GROUP": str(self.dir / "group"),
            "NSS_WRAPPER_HOSTS": str(self.dir / "hosts"),
        }

    def _run(self, *arguments):
        done = subprocess.run([self.program, "-C", self.dir / "oracle.cf", *arguments], env=self.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False)
        return done.stdout.decode("utf-8", "replace")

    def close(self):
        """Nothing of it runs."""

    def ask(self, file):
        """local part -> set of (kind, name) for all that the file has."""
        (self.dir / "passwd").write_text(f"root:x:{os.getuid()}:{os.getgid()}:::\n" + file.passwd)
        (self.dir / "aliases").write_text(file.text)
        said = self._run("-bi")
        assert " aliases, longest " in said, said
        return {name: self._recipients(name) for name in file.asked()}

    def _recipients(self, name):
        local = name if re.fullmatch(r"[^\s\",@()<>:;\\]+", name) else '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
        found = set()
        for line in self._run("-bv", "--", f"{local}@{self.domain}").rstrip("\n").split("\n"):
            found.add(self._recipient(line))
        return found

    def _recipient(self, line):
        m = re.fullmatch(r"(?s)(.*)\.\.\. deliverable: mailer (\S+), (?:host (.*?), )?user (.*)", line)
        if not m:
            return ("bad", line)
        mailer, user = m[2], m[4].strip()
        if mailer == "local":
            return ("user", user.lstrip("\\").strip('"').lower())
        if mailer == "prog":
            return ("program", user)
        if mailer == "*file*":
            return ("file", user)
        return ("outside", re.sub(r'^"([a-z0-9#._-]+)"@', r"\1@", user.lower()))
