#!/bin/bash
# What `cmake --install` gives works elsewhere: a service finds the library through CMake, shared and static, and through pkg-config, and works with it;
# the README's program compiles and runs; every public header stands alone; the tools find the schema that was installed with them.
cd "$(dirname "$0")"
. ./installed.bash

expect() { # NAME COMMAND...
	local got
	got=$("${@:2}" "$scratch/conf") || fail "$1 ended with $?"
	diff transcript - <<<"$got" || fail "$1 says something else"
	echo "ok: $1"
}

"$CMAKE" -S . -B "$scratch/build" -G Ninja -DCMAKE_CXX_COMPILER="$CXX" -DCMAKE_PREFIX_PATH="$prefix" \
	-Dvmail_include_dir="$prefix/include" >/dev/null
"$CMAKE" --build "$scratch/build"

grep -qF "include \"$prefix/share/mailctl/schema/phamm.schema\"" "$scratch/s/slapd.conf" || fail "the sandbox took another schema"
echo "ok: the installed sandbox"

expect "find_package, vmail::vmail" "$scratch/build/shared"
expect "find_package, vmail::static" "$scratch/build/static"
ldd "$scratch/build/static" | grep libvmail >/dev/null && fail "vmail::static is the shared library"

pkg-config --exists 'vmail >= 0.1' || fail "pkg-config does not find vmail"
"$CXX" -std=c++20 consumer.cpp -o "$scratch/by-pkg-config" $(pkg-config --cflags --libs vmail)
expect "pkg-config" env LD_LIBRARY_PATH="$libdir" "$scratch/by-pkg-config"
"$CXX" -std=c++20 consumer.cpp -o "$scratch/static-by-pkg-config" \
	$(pkg-config --static --cflags --libs vmail | sed 's/-lvmail\b/-l:libvmail.a/')
expect "pkg-config --static" "$scratch/static-by-pkg-config"

# The README's program: as it stands there, with nothing but what it includes.
awk '/^## / { inside = $0 == "## As a library" } inside && /^```$/ { code = 0 } inside && code; inside && /^```cpp$/ { code = 1 }' \
	"$SOURCE_DIR/README.md" >"$scratch/readme.cpp"
"$CXX" -std=c++20 -Wall -Wextra -Werror "$scratch/readme.cpp" -o "$scratch/readme" $(pkg-config --cflags --libs vmail)
readme() { LD_LIBRARY_PATH=$libdir MAILCTL_CONFIG=$scratch/conf/service.conf "$scratch/readme"; }
readme 2>"$scratch/complaint" && fail "README: there is no bob@example.org yet"
[ "$(cat "$scratch/complaint")" = "there is no mailbox bob@example.org" ] || fail "README: $(cat "$scratch/complaint")"
installed domain add example.org -q
installed mailbox add bob@example.org --no-password -q
[ "$(readme)" = "bob@example.org has 2G now" ] || fail "README says: $(readme)"
[ "$(installed mailbox show bob@example.org --fields quota)" = "quota  2G" ] || fail "README: the quota is not there"
echo "ok: the README's program"

objdump -p "$libdir"/libvmail.so | grep 'SONAME *libvmail\.so\.0\.' >/dev/null || fail "SONAME"

# What only mailctl starts is no command of anybody's.
commands() { find "$SOURCE_DIR"/tools/*/main.cpp -printf '%h\n' | xargs -n1 basename | grep -vxE 'mailctl-(store|activity)'; }
for tool in mailctl-store mailctl-activity; do [ -x "$prefix/libexec/mailctl/$tool" ] || fail "$tool is not installed"; done
for tool in $(commands); do
	"$prefix/bin/$tool" --version >/dev/null || fail "$tool is not installed"
	compgen -G "$prefix/share/man/man[18]/$tool.[18]" >/dev/null || fail "$tool has no manual page"
done
# As each shell finds it, without a word from anybody.
for tool in $(commands); do
	(export PATH=$prefix/bin:$PATH
	source "$prefix/share/bash-completion/completions/$tool" && complete -p "$tool" >/dev/null) || fail "$tool is not completed by bash"
	if command -v fish >/dev/null; then
		XDG_DATA_DIRS=$prefix/share PATH=$prefix/bin:$PATH fish -c "complete -C '$tool --vers'" | grep -x -- '--version' >/dev/null || fail "$tool is not completed by fish"
	fi
	if command -v zsh >/dev/null; then
		PATH=$prefix/bin:$PATH zsh -f -c 'fpath=('"$prefix"'/share/zsh/site-functions $fpath); autoload -Uz compinit; compinit -D -u; [ "$_comps['"$tool"']" = "_'"$tool"'" ]' || fail "$tool is not completed by zsh"
	fi
done
echo "ok: completions"
for page in "$SOURCE_DIR"/man/*.[1-8] "$BUILD_DIR"/man/*.1; do
	[ -e "$prefix/share/man/man${page##*.}/$(basename "$page")" ] || fail "$(basename "$page") is not installed"
done
missing=$(cd "$SOURCE_DIR/schema" && find . -type f ! -name make-ldif ! -name CMakeLists.txt ! -name README.md | sort |
	while read -r file; do [ -e "$prefix/share/mailctl/schema/$file" ] || echo "$file"; done)
[ -z "$missing" ] || fail "of schema is not installed: $missing"
for readme in README.md migration/README.md schema/README.md; do
	[ -e "$prefix/share/doc/mailctl/$readme" ] || fail "$readme is not installed"
	for link in $(grep -o ']([^)#:]*[)#]' "$SOURCE_DIR/$readme" | tr -d '](#)'); do
		[ -e "$prefix/share/doc/mailctl/$(dirname "$readme")/$link" ] || fail "$readme links to $link, which is not beside it where it is installed"
	done
done
echo "ok: tools, manual pages, schema, documents"
