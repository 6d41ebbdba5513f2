#!/bin/bash
# The committed .ldif files are what make-ldif makes of the .schema and .conf files today.
. "$(dirname "$0")/server.sh"

"$schema/make-ldif" "$scratch" || die "make-ldif"
for made in "$scratch"/*.ldif; do
	diff -u "$schema/$(basename "$made")" "$made" || fail "$(basename "$made") is not up to date"
done
for kept in "$schema"/*.ldif; do
	[ -e "$scratch/$(basename "$kept")" ] || fail "$(basename "$kept") is not made by make-ldif"
done

# A fold inside a placeholder would hide it from sed.
grep -lE '(^|[^A-Z])@[A-Z]*$' "$schema"/*.ldif && fail "a placeholder is cut at the end of a line"

verdict "the cn=config forms are up to date"
