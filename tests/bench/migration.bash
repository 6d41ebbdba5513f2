# For the benchmarks of the migration: a folder in memory and one on disk, and the reference tools, which are unpacked and not installed.
set -euo pipefail
. "${BASH_SOURCE[0]%/*}/results.bash"
source_dir=$(cd "$here/../.." && pwd)

scratch=()
trap 'rm -rf -- "${scratch[@]}"' EXIT
# make_scratch VARIABLE PARENT: a folder that goes away in the end. Nothing in it is removed before: creating files behind a large removal is slow on ext4.
make_scratch() {
	local folder
	folder=$(mktemp -d "$2/mailctl-bench.XXXXXX")
	scratch+=("$folder")
	printf -v "$1" %s "$folder"
}

# Where the packages are missing there is nothing to compare with.
reference=$("$source_dir/tests/support/unpack-packages" migrationtools mb2md libtimedate-perl libfile-which-perl)
export PERL5LIB=$reference/usr/share/perl5:$reference/usr/share/migrationtools
