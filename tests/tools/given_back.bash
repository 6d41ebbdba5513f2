# Sourced by the stories about exports that are given back, after mailctl_sandbox.bash.

# given_back [FLAG...]: what an export with these flags writes, in each format of records, changes nothing when it is given back.
given_back() {
	local format file
	for format in yaml json; do
		run 0 mailctl export -o $format "$@" --out all.$format
		run 0 mailctl diff all.$format --detailed-exitcode
		silent
		run 0 mailctl apply all.$format -o json
		says '"changed":false}'
	done
	for file in all.jsonl all.csv; do
		run 0 mailctl export -o "${file#*.}" "$@" --out $file
		run 0 mailctl import $file --update -o json
		says '"changed":false}'
	done
}
