# Sourced by the tests of what `cmake --install` gives: the installed tree, a sandbox made by it, and settings that lead there.
set -euo pipefail

scratch=$(mktemp -d)
trap '"$prefix/bin/mailctl" sandbox stop --dir "$scratch/s" >/dev/null 2>&1 || :; rm -rf "$scratch"' EXIT
first=$scratch/first prefix=$scratch/moved
unset MAILCTL_SCHEMA_DIR MAILCTL_SANDBOX
export HOME=$scratch MAILCTL_CONFIG=/dev/null TZ=UTC
command -v slapd >/dev/null || PATH=$PATH:/usr/sbin

fail() { echo "FAIL: $*" >&2; exit 1; }

"$CMAKE" --install "$BUILD_DIR" --prefix "$first" >/dev/null
mv "$first" "$prefix" # an installed tree can be moved
libdir=$(dirname "$(find "$prefix" -name libvmail.a)")
export PKG_CONFIG_PATH=$libdir/pkgconfig

start_sandbox() { "$prefix/bin/mailctl" sandbox start --dir "$scratch/s" -q; }
start_sandbox

base=dc=example,dc=org uri=ldapi://$(sed 's,/,%2F,g' <<<"$scratch/s/ldapi")
mkdir "$scratch/conf"
printf 'uri = %s\nbase = %s\n' "$uri" "$base" >"$scratch/conf/service.conf"
{ cat "$scratch/conf/service.conf"; printf 'bind-dn = cn=phamm,o=hosting,%s\nbind-password-file = %s\n' "$base" "$scratch/s/phamm.password"; } \
	>"$scratch/conf/reader.conf"
printf 'uri = ldapi://%%2Fnowhere%%2Fldapi\nbase = %s\n' "$base" >"$scratch/conf/away.conf"
printf 'colour = red\n' >"$scratch/conf/broken.conf"
chmod 644 "$scratch"/conf/*

installed() { "$prefix/bin/mailctl" --config "$scratch/conf/service.conf" "$@"; }
