#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <limits>
#include <system_error>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/quota.hpp>

namespace vmail {

namespace {

constexpr std::uint64_t max_value = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t max_decimals = 6; // 10^6 * 1 TiB is still far below 2^64

struct unit {
    std::string_view name; // in lower case
    std::uint64_t bytes;
};

constexpr std::array units = {
    unit{"", 1},
    unit{"b", 1},
    unit{"kb", 1000},
    unit{"k", 1ULL << 10U},
    unit{"kib", 1ULL << 10U},
    unit{"mb", 1000ULL * 1000},
    unit{"m", 1ULL << 20U},
    unit{"mib", 1ULL << 20U},
    unit{"gb", 1000ULL * 1000 * 1000},
    unit{"g", 1ULL << 30U},
    unit{"gib", 1ULL << 30U},
    unit{"tb", 1000ULL * 1000 * 1000 * 1000},
    unit{"t", 1ULL << 40U},
    unit{"tib", 1ULL << 40U},
};

[[noreturn]] void refuse(std::string_view text, std::string_view fault) {
    throw invalid_value(fmt::format("{} is not a quota: {}", quoted(text), fault));
}

[[noreturn]] void refuse_too_large(std::string_view text) { refuse(text, "it is more than 2^63-1"); }

[[noreturn]] void refuse_unlimited(std::string_view text) {
    throw invalid_value(fmt::format("{} is not a quota: the word for unlimited is \"none\"", quoted(text)));
}

/// The digits as a number; whole is the text for the error.
std::uint64_t read_number(std::string_view digits, std::string_view whole) {
    if (!ascii::is_digits(digits)) refuse(whole, "a number is expected");
    std::uint64_t value = 0;
    const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (status != std::errc{} || value > max_value) refuse_too_large(whole);
    return value;
}

std::optional<std::uint64_t> limit(std::uint64_t value) {
    return value == 0 ? std::nullopt : std::optional(value);
}

struct limits {
    std::optional<std::uint64_t> bytes{};
    std::optional<std::uint64_t> messages{};
};

bool is_maildir_dialect(std::string_view text) { return text.ends_with('S') || text.ends_with('C'); }

limits read_maildir_dialect(std::string_view text) {
    limits found;
    bool seen_bytes = false;
    bool seen_messages = false;
    for (std::string_view rest = text;;) {
        const std::size_t comma = rest.find(',');
        const std::string_view part = rest.substr(0, comma);
        const char letter = part.empty() ? '\0' : part.back();
        if (letter != 'S' && letter != 'C') refuse(text, "each part is a number and S (bytes) or C (messages)");
        bool& seen = letter == 'S' ? seen_bytes : seen_messages;
        if (seen) refuse(text, fmt::format("{} is given twice", letter));
        seen = true;
        (letter == 'S' ? found.bytes : found.messages) = limit(read_number(part.substr(0, part.size() - 1), text));
        if (comma == std::string_view::npos) return found;
        rest.remove_prefix(comma + 1);
    }
}

std::uint64_t read_unit(std::string_view name, std::string_view whole) {
    for (const unit& u : units)
        if (ascii::iequals(u.name, name)) return u.bytes;
    refuse(whole, "the unit is none of B, K, M, G, T, KiB, MiB, GiB, TiB, KB, MB, GB, TB");
}

/// The bytes of "0.<decimals>" units, rounded down.
std::uint64_t read_fraction(std::string_view decimals, std::uint64_t unit_bytes, std::string_view whole) {
    if (unit_bytes == 1) refuse(whole, "a byte has no parts");
    if (decimals.size() > max_decimals) refuse(whole, fmt::format("it has more than {} decimals", max_decimals));
    std::uint64_t scale = 1;
    for (std::size_t i = 0; i < decimals.size(); ++i) scale *= 10;
    return read_number(decimals, whole) * unit_bytes / scale;
}

/// "1.5G" and its like.
std::uint64_t read_size(std::string_view text) {
    const std::size_t unit_begin = std::min(text.find_first_not_of("0123456789."), text.size());
    const std::string_view number = text.substr(0, unit_begin);
    const std::uint64_t unit_bytes = read_unit(text.substr(unit_begin), text);
    const std::size_t point = number.find('.');
    const std::uint64_t count = read_number(number.substr(0, point), text);
    if (count > max_value / unit_bytes) refuse_too_large(text);
    std::uint64_t bytes = count * unit_bytes;
    if (point != std::string_view::npos) bytes += read_fraction(number.substr(point + 1), unit_bytes, text);
    if (bytes > max_value) refuse_too_large(text);
    return bytes;
}

bool means_unlimited(std::string_view text) {
    return text == "-1" || ascii::iequals(text, "unlimited") || ascii::iequals(text, "noquota");
}

std::string maildir_text(const std::optional<std::uint64_t>& bytes, const std::optional<std::uint64_t>& messages) {
    if (!messages) return fmt::format("{}S", bytes.value_or(0));
    if (!bytes) return fmt::format("{}C", *messages);
    return fmt::format("{}S,{}C", *bytes, *messages);
}

std::string size_text(std::uint64_t bytes) {
    constexpr std::string_view letters = "KMGT";
    for (std::size_t i = letters.size(); i > 0; --i) {
        const std::uint64_t unit_bytes = 1ULL << (10 * i);
        if (bytes % unit_bytes == 0) return fmt::format("{}{}", bytes / unit_bytes, letters[i - 1]);
    }
    return fmt::format("{}", bytes);
}

} // namespace

std::string approximate_size(std::uint64_t bytes) {
    constexpr std::array names = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    constexpr double next_is_shorter = 1023.95; // what would be rounded to 1024.0
    auto count = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; count >= next_is_shorter && unit + 1 < names.size(); ++unit) count /= 1024;
    return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", count, names[unit]);
}

quota quota::of_bytes(std::uint64_t bytes) {
    if (bytes == 0) refuse_unlimited("0");
    if (bytes > max_value) refuse_too_large(fmt::format("{}", bytes));
    quota q;
    q.bytes_ = bytes;
    return q;
}

quota quota::parse(std::string_view text) {
    if (text.empty()) refuse(text, "it is empty");
    if (text == "none") return none();
    if (means_unlimited(text)) refuse_unlimited(text);
    const quota q = is_maildir_dialect(text) ? from_attribute(text) : [text] {
        quota sized;
        sized.bytes_ = limit(read_size(text));
        return sized;
    }();
    if (q.unlimited()) refuse_unlimited(text);
    return q;
}

quota quota::from_attribute(std::string_view text) {
    if (text.empty()) refuse(text, "it is empty");
    quota q;
    if (text == "NOQUOTA") return q;
    const limits found = is_maildir_dialect(text) ? read_maildir_dialect(text) : limits{limit(read_number(text, text)), {}};
    q.bytes_ = found.bytes;
    q.messages_ = found.messages;
    return q;
}

std::string quota::to_attribute(quota_dialect dialect) const {
    if (dialect == quota_dialect::maildir) return maildir_text(bytes_, messages_);
    if (messages_)
        throw invalid_value(fmt::format("the quota {} has a limit of messages, and this directory stores bytes only", text()));
    return fmt::format("{}", bytes_.value_or(0));
}

std::string quota::text() const {
    if (unlimited()) return "none";
    return messages_ ? maildir_text(bytes_, messages_) : size_text(*bytes_);
}

} // namespace vmail
