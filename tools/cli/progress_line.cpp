#include <unistd.h>

#include <fmt/format.h>

#include <vmail/printable.hpp>

#include "progress_line.hpp"
#include "terminal.hpp"

namespace vmail::tools {

namespace {

void put(std::string_view text) {
    // Nobody is helped when it fails.
    (void)!::write(STDERR_FILENO, text.data(), text.size());
}

} // namespace

progress_line::progress_line() : shown_(::isatty(STDERR_FILENO) == 1 && !is_dumb_terminal()) {}

void progress_line::tell(std::string_view what, std::uint64_t done, std::uint64_t of) {
    std::string line = fmt::format("\r{}: {} %\033[K", harmless(what), of == 0 ? 100 : done * 100 / of);
    if (line == last_) return;
    put(line);
    last_.swap(line);
}

void progress_line::clear() {
    if (!last_.empty()) put("\r\033[K");
    last_.clear();
}

} // namespace vmail::tools
