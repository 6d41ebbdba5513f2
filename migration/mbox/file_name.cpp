#include <fmt/format.h>

#include <vmail/ascii.hpp>

#include "file_name.hpp"

namespace vmail::mbox {

namespace {

constexpr std::string_view host = ".mbox";
constexpr std::size_t hash_digits = 24;

} // namespace

std::string file_key(const checksum& identity, std::size_t occurrence) {
    // What stands behind M are microseconds to Dovecot, which sorts by them.
    const unsigned micro = (unsigned{identity.bytes[12]} << 16 | unsigned{identity.bytes[13]} << 8 | identity.bytes[14]) % 1'000'000U;
    return fmt::format("M{:06}P{}Q{}", micro, occurrence, identity.hex().substr(0, hash_digits));
}

std::string file_name(const message& m, const std::string& key) {
    return fmt::format("{}.{}{},S={},W={}", m.delivered.epoch(), key, host, m.text().size(), m.crlf_size);
}

std::optional<std::string_view> key_in(std::string_view file) {
    const std::size_t dot = file.find('.');
    if (dot == std::string_view::npos || dot == 0) return {};
    const std::string_view rest = file.substr(dot + 1);
    const std::size_t end = rest.find(host);
    const std::size_t hash = rest.find('Q');
    if (end == std::string_view::npos || !rest.starts_with('M') || hash == std::string_view::npos || hash + 1 + hash_digits != end) return {};
    return rest.substr(0, end);
}

std::string_view without_flags(std::string_view file) { return file.substr(0, file.find(":2,")); }

std::optional<std::uint64_t> size_in(std::string_view file) {
    const std::size_t mark = file.find(",S=");
    if (mark == std::string_view::npos) return {};
    std::uint64_t size = 0;
    std::size_t at = mark + 3;
    for (; at < file.size() && ascii::is_digit(file[at]) && at < mark + 20; ++at) size = size * 10 + static_cast<std::uint64_t>(file[at] - '0');
    return at == mark + 3 ? std::nullopt : std::optional(size);
}

std::string flag_letters(const mail_flags& flags) {
    std::string letters;
    if (flags.draft) letters += 'D';
    if (flags.flagged) letters += 'F';
    if (flags.answered) letters += 'R';
    if (flags.seen) letters += 'S';
    if (flags.deleted) letters += 'T';
    return letters;
}

} // namespace vmail::mbox
