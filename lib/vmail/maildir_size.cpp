#include <charconv>
#include <cstddef>
#include <system_error>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/maildir_size.hpp>

namespace vmail {

namespace {

[[noreturn]] void damaged(std::string_view why) { throw invalid_value(fmt::format("maildirsize is damaged: {}", why)); }

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (ascii::is_blank(text.front()) || text.front() == '\r')) text.remove_prefix(1);
    while (!text.empty() && (ascii::is_blank(text.back()) || text.back() == '\r')) text.remove_suffix(1);
    return text;
}

/// Up to its line feed, which has to be there: of a line that is still written nobody knows the number.
std::string_view take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) damaged("its last line has no end");
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(end + 1);
    return line;
}

std::int64_t read_number(std::string_view text, std::string_view line) {
    std::int64_t number = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (status != std::errc{} || end != text.data() + text.size()) damaged(fmt::format("{} is no count of bytes and messages", quoted(line)));
    return number;
}

std::int64_t sum(std::int64_t a, std::int64_t b) {
    std::int64_t both = 0;
    if (__builtin_add_overflow(a, b, &both)) damaged("its sum is beyond 2^63");
    return both;
}

class counter {
public:
    void add(std::string_view line) {
        const std::size_t blank = line.find_first_of(" \t");
        if (blank == std::string_view::npos) damaged(fmt::format("{} is no count of bytes and messages", quoted(line)));
        bytes_ = sum(bytes_, read_number(line.substr(0, blank), line));
        messages_ = sum(messages_, read_number(trimmed(line.substr(blank)), line));
    }

    mail_size total() const {
        if (bytes_ < 0 || messages_ < 0) damaged(fmt::format("its sum is {} bytes and {} messages", bytes_, messages_));
        return {static_cast<std::uint64_t>(bytes_), static_cast<std::uint64_t>(messages_)};
    }

private:
    std::int64_t bytes_ = 0, messages_ = 0;
};

std::optional<quota> read_limit(std::string_view line) {
    return line.empty() ? std::nullopt : std::optional(quota::from_attribute(line));
}

} // namespace

maildir_size parse_maildir_size(std::string_view text) {
    maildir_size found{.limit = read_limit(take_line(text))};
    if (text.empty()) damaged("it has no count");
    counter all;
    while (!text.empty()) all.add(take_line(text));
    found.used = all.total();
    return found;
}

} // namespace vmail
