#include <string_view>

#include <unistd.h>

#include <fmt/format.h>

#include "progress.hpp"

namespace nis2ldif {

namespace {

std::string_view name(vmail::nis::stage s) {
    switch (s) {
    case vmail::nis::stage::reading: return "reading";
    case vmail::nis::stage::resolving: return "resolving addresses";
    case vmail::nis::stage::writing: break;
    }
    return "writing";
}

void put(std::string_view text) {
    // Nobody is helped when it fails.
    (void)!::write(STDERR_FILENO, text.data(), text.size());
}

} // namespace

progress::progress() : shown_(::isatty(STDERR_FILENO) == 1) {}

void progress::tell(vmail::nis::stage s, std::size_t done, std::size_t of) {
    std::string line = fmt::format("\r{}: {} %\033[K", name(s), of == 0 ? 100 : done * 100 / of);
    if (line == last_) return;
    put(line);
    last_.swap(line);
}

void progress::clear() {
    if (!last_.empty()) put("\r\033[K");
    last_.clear();
}

} // namespace nis2ldif
