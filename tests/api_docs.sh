#!/bin/bash
# The documents of the interface are made without a complaint, and no class, function, type or enumeration of it is without a word of what it promises. Members and
# constants may be what their name and type say.
set -euo pipefail
: "${BUILD_DIR:?}"
type -P doxygen >/dev/null || exit 77
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

explains_itself='Member .* \((function|variable|typedef|enumeration|friend)\) of (class|struct) |Member .* \(variable\) of namespace '
complaints() { # SETTING...: what is wrong, by the Doxyfile with these settings
	{ cat "$BUILD_DIR/lib/Doxyfile"; printf '%s\n' "OUTPUT_DIRECTORY = $scratch" 'WARN_IF_UNDOCUMENTED = YES' 'WARN_AS_ERROR = NO' "$@"; } |
		doxygen - 2>&1 >/dev/null | grep -vE "warning: ($explains_itself).* is not documented" | sort -u
}

# It sees what is wrong.
cat >"$scratch/wrong.hpp" <<'END'
/// A file for @NAME.
struct of_names { int speaks = 0; };
struct silent { int says = 0; };
/// Its functions.
namespace house {
enum class colour { red };
void paint(colour c);
inline constexpr int walls = 4;
}
END
for wrong in "unknown command '@NAME'" 'Compound silent is not' 'Member colour (enumeration)' 'Member paint(colour c) (function)'; do
	complaints "INPUT = $scratch/wrong.hpp" | grep -F -- "$wrong" >/dev/null || { echo "FAIL: $wrong goes by"; exit 1; }
done
[ "$(complaints "INPUT = $scratch/wrong.hpp" | wc -l)" = 4 ] || { echo "FAIL: it complains of what is as it should be"; complaints "INPUT = $scratch/wrong.hpp"; exit 1; }

if complaints; then exit 1; fi
for page in index classvmail_1_1directory classvmail_1_1ldap_1_1session namespacevmail; do
	[ -s "$scratch/$page.html" ] || { echo "FAIL: there is no $page.html"; exit 1; }
done
