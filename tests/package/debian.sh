#!/bin/bash
# The packages of tools/package on a machine that has nothing else: made twice they are the same bytes, lintian finds nothing, they install, the story of
# quickstart goes with what they brought, nothing listens or runs by itself, they come over the version before, and gone they leave nothing. As root, for the
# folder that is the other machine; takes as long as two builds. What it found stands in tests/package/DEBIAN.md.
#
#     tests/package/debian.sh [DIR]     DIR: where packages are already: they are not made
set -euo pipefail
cd "$(dirname "$0")/../.."
[ "$(id -u)" -eq 0 ] || exec sudo "$PWD/tests/package/debian.sh" "$@"
command -v mmdebstrap >/dev/null || apt-get install -y -qq mmdebstrap >/dev/null

scratch=$(mktemp -d)
machine=$scratch/machine
cleanup() {
	umount "$machine/proc" "$machine/src" 2>/dev/null || :
	rm -rf --one-file-system "$scratch"
}
trap cleanup EXIT
fail() { echo "FAIL: $*" >&2; exit 1; }
found=tests/package/DEBIAN.md
say() { echo "- $*" | tee -a "$scratch/found"; }
in_machine() { chroot "$machine" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }

# ---- made, twice, in other places
if [ $# -gt 0 ]; then
	packages=$(cd "$1" && pwd)
else
	packages=$scratch/first
	began=$SECONDS
	tools/package "$packages" >/dev/null
	say "made in $(((SECONDS - began + 30) / 60)) minutes on $(nproc) processors"
	tools/package "$scratch/and/a second/time" >/dev/null
	(cd "$packages" && sha256sum -- *.deb) >"$scratch/sums"
	(cd "$scratch/and/a second/time" && sha256sum --quiet -c "$scratch/sums") || fail "a second build gave other bytes"
	say "a second build, at another time and place, gave the same bytes"
fi
debs=("$packages"/mailctl_*.deb "$packages"/mailctl-migration_*.deb "$packages"/libvmail0*_*.deb "$packages"/libvmail-dev_*.deb)
[ "${#debs[@]}" -eq 4 ] && [ -f "${debs[0]}" ] || fail "these are not the four packages: ${debs[*]}"

# ---- lintian
lintian --fail-on error,warning --suppress-tags initial-upload-closes-no-bugs "${debs[@]}" || fail "lintian"
say "lintian: no error, no warning (but that no bug of Debian is closed)"

# ---- a machine with Debian's base and what is suggested
mmdebstrap --quiet --variant=minbase --include=slapd,ldap-utils,systemd,ca-certificates bookworm "$machine" /etc/apt/sources.list.d/debian.sources 2>"$scratch/log" ||
	{ tail -n 5 "$scratch/log" >&2; fail "mmdebstrap"; }
cp /etc/apt/apt.conf.d/* "$machine/etc/apt/apt.conf.d/"
cp /etc/resolv.conf "$machine/etc/resolv.conf"
mount -t proc proc "$machine/proc"
mkdir -p "$machine/src" "$machine/packages"
cp "${debs[@]}" "$machine/packages/"
mkdir -p "$machine/src/tools" "$machine/src/tests/data"
cp tools/quickstart "$machine/src/tools/"
cp -r tests/data/trieste "$machine/src/tests/data/"
printf '#!/bin/sh\nexit 101\n' >"$machine/usr/sbin/policy-rc.d" # as in any folder that is no machine: services are not started
chmod 755 "$machine/usr/sbin/policy-rc.d"
in_machine apt-get -qq update >/dev/null
in_machine ldconfig

# Whatever belongs to no package, and is not apt's own.
strays() {
	(cd "$machine" && find . -xdev \( -path ./proc -o -path ./src -o -path ./packages -o -path ./tmp -o -path ./var/cache -o -path ./var/lib/apt -o -path ./var/lib/dpkg -o -path ./var/log -o -path ./sys -o -path ./run \) -prune -o -print) | sed 's,^\.,,' | sort >"$scratch/all"
	in_machine sh -c 'cat /var/lib/dpkg/info/*.list' | sort -u >"$scratch/owned"
	comm -23 "$scratch/all" "$scratch/owned"
}
processes() { find /proc -mindepth 2 -maxdepth 2 -name root -lname "$machine" 2>/dev/null | sort; }

strays >"$scratch/before"
in_machine sh -c 'apt-get install -y -qq /packages/*.deb' >"$scratch/log" 2>&1 || { tail -n 20 "$scratch/log"; fail "it does not install"; }
say "installs on bookworm with $(in_machine dpkg-query -W | wc -l) packages"
[ -z "$(processes)" ] || fail "something runs after the installation"
enabled=$(find "$machine/etc/systemd/system" -name 'mailctl*')
[ -z "$enabled" ] || fail "enabled by itself: $enabled"
units=$(find "$machine/lib/systemd/system" -name 'mailctl*' | wc -l)
[ "$units" -ge 8 ] || fail "there are only $units units"
in_machine sh -c 'systemd-analyze verify /lib/systemd/system/mailctl*.timer' 2>"$scratch/log" || { cat "$scratch/log"; fail "systemd does not take the units"; }
say "$units units, none enabled, nothing runs"

# ---- folders and their rights
rights() { stat -c '%a %U:%G' "$machine$1" 2>/dev/null | sed "s/UNKNOWN/$(in_machine stat -c %G "$1" 2>/dev/null)/"; }
[ "$(in_machine stat -c '%a %U %G' /etc/mailctl)" = '750 root mailctl' ] || fail "/etc/mailctl: $(rights /etc/mailctl)"
[ "$(in_machine stat -c '%a %U %G' /var/lib/mailctl)" = '700 root root' ] || fail "/var/lib/mailctl: $(rights /var/lib/mailctl)"
[ "$(in_machine sh -c 'find / -xdev -user mailctl -not -path "/proc/*"')" = '' ] || fail "files of the tools' user"

# ---- the story, with what was installed, as somebody who is not root
in_machine useradd -m visitor
in_machine su visitor -c 'cd /src && TZ=UTC tools/quickstart --installed && for page in mailctl mailctl-expire mailctl.conf mailctl-cookbook nis2ldif; do test -e /usr/share/man/man?/$page.*.gz || exit 1; done' \
	>"$scratch/story" 2>&1 || { tail -n 20 "$scratch/story"; fail "the story of quickstart"; }
grep -q '^To stop it:' "$scratch/story" || fail "the story ends early"
in_machine su visitor -c 'MAILCTL_SANDBOX=$HOME/.local/state/mailctl/quickstart mailctl sandbox stop' >/dev/null
say "the story of quickstart, $(grep -c '^\$ ' "$scratch/story") commands as a user who is not root"
in_machine userdel -r visitor 2>/dev/null || :
rm -rf "$machine"/tmp/*

# ---- over the version before: until there is one, this one under a lower number, with an older unit and an older conffile
before() { # DEB
	local tree=$scratch/old/${1##*/}
	dpkg-deb -R "$1" "$tree"
	sed -i -E 's/^Version: .*/Version: 0.0.9/; s/(libvmail[0-9.]* \(= )[^)]*/\10.0.9/' "$tree/DEBIAN/control"
	find "$tree/lib/systemd/system" -name '*.service' -exec sed -i '$a # of the version before' {} + 2>/dev/null || :
	(cd "$tree" && find . -type f -not -path './DEBIAN/*' -printf '%P\0' | xargs -0 md5sum >DEBIAN/md5sums)
	dpkg-deb --root-owner-group -b "$tree" "$machine/packages/old/" >/dev/null
}
mkdir "$machine/packages/old"
for deb in "${debs[@]}"; do before "$deb"; done
in_machine sh -c 'apt-get purge -y -qq mailctl mailctl-migration "libvmail*"' >"$scratch/log" 2>&1 || { tail "$scratch/log"; fail "purge"; }
in_machine sh -c 'apt-get install -y -qq --allow-downgrades /packages/old/*.deb' >"$scratch/log" 2>&1 || { tail "$scratch/log"; fail "the version before"; }
printf 'base = dc=example,dc=org\n' >"$machine/etc/mailctl/mailctl.conf"
in_machine sh -c 'mkdir -p /var/lib/mailctl/state && echo remembered >/var/lib/mailctl/state/here'
in_machine sh -c 'apt-get install -y -qq /packages/*.deb' >"$scratch/log" 2>&1 || { tail "$scratch/log"; fail "the upgrade"; }
[ "$(in_machine dpkg-query -W -f '${Version}' mailctl)" != 0.0.9 ] || fail "nothing was upgraded"
! grep -rl 'of the version before' "$machine/lib/systemd/system" || fail "a unit of the version before"
[ "$(cat "$machine/etc/mailctl/mailctl.conf")" = 'base = dc=example,dc=org' ] && [ "$(cat "$machine/var/lib/mailctl/state/here")" = remembered ] || fail "the upgrade lost a setting or a state"
say "comes over a version before: settings and states stay"

