# Sourced by the benchmarks of what a server's configuration costs: several servers at once, each with the configuration of the sandbox (tests/schema/server.sh)
# but for what is changed, so that the same is asked of each in turn.
#
#     server NAME TREE [EXPRESSION [FILE]]...   one that holds the entries of the file TREE, where sed has changed FILE, or else slapd.conf, by EXPRESSION
#     production                                 the expression for a server that waits for the disk, and keeps no record of changes
#     compare OURS TITLE ARGUMENT...             as compare.py has them, with the processors' time of all those servers
#     at NAME                                    where it is, for mailctl
. "${BASH_SOURCE%/*}/../schema/server.sh"
. "${BASH_SOURCE%/*}/results.bash"
hosting=o=hosting,$base
. "${BASH_SOURCE%/*}/../support/many_mailboxes.bash"
MAILCTL=${MAILCTL:-$(cd "$here/../.." && pwd)/build/bin/mailctl}
export MAILCTL MAILCTL_CONFIG=/dev/null MAILCTL_JOURNAL_DIR=$scratch/journal MAILCTL_STATE_DIR=$scratch/state HOME=$scratch
production='/^include .*accesslog/,$d; /^dbnosync/d; /^checkpoint/d'
servers=()

server() {
	local name=$1 tree=$2
	shift 2
	configure "$scratch/$name"
	while [ $# -gt 0 ]; do
		sed -i "$1" "$scratch/$name/${2:-slapd.conf}"
		shift $(($# > 1 ? 2 : 1))
	done
	load "$scratch/$name" "$tree"
	serve "$scratch/$name"
	servers+=(--server "$scratch/$name/slapd.pid")
}
at() { echo "-H $(uri "$scratch/$1") -b $base --sasl external"; }
compare() {
	python3 "$here/compare.py" --rounds "$rounds" --ours "$1" "${servers[@]}" --results "${table-$results}" --title "${@:2}"
}
