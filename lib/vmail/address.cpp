#include <algorithm>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/address.hpp>
#include <vmail/local_alias.hpp>

namespace vmail {

namespace {

constexpr std::size_t max_local_part = 64;
constexpr std::size_t max_address = 254;
constexpr std::size_t max_maildrop = 256;

// RFC 5322 section 3.2.3 atext
constexpr bool is_atext(char c) {
    return ascii::is_alnum(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

bool is_dot_atom(std::string_view text) {
    return !text.empty() && text.front() != '.' && text.back() != '.' && text.find("..") == std::string_view::npos &&
           std::all_of(text.begin(), text.end(), [](char c) { return c == '.' || is_atext(c); });
}

struct local_part_result {
    std::string local_part{};
    std::string fault{};
};

std::string enquote(std::string_view content) {
    std::string out = "\"";
    for (char c : content) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

// RFC 5321 section 4.1.2: the forms of one quoted string are equivalent, so one of them is kept.
local_part_result read_quoted(std::string_view text) {
    std::string content;
    std::size_t i = 1;
    for (; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        if (!ascii::is_printable(text[i])) return {{}, "a control character stands in its quotes"};
        content += text[i];
    }
    if (i + 1 != text.size()) return {{}, "its quotes do not end where the local part does"};
    // Postfix looks up "" as nothing, which is the key of a catch-all.
    if (content.empty()) return {{}, "its quotes are empty"};
    return {is_dot_atom(content) ? content : enquote(content), {}};
}

std::string fault_of_atom(std::string_view text) {
    if (text.front() == '.' || text.back() == '.') return "the local part begins or ends with a dot";
    if (text.find("..") != std::string_view::npos) return "the local part has two dots in a row";
    const auto bad = std::find_if_not(text.begin(), text.end(), [](char c) { return c == '.' || is_atext(c); });
    if (bad == text.end()) return {};
    return fmt::format("the character '{}' needs quotes around the local part", printable({&*bad, 1}));
}

local_part_result read_local_part(std::string_view text) {
    if (text.empty()) return {{}, "the local part is missing"};
    if (!ascii::is_ascii(text)) return {{}, "the local part has characters outside ASCII"};
    local_part_result result = text.front() == '"' ? read_quoted(text) : local_part_result{std::string(text), fault_of_atom(text)};
    if (result.fault.empty() && result.local_part.size() > max_local_part)
        result.fault = fmt::format("the local part is longer than {} bytes", max_local_part);
    return result;
}

[[noreturn]] void refuse(std::string_view text, std::string_view fault) {
    throw invalid_value(fmt::format("{} is not a mail address: {}", quoted(text), fault));
}

domain_name parse_domain(std::string_view whole, std::string_view domain) {
    if (domain.empty()) refuse(whole, "the domain is missing");
    try {
        return domain_name::parse(domain);
    } catch (const invalid_value& e) {
        refuse(whole, e.what());
    }
}

std::string join(std::string_view local_part, const domain_name& domain) {
    return fmt::format("{}@{}", local_part, domain.text());
}

std::strong_ordering compare(const domain_name& a_domain, std::string_view a_local, const domain_name& b_domain,
                             std::string_view b_local) {
    if (const auto order = a_domain <=> b_domain; order != 0) return order;
    return ascii::icompare(a_local, b_local) <=> 0;
}

} // namespace

address address::parse(std::string_view text) {
    if (text.empty()) refuse(text, "it is empty");
    // A domain has no "@"; a quoted local part may.
    const std::size_t at = text.rfind('@');
    if (at == std::string_view::npos) refuse(text, "the domain is missing");
    local_part_result local = read_local_part(text.substr(0, at));
    if (!local.fault.empty()) refuse(text, local.fault);
    domain_name domain = parse_domain(text, text.substr(at + 1));
    if (local.local_part.size() + 1 + domain.text().size() > max_address)
        refuse(text, fmt::format("it is longer than {} bytes", max_address));
    return {std::move(local.local_part), std::move(domain)};
}

address address::make(std::string_view local_part, const domain_name& domain) {
    return parse(join(local_part, domain));
}

std::string address::text() const { return join(local_, domain_); }

std::string address::key() const { return ascii::to_lower(text()); }

bool operator==(const address& a, const address& b) { return (a <=> b) == 0; }

std::strong_ordering operator<=>(const address& a, const address& b) {
    return compare(a.domain_, a.local_, b.domain_, b.local_);
}

alias_address alias_address::parse(std::string_view text) {
    if (text.starts_with('@')) return {{}, parse_domain(text, text.substr(1))};
    return address::parse(text);
}

alias_address alias_address::catch_all(const domain_name& domain) { return {{}, domain}; }

alias_address::alias_address(const address& a) : local_(a.local_part()), domain_(a.domain()) {}

std::string alias_address::text() const { return join(local_, domain_); }

std::string alias_address::key() const { return ascii::to_lower(text()); }

bool operator==(const alias_address& a, const alias_address& b) { return (a <=> b) == 0; }

std::strong_ordering operator<=>(const alias_address& a, const alias_address& b) {
    return compare(a.domain_, a.local_, b.domain_, b.local_);
}

namespace {

/// As address::parse(), for which it may be one: somebody's mailbox may be called so, and nothing can be sent to it.
void require_sendable(std::string_view text) {
    if (is_of_local_aliases(text)) throw invalid_value(fmt::format("{} is not a place to send mail to: {}", quoted(text), why_not_of_virtual_aliases));
}

} // namespace

maildrop maildrop::parse(std::string_view text) {
    require_sendable(text);
    return address::parse(text);
}

maildrop maildrop::parse_also_local(std::string_view text) {
    constexpr std::string_view at_home = "@localhost";
    if (!text.ends_with(at_home)) return parse(text);
    require_sendable(text);
    address::parse(std::string(text) + ".localdomain"); // the local part is as in any address
    return from_attribute(text);
}

maildrop maildrop::from_attribute(std::string_view text) {
    const auto refuse_maildrop = [text](std::string_view fault) {
        throw invalid_value(fmt::format("{} is not a place to send mail to: {}", quoted(text), fault));
    };
    if (text.empty()) refuse_maildrop("it is empty");
    if (text.size() > max_maildrop) refuse_maildrop(fmt::format("it is longer than {} bytes", max_maildrop));
    if (!std::all_of(text.begin(), text.end(), ascii::is_printable)) refuse_maildrop("it has more than printable ASCII");
    if (text.front() == ' ' || text.back() == ' ') refuse_maildrop("it begins or ends with a blank");
    return maildrop(std::string(text));
}

maildrop::maildrop(const address& a) : text_(a.text()) {}

std::string maildrop::key() const { return ascii::to_lower(text_); }

bool operator==(const maildrop& a, const maildrop& b) { return ascii::iequals(a.text_, b.text_); }

std::strong_ordering operator<=>(const maildrop& a, const maildrop& b) { return ascii::icompare(a.text_, b.text_) <=> 0; }

} // namespace vmail
