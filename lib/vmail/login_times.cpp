#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/descriptor.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/login_times.hpp>

namespace vmail {

namespace {

/// Whether a delivery wrote it: the plugin can be told to note those, too.
bool is_of_delivery(std::string_view key) {
    for (const std::string_view part : {"/lmtp/", "/lda/"})
        if (key.find(part) != std::string_view::npos) return true;
    return false;
}

std::int64_t read_time(std::string_view value, const std::string& place) {
    std::int64_t time = 0;
    const auto [end, status] = std::from_chars(value.data(), value.data() + value.size(), time);
    if (status != std::errc{} || end != value.data() + value.size() || time < 0) throw invalid_value(fmt::format("{}: {} is no time of a login", place, vmail::quoted(value)));
    constexpr std::int64_t beyond_seconds = 100'000'000'000; // they get there in the year 5138, milliseconds did in 1973
    while (time >= beyond_seconds) time /= 1000;
    return time;
}

std::string_view line_at(std::string_view text, std::size_t at) { return text.substr(at, text.find('\n', at) - at); }

} // namespace

login_times::login_times(std::string text, const std::string& name) : text_(ascii::to_lower(text)) {
    const std::string_view all = text_;
    for (std::size_t at = 0, line = 1; at < all.size(); line += 2) {
        const std::string_view key = line_at(all, at);
        const std::size_t value_at = at + key.size() + 1;
        const std::string place = fmt::format("{}:{}", printable(name), line + 1);
        if (value_at >= all.size()) throw invalid_value(fmt::format("{}: the time of {} is missing", place, vmail::quoted(key)));
        const std::string_view value = line_at(all, value_at);
        take(key, value, at, place);
        at = value_at + value.size() + 1;
    }
    std::sort(logins_.begin(), logins_.end(), [this](const login& a, const login& b) {
        const int order = name_of(a).compare(name_of(b));
        return order != 0 ? order < 0 : a.seconds > b.seconds;
    });
}

void login_times::take(std::string_view key, std::string_view value, std::size_t key_at, const std::string& place) {
    const std::int64_t seconds = read_time(value, place);
    const std::size_t slash = key.rfind('/');
    if (slash == std::string_view::npos) throw invalid_value(fmt::format("{}: {} is no key of Dovecot's last logins", place, vmail::quoted(key)));
    if (!is_of_delivery(key)) logins_.push_back({key_at + slash + 1, key.size() - slash - 1, seconds});
}

login_times login_times::read(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::string text;
    std::array<char, 65536> some{};
    while (in.read(some.data(), some.size()), in.gcount() > 0) text.append(some.data(), static_cast<std::size_t>(in.gcount()));
    if (!in.is_open() || in.bad()) throw error(error_kind::input_missing, fmt::format("cannot read the last logins in {}: {}", printable(file.native()), system_reason()));
    return login_times(std::move(text), file.native());
}

std::optional<timestamp> login_times::of(const address& a) const {
    const std::string name = a.key();
    const auto found = std::lower_bound(logins_.begin(), logins_.end(), name, [this](const login& l, const std::string& n) { return name_of(l) < n; });
    if (found == logins_.end() || name_of(*found) != name) return std::nullopt;
    return timestamp::from_epoch(found->seconds);
}

} // namespace vmail
