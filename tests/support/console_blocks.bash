# Sourced by tests of documents: the console blocks of a Markdown file as one session in one shell.
#
#     take_console_blocks FILE DIR     DIR/session: the blocks as they stand, for the caller to put its own places in
#     compare_session DIR COMMAND...   runs their commands by COMMAND, a shell that reads a file, and compares what they print, line by
#                                      line; in the document "..." stands for any text
#
# A command begins with "$ " and goes on in lines that begin with "> ".

take_console_blocks() {
	awk '/^```console$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$1" >"$2/session"
	grep '^\$ ' "$2/session" >/dev/null || { echo "$1 has no console blocks" >&2; return 1; }
}

compare_session() {
	local dir=$1 failed=0 number=0 printed expected pattern
	shift
	sed '/^[$>] /d' "$dir/session" >"$dir/expected"
	{ echo 'exec 2>&1'; sed -n 's/^[$>] //p' "$dir/session"; } >"$dir/commands"
	"$@" "$dir/commands" </dev/null >"$dir/printed" || true
	exec 3<"$dir/expected"
	while IFS= read -r printed; do
		number=$((number + 1))
		IFS= read -r expected <&3 || expected='(nothing)'
		pattern=$(printf '%s' "$expected" | sed 's/[][\\*?]/\\&/g; s/\.\.\./*/g')
		# shellcheck disable=SC2053
		[[ $printed == $pattern ]] && continue
		printf 'line %d of the output\n  document: %s\n  printed:  %s\n' "$number" "$expected" "$printed"
		failed=$((failed + 1))
		[ "$failed" -lt 10 ] || return 1
	done <"$dir/printed"
	while IFS= read -r expected <&3; do
		printf 'not printed: %s\n' "$expected"
		failed=1
	done
	[ "$failed" -eq 0 ]
}
