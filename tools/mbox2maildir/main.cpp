#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdint>
#include <optional>
#include <string>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <mbox/convert.hpp>

#include <cli/exit_status.hpp>
#include <cli/fd_stream.hpp>
#include <cli/output_file.hpp>
#include <cli/process.hpp>
#include <cli/progress_line.hpp>

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

int status_of(const mbox::report& r) {
    if (r.has(mbox::level::retry)) return vmail::tools::exit_status_of(vmail::error_kind::conflict);
    return r.is_whole() ? 0 : 1;
}

int run(arguments& a) {
    vmail::tools::progress_line line;
    a.options.stop = &stop;
    if (!a.quiet && line.is_shown())
        a.options.progress = [&line](const std::string& file, std::uint64_t done, std::uint64_t size) {
            line.tell(vmail::printable(file), done, size);
        };
    // Before the work: it would be a pity to hear afterwards that there is no place for it.
    std::optional<vmail::tools::output_file> report_file;
    if (!a.report.empty()) report_file.emplace(a.report);
    const mbox::report report = mbox::convert(a.options);
    line.clear();
    vmail::tools::fd_stream standard_error(STDERR_FILENO, "standard error");
    write_report(report_file ? report_file->stream() : standard_error, a, report);
    standard_error.flush();
    if (report_file) report_file->commit();
    return status_of(report);
}

} // namespace

int main(int argc, char** argv) {
    watch_signals(); // before anything is said: whoever heard of us may end us
    const vmail::tools::diagnostics err({.program = "mbox2maildir"});
    return vmail::tools::run_guarded(err, [&] {
        auto parsed = parse_arguments(argc, argv);
        if (const int* const status = std::get_if<int>(&parsed)) return *status;
        return run(std::get<arguments>(parsed));
    });
}
