#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include <vmail/address.hpp>
#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/facet.hpp>
#include <vmail/layout.hpp>
#include <vmail/mailbox.hpp>
#include <vmail/schema.hpp>
#include <vmail/unix_account.hpp>

namespace vmail {

namespace attr = schema::attr;

namespace {

constexpr std::array<std::uint32_t, 5> reserved = {0, 65534, 65535, 4294967294U, 4294967295U};

std::uint32_t parse_any(std::string_view text) {
    std::uint32_t n{};
    const auto end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, n);
    if (parsed.ec != std::errc() || parsed.ptr != end) throw invalid_value(fmt::format("{} is no number from 1 to 4294967293", quoted(text)));
    return n;
}

std::string first_of(const mailbox& m, std::string_view attribute) {
    const auto it = m.facets.find(std::string(attribute));
    return it == m.facets.end() || it->second.empty() ? std::string() : it->second.front();
}

void put(mailbox& m, std::string_view attribute, const std::string& value) {
    if (value.empty()) m.facets.erase(std::string(attribute));
    else m.facets[std::string(attribute)] = {value};
}

[[noreturn]] void refuse(std::string_view what, std::string_view value, std::string_view why) {
    throw invalid_value(fmt::format("the {} {} {}", what, quoted(value), why));
}

/// passwd(5) has seven fields, with colons between them, on one line.
void check_field(std::string_view what, std::string_view value) {
    if (!std::all_of(value.begin(), value.end(), [](char c) { return ascii::is_printable(c); })) refuse(what, value, "has other characters than the printable ones of ASCII");
    if (value.find(':') != std::string_view::npos) refuse(what, value, "has a colon, which ends a field of passwd(5)");
}

bool climbs(std::string_view path) { return fmt::format("{}/", path).find("/../") != std::string::npos; }

void check_path(std::string_view what, std::string_view path) {
    check_field(what, path);
    if (!path.starts_with('/')) refuse(what, path, "does not begin at /");
    if (climbs(path)) refuse(what, path, "goes up by \"..\"");
}

bool may_stand_alone(char c) { return ascii::is_alnum(c) || std::string_view("._@$()").find(c) != std::string_view::npos; }
bool may_end(char c) { return may_stand_alone(c) || c == '~' || c == '-'; }
bool may_stand_within(char c) { return may_end(c) || c == ' ' || c == '\\'; }

} // namespace

bool unix_number::is_reserved(std::uint32_t n) noexcept { return std::find(reserved.begin(), reserved.end(), n) != reserved.end(); }

std::uint32_t unix_number::parse(std::string_view text) {
    const std::uint32_t n = parse_any(text);
    if (is_reserved(n)) throw invalid_value(fmt::format("{} is nobody's number: 0 is root, and others such as 65534 have a meaning of their own", n));
    return n;
}

number_range unix_number::parse_range(std::string_view text) {
    const auto hyphen = std::min(text.find('-'), text.size());
    if (hyphen == text.size()) throw invalid_value(fmt::format("{} is no range, such as 10000-59999", quoted(text)));
    const number_range range{parse(text.substr(0, hyphen)), parse(text.substr(hyphen + 1))};
    if (range.first > range.last) throw invalid_value(fmt::format("{} ends before it begins", quoted(text)));
    return range;
}

bool unix_account::is_on(const mailbox& m) { return m.facets.contains(std::string(attr::uid_number)); }

std::optional<unix_account> unix_account::of(const mailbox& m) {
    if (!is_on(m)) return std::nullopt;
    return unix_account{.uid_number = parse_any(first_of(m, attr::uid_number)),
                        .gid_number = parse_any(first_of(m, attr::gid_number)),
                        .home = first_of(m, attr::home_directory),
                        .shell = first_of(m, attr::login_shell),
                        .gecos = first_of(m, attr::gecos)};
}

void unix_account::put_on(mailbox& m) const {
    put(m, attr::uid_number, std::to_string(uid_number));
    put(m, attr::gid_number, std::to_string(gid_number));
    put(m, attr::home_directory, home);
    put(m, attr::login_shell, shell);
    put(m, attr::gecos, gecos);
}

void unix_account::take_from(mailbox& m) { erase(m.facets, facets::posix_account()); }

void unix_account::check() const {
    check_path("home", home);
    if (!shell.empty()) check_path("shell", shell);
    check_field("gecos", gecos);
}

bool is_unix_name(std::string_view login) noexcept {
    return !login.empty() && may_stand_alone(login.front()) && may_end(login.back()) && std::all_of(login.begin(), login.end(), may_stand_within);
}

std::string unix_home(const unix_defaults& given, const address& a) {
    maildir_path(a); // what can be no folder of mail can be no home either
    return initial_value({.attribute = std::string(attr::home_directory), .syntax = value_syntax::ascii, .initial = given.home}, a);
}

} // namespace vmail
