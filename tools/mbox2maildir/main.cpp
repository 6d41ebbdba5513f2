#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>

#include <unistd.h>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <mbox/convert.hpp>

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
    for (const int signal : {SIGHUP, SIGINT, SIGTERM}) ::sigaction(signal, &action, nullptr);
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
    const mbox::report report = mbox::convert(a.options);
    if (progress) std::cerr << "\r\033[K";
    write_report(a, report);
    return status_of(report);
}

int fail(const vmail::error& e) {
    std::cerr << "mbox2maildir: error: " << e.what() << '\n';
    if (!e.hint().empty()) std::cerr << "mbox2maildir: hint: " << e.hint() << '\n';
    return vmail::exit_status(e.kind());
}

} // namespace

int main(int argc, char** argv) {
    try {
        auto parsed = parse_arguments(argc, argv);
        if (const int* const status = std::get_if<int>(&parsed)) return *status;
        return run(std::get<arguments>(parsed));
    } catch (const vmail::error& e) {
        return fail(e);
    } catch (const std::exception& e) {
        return fail(vmail::error(vmail::error_kind::internal, fmt::format("{}; this is a bug", vmail::printable(e.what()))));
    }
}
