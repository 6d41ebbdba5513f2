# Sourced by the benchmarks of what reads: a directory with as many mailboxes as ACCOUNTS says (100000), all in one domain.
. "${BASH_SOURCE%/*}/directory.bash"
accounts=${ACCOUNTS:-100000}
mailboxes() {
	domain example.org
	many_mailboxes "$accounts"
}
serve mailboxes
