"""Archives of a mailbox, one as it should be and many that nobody should believe, made without any code of ours.

    make_archives.py FOLDER     good.tar.zst, and hostile-NAME.tar.zst with what its refusal has to say in hostile-NAME.says
"""
import hashlib
import io
import subprocess
import sys
import tarfile

folder = sys.argv[1]
ENTRY = b"dn: mail=bob@example.org,vd=example.org,o=hosting,dc=example,dc=tld\nobjectClass: top\nmail: bob@example.org\n"
HEADING = "address: bob@example.org\n"


def info(name, kind=tarfile.REGTYPE, size=0, **more):
    member = tarfile.TarInfo(name)
    member.type, member.size, member.mtime, member.mode = kind, size, 1700000000, 0o700 if kind == tarfile.DIRTYPE else 0o600
    for key, value in more.items():
        setattr(member, key, value)
    return member


def digest_of(mail):
    total = hashlib.sha256()
    for member, data in mail:
        path = member.name[len("mail/"):].encode("utf-8", "surrogateescape")
        kind = {tarfile.REGTYPE: b"f", tarfile.DIRTYPE: b"d", tarfile.SYMTYPE: b"l"}.get(member.type, b"f")
        total.update(kind + str(len(path)).encode() + b":" + path + b"%d %d.0 " % (member.size, member.mtime) + data)
    return total.hexdigest()


def manifest(members, **other):
    told = {"mail": "yes", "files": sum(m.isreg() for m, _ in members), "folders": sum(m.isdir() for m, _ in members), "bytes": sum(m.size for m, _ in members if m.isreg()),
            "others": sum(m.issym() for m, _ in members), "entry-sha256": hashlib.sha256(ENTRY).hexdigest(), "mail-sha256": digest_of(members)}
    told.update(other)
    return ("vmail-archive: 1\n" + HEADING + "".join("%s: %s\n" % pair for pair in told.items())).encode()


def tar_of(members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT, encoding="utf-8", errors="surrogateescape") as tar:
        for member, data in members:
            tar.addfile(member, io.BytesIO(data))
    return out.getvalue()


def write(name, raw, says=None, squeeze=True):
    if squeeze:
        raw = subprocess.run(["zstd", "-q", "-c"], input=raw, stdout=subprocess.PIPE, check=True).stdout
    open("%s/%s.tar.zst" % (folder, name), "wb").write(raw)
    if says is not None:
        open("%s/%s.says" % (folder, name), "w").write(says)


def whole(mail, told=None, first=None, last=None):
    told = manifest(mail) if told is None else told
    members = [first or (info("entry.ldif", size=len(ENTRY)), ENTRY), (info("mail", tarfile.DIRTYPE), b"")] + mail + [(info("manifest", size=len(told)), told)]
    return tar_of(members + (last or []))


good = [(info("mail/" + part, tarfile.DIRTYPE), b"") for part in ("cur", "new", "tmp", ".Sent", ".Sent/cur")]
good += [(info("mail/cur/1.host:2,S", size=6), b"hello\n"), (info("mail/.Sent/cur/2.host:2,S", size=5), b"sent\n"), (info("mail/cur/b\u00f6b", size=1), b"x")]
write("good", whole(good))
write("links", whole(good + [(info("mail/.Out", tarfile.SYMTYPE, linkname="/etc"), b""), (info("mail/cur/passwd", tarfile.SYMTYPE, linkname="../../../../../etc/passwd"), b"")]))


def hostile(name, extra, says, **how):
    write("hostile-" + name, whole(good + extra, **how), says)


def one(path, kind=tarfile.REGTYPE, data=b"evil\n", **more):
    return [(info(path, kind, len(data) if kind == tarfile.REGTYPE else 0, **more), data if kind == tarfile.REGTYPE else b"")]


for name, path in {"absolute": "/etc/cron.d/evil", "absolute-mail": "/mail/cur/evil", "climbs": "mail/../evil", "climbs-deep": "mail/cur/../../../evil", "climbs-first": "../evil",
                   "dot": "mail/./evil", "outside": "evil", "outside-like": "mailx/evil", "double-slash": "mail//evil", "dotdot-end": "mail/cur/.."}.items():
    hostile(name, one(path), "leads elsewhere" if path.startswith("mail/") else "lies outside of the mail")
