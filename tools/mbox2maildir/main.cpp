#include <atomic>
#include <csignal>
#include <iostream>
#include <optional>

#include <unistd.h>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <mbox/convert.hpp>

#include <cli/output_file.hpp>
#include <cli/process.hpp>

#include "arguments.hpp"
#include "output.hpp"

namespace {

using namespace mbox2maildir;
namespace mbox = vmail::mbox;

std::atomic<bool> stop = false;
static_assert(std::atomic<bool>::is_always_lock_free);

extern "C" void note_signal(int) { stop = true; }

/// A run that is to stop does so between two messages: it takes its locks and unfinished files with it.
void watch_signals() {
    struct sigaction action {};
    action.sa_handler = note_signal;
    struct sigaction before {};
    for (const int signal : {SIGHUP, SIGINT, SIGTERM}) {
        const bool is_ignored = ::sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_IGN; // nohup
        if (!is_ignored) ::sigaction(signal, &action, nullptr);
    }
    // A quota on files is an error of write(2) then, and not the end.
    std::signal(SIGXFSZ, SIG_IGN);
    std::signal(SIGPIPE, SIG_IGN);
}

bool has_terminal() { return ::isatty(STDERR_FILENO) == 1; }

void show_progress(const std::string& file, std::uint64_t done, std::uint64_t size) {
    const std::string line = fmt::format("\r{}: {} %\033[K", vmail::printable(file), size == 0 ? 100 : done * 100 / size);
    (void)!::write(STDERR_FILENO, line.data(), line.size());
}

int status_of(const mbox::report& r) {
    if (r.has(mbox::level::retry)) return vmail::exit_status(vmail::error_kind::conflict);
    return r.has(mbox::level::skip) ? 1 : 0;
}

int run(arguments& a) {
    const bool progress = !a.quiet && has_terminal();
    a.options.stop = &stop;
    if (progress) a.options.progress = show_progress;
    watch_signals();
    // Before the work: it would be a pity to hear afterwards that there is no place for it.
    std::optional<vmail::tools::output_file> report_file;
    if (!a.report.empty()) report_file.emplace(a.report);
    const mbox::report report = mbox::convert(a.options);
    if (progress) std::cerr << "\r\033[K";
    write_report(report_file ? report_file->stream() : std::cerr, a, report);
    if (report_file) report_file->commit();
    return status_of(report);
}

} // namespace

int main(int argc, char** argv) {
    const vmail::tools::diagnostics err({.program = "mbox2maildir"});
    return vmail::tools::run_guarded(err, [&] {
        auto parsed = parse_arguments(argc, argv);
        if (const int* const status = std::get_if<int>(&parsed)) return *status;
        return run(std::get<arguments>(parsed));
    });
}
