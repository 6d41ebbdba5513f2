# For the benchmarks of the migration: a folder in memory and one on disk, and the reference tools, which are unpacked and not installed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source_dir=$(cd "$here/../.." && pwd)
rounds=${ROUNDS:-5}
results=$here/RESULTS.md

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

# results_for NAME: the part of the results that a benchmark writes anew, and what was measured on.
results_for() {
	python3 - "$results" "$1" <<-'PYTHON'
		import os, platform, re, sys
		path, name = sys.argv[1:]
		head = "# What the benchmarks measured\n\nWritten by `tests/run bench`, one part by each benchmark. Medians of whole processes, in turn on the same machine.\n\n"
		text = open(path).read() if os.path.exists(path) else head
		text = re.sub(rf"## {name}\n.*?(?=\n## |\Z)", "", text, flags=re.S).rstrip("\n") + "\n\n"
		cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
		open(path, "w").write(f"{text}## {name}\n\n{os.cpu_count()} x {cpu}, load {os.getloadavg()[0]:.1f} at the start.\n\n")
	PYTHON
}