hostile("hard-link", one("mail/cur/evil", tarfile.LNKTYPE, linkname="/etc/shadow"), "hard link")
hostile("hard-link-within", one("mail/cur/evil", tarfile.LNKTYPE, linkname="mail/cur/1.host:2,S"), "hard link")
hostile("device", one("mail/cur/evil", tarfile.CHRTYPE, devmajor=1, devminor=3), "device")
hostile("block-device", one("mail/cur/evil", tarfile.BLKTYPE, devmajor=8, devminor=0), "device")
hostile("pipe", one("mail/cur/evil", tarfile.FIFOTYPE), "device, a pipe")
hostile("twice", one("mail/cur/1.host:2,S"), "there twice")
hostile("folder-twice", one("mail/cur", tarfile.DIRTYPE), "there twice")
hostile("through-file", one("mail/cur/1.host:2,S/evil"), "before its folder")
hostile("through-link", one("mail/cur/way", tarfile.SYMTYPE, linkname="/tmp") + one("mail/cur/way/evil"), "before its folder")
hostile("no-folder", one("mail/nowhere/evil"), "before its folder")
hostile("mail-twice", one("mail", tarfile.DIRTYPE), "twice")
hostile("mail-as-link", one("mail", tarfile.SYMTYPE, linkname="/etc"), "twice")
hostile("second-entry", one("entry.ldif"), "lies outside of the mail")
hostile("after-manifest", [], "after its manifest", last=one("mail/cur/late"))
hostile("second-manifest", [], "after its manifest", last=one("manifest"))
hostile("other-first", [], "comes first", first=(info("mail", tarfile.DIRTYPE), b""))
hostile("entry-as-link", [], "comes first", first=(info("entry.ldif", tarfile.SYMTYPE, linkname="/etc/passwd"), b""))
hostile("empty-entry", [], "is empty", first=(info("entry.ldif"), b""))
hostile("other-entry", [], "damaged", first=(info("entry.ldif", size=len(ENTRY)), ENTRY.replace(b"bob", b"ann")))
for name, other in {"files": {"files": 1}, "bytes": {"bytes": 1}, "folders": {"folders": 99}, "mail-digest": {"mail-sha256": "0" * 64}, "entry-digest": {"entry-sha256": "0" * 64}, "no-mail": {"mail": "no"}}.items():
    hostile("wrong-" + name, [], "damaged", told=manifest(good, **other))
hostile("strange-manifest", [], "makes no sense", told=b"vmail-archive: 2\n")
hostile("negative", [], "makes no sense", told=manifest(good, files=-1))
hostile("long-manifest", [], "too long", told=b"x" * 100000)
hostile("long-name", one("mail/cur/" + "x" * 300), "leads elsewhere")
# Of contents that a member has, and then more than a file system has: of a size that its header says alone.
big = info("mail/cur/big", size=1 << 60)
raw = tar_of([(info("entry.ldif", size=len(ENTRY)), ENTRY), (info("mail", tarfile.DIRTYPE), b"")]) [:-8192]
write("hostile-huge", raw[:len(raw) // 512 * 512].rstrip(b"\0").ljust((len(raw.rstrip(b"\0")) + 511) // 512 * 512, b"\0") + big.tobuf(tarfile.GNU_FORMAT), "bigger than")
cut = whole(good)
write("hostile-cut", cut[:cut.index(b"vmail-archive: 1")], "")
write("hostile-cut-middle", cut[:2048], "")
squeezed = open(folder + "/good.tar.zst", "rb").read()
write("hostile-cut-zstd", squeezed[:len(squeezed) // 2], "", squeeze=False)
write("hostile-flipped", bytes(b ^ (1 if i == len(squeezed) // 2 else 0) for i, b in enumerate(squeezed)), "", squeeze=False)
write("hostile-empty", b"", "", squeeze=False)
write("hostile-noise", bytes(range(256)) * 40, "", squeeze=False)
write("hostile-plain-tar", b"", "", squeeze=True)
