# For benchmarks that write their part of RESULTS.md.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
rounds=${ROUNDS:-5}
results=${RESULTS:-$here/RESULTS.md}

# results_for NAME: the part of the results that a benchmark writes anew, and what was measured on.
results_for() {
	python3 - "$results" "$1" <<-'PYTHON'
		import os, platform, re, sys
		path, name = sys.argv[1:]
		head = "# What the benchmarks measured\n\nWritten by `tests/run bench`, one part by each benchmark. Medians of whole processes, in turn on the same machine. Where other programs had the cores as well (the load), the time of the\nprocessors tells more than the clock: that of a program and its children, and that of slapd meanwhile.\n\n"
		text = open(path).read() if os.path.exists(path) else head
		text = re.sub(rf"## {name}\n.*?(?=\n## |\Z)", "", text, flags=re.S).rstrip("\n") + "\n\n"
		cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
		open(path, "w").write(f"{text}## {name}\n\n{os.cpu_count()} x {cpu}, load {os.getloadavg()[0]:.1f} at the start.\n\n")
	PYTHON
}