# ---- a program of somebody's, with libvmail-dev
in_machine sh -c 'apt-get install -y -qq g++ pkg-config' >/dev/null 2>&1
cp tests/package/consumer.cpp "$machine/src/"
in_machine sh -c 'cd /src && g++ -std=c++20 consumer.cpp -o consumer $(pkg-config --cflags --libs vmail) && ldd consumer | grep -q libvmail.so.0' || fail "libvmail-dev: a program does not build"
say "a program is built with libvmail-dev and finds libvmail"

# ---- removed: settings stay; purged: nothing does
in_machine sh -c 'apt-get remove -y -qq mailctl mailctl-migration "libvmail*"' >"$scratch/log" 2>&1 || { tail "$scratch/log"; fail "remove"; }
[ -e "$machine/etc/mailctl/mailctl.conf" ] || fail "remove took the settings away"
in_machine sh -c 'apt-get purge -y -qq mailctl mailctl-migration "libvmail*"' >"$scratch/log" 2>&1 || { tail "$scratch/log"; fail "purge"; }
strays >"$scratch/after"
left=$(comm -13 "$scratch/before" "$scratch/after" | grep -vE '^/(etc/(passwd|group|shadow|gshadow|subuid|subgid)-?|var/mail/visitor)$' | grep -E 'mailctl|vmail' || :)
[ "$left" = '' ] || fail "purged, it leaves: $left"
say "removed and purged: nothing of it is left but its system user, as Debian does it"

{
	printf '# The packages on a clean machine\n\nWritten by `tests/run packages`.\n\n'
	cat "$scratch/found"
} >"$found"
echo ok
