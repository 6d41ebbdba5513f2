"""Lets Postfix deliver mail and reads in its log where that went. Needs root: master and local work as several users."""

import os
import re
import subprocess
import time
from pathlib import Path

CONFIGURATION = """
compatibility_level = 3.6
queue_directory = {dir}/queue
data_directory = {dir}/data
daemon_directory = {packages}/usr/lib/postfix/sbin
command_directory = {packages}/usr/sbin
shlib_directory = {packages}/usr/lib/postfix
meta_directory = {dir}/conf
mail_owner = postfix
setgid_group = postdrop
default_privs = nobody
import_environment = {variables}
export_environment = {variables}
maillog_file = {dir}/log
maillog_file_prefixes = {dir}
inet_interfaces = loopback-only
inet_protocols = ipv4
myhostname = mail.{domain}
mydomain = {domain}
myorigin = {domain}
mydestination = {domain}, localhost, localhost.localdomain
mynetworks = 127.0.0.1
alias_maps = hash:{dir}/aliases
alias_database = hash:{dir}/aliases
default_transport = discard:
relay_transport = discard:
forward_path =
mailbox_transport_maps = texthash:{dir}/users
mailbox_transport = error:5.1.1 nobody of this name
allow_mail_to_commands =
allow_mail_to_files =
recipient_delimiter = +
notify_classes =
in_flow_delay = 0
maximal_queue_lifetime = 0
bounce_queue_lifetime = 0
"""

SERVICES = """
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
local unix - n n - - local
discard unix - - n - - discard
error unix - - n - - error
retry unix - - n - - error
postlog unix-dgram n - n - 1 postlogd
"""

MAIL_USER, MAIL_GROUP, NOBODY = 65533, 65532, 65534
MOST_LOGINS = 100
PATIENCE = 30  # seconds


class Server:
    """One Postfix without a port, with its files in a folder of its own."""

    dialect = "postfix"
    configuration, services = CONFIGURATION, SERVICES

    def __init__(self, packages, directory, domain):
        self.packages, self.dir, self.domain = Path(packages), Path(directory), domain
        self.age = 0
        self._make_folders()
        self.environment = {
            "PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "LD_LIBRARY_PATH": str(self.packages / "usr/lib/postfix"), "LD_PRELOAD": "libnss_wrapper.so",
            "NSS_WRAPPER_PASSWD": str(self.dir / "passwd"), "NSS_WRAPPER_GROUP": str(self.dir / "group"), "MAIL_CONFIG": str(self.dir / "conf"),
        }
        (self.dir / "passwd").write_text(
            "root:x:0:0::/root:/bin/sh\n"
            f"postfix:x:{MAIL_USER}:{MAIL_USER}::/:/bin/false\nnobody:x:{NOBODY}:{NOBODY}::/:/bin/false\n")
        (self.dir / "group").write_text(f"root:x:0:\npostfix:x:{MAIL_USER}:\npostdrop:x:{MAIL_GROUP}:\nnogroup:x:{NOBODY}:\n")
        (self.dir / "users").write_text("".join(f"u{i} discard:\n" for i in range(MOST_LOGINS)))
        (self.dir / "aliases").write_text("")
        variables = " ".join(self.environment)
        (self.dir / "conf/main.cf").write_text(self.configuration.format(dir=self.dir, packages=packages, domain=domain, variables=variables))
        (self.dir / "conf/master.cf").write_text(self.services)
        self._run("postalias", "aliases")
        self.log = None
        # It ends with this process, however that ends, and its programs end with it.
        self.master = subprocess.Popen(["sh", "-c", '"$0" -d </dev/null & read -r _; kill $! && wait', self.packages / "usr/lib/postfix/sbin/master"],
                                       env=self.environment, cwd=self.dir, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._wait_for(lambda: (self.dir / "log").exists() and "daemon started" in (self.dir / "log").read_text())
        self.log = open(self.dir / "log", encoding="utf-8", errors="replace")

    def _make_folders(self):
        self.dir.mkdir(mode=0o755)
        for name in ("conf", "data", "queue", "queue/pid"):
            (self.dir / name).mkdir(mode=0o755)
        os.chown(self.dir / "data", MAIL_USER, -1)
        for name in ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace"):
            folder = self.dir / "queue" / name
            folder.mkdir(mode=0o700)
            os.chown(folder, MAIL_USER, -1)
        for name, mode in (("maildrop", 0o730), ("public", 0o710)):
            folder = self.dir / "queue" / name
            folder.mkdir()
            folder.chmod(mode)
            os.chown(folder, MAIL_USER, MAIL_GROUP)

    def _run(self, program, *arguments, **options):
        return subprocess.run([self.packages / "usr/sbin" / program, *arguments], env=self.environment, cwd=self.dir, check=True, capture_output=True,
                              timeout=PATIENCE, **options)

    def _wait_for(self, condition):
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end or self.master.poll() is not None:
                raise AssertionError(f"Postfix does not go on, see {self.dir}/log")
            time.sleep(0.005)

    def close(self):
        self.master.stdin.close()
        self.master.wait()
        self.log.close()

    def ask(self, file):
        """local part -> set of (kind, name) for all that the file has."""
        assert len(file.logins) <= MOST_LOGINS
        (self.dir / "aliases").write_text(file.text)
        self._run("postalias", "aliases")
        # Its programs see that a map is another by the second of its time.
        self.age += 2
        os.utime(self.dir / "aliases.db", (self.age, self.age))
        names = {f"{self._quoted(name)}@{self.domain}": name for name in file.asked() if name.isascii()}
        found = {name: set() for name in names.values()}
        self._run("sendmail", "-f", "<>", "-oi", "--", *names, input=b"Subject: where to?\n\n")
        for asked, program, to, status, why in self._deliveries():
            name = asked.rpartition("@")[0].lower().strip('"')
            if name in found:
                found[name].add(self._recipient(program, to, status, why))
        return found

    def _deliveries(self):
        """All deliveries of the mail that was sent last, and of those that it was forwarded as, each with the recipient that was asked for."""
        deliveries, removed, mails = {}, set(), {}
        while not mails or not removed.issuperset(mails):
            for line in self._new_lines():
                m = re.search(r" postfix/(\w+)\[\d+\]: ([0-9A-F]{6,}): (.*)", line)
                if not m:
                    continue
                program, mail, text = m.groups()
                if text == "removed":
                    removed.add(mail)
                elif program == "pickup":
                    mails[mail] = None
                elif m := re.fullmatch(r"to=<(.*?)>, (?:orig_to=<(.*?)>, )?relay=.*?, status=(\w+) \((.*)\)", text):
                    deliveries.setdefault(mail, []).append((m[2] or m[1], program, m[1], m[3], m[4]))
            for mail in [*mails]:
                for asked, _, _, _, why in deliveries.get(mail, ()):
                    if f := re.fullmatch(r"forwarded as (\w+)", why):
                        # What has an owner is forwarded without the recipient that it was for.
                        mails.setdefault(f[1], mails[mail] or asked)
        return [(mails[mail] or d[0], *d[1:]) for mail in mails for d in deliveries.get(mail, ()) if not d[4].startswith("forwarded as ")]

    def _new_lines(self):
        text = ""

        def read():
            nonlocal text
            text += self.log.read()
            return text.endswith("\n")

        self._wait_for(read)
        return text.splitlines()

    def _recipient(self, program, to, status, why):
        local, _, domain = to.lower().rpartition("@")
        if program == "discard" and status == "sent":
            return ("user", local.partition("+")[0]) if domain in (self.domain, "localhost") else ("outside", re.sub(r'^"([a-z0-9#._-]+)"@', r"\1@", to.lower()))
        if why == "mail to command is restricted":
            return ("program", to)
        if why == "mail to file is restricted":
            return ("file", to)
        return ("bad", f"{to}: {why}")

    @staticmethod
    def _quoted(name):
        return name if re.fullmatch(r"[^\s\",@()<>:;\\]+", name) else '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
