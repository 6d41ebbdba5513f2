#include <algorithm>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/domain_name.hpp>

namespace vmail {

namespace {

constexpr std::size_t max_label = 63;
constexpr std::size_t max_domain = 253;

constexpr bool is_domain_byte(char c) { return ascii::is_alnum(c) || c == '-' || c == '.'; }

std::string fault_of_bytes(std::string_view text) {
    if (text.empty()) return "it is empty";
    if (!ascii::is_ascii(text)) return "it has letters outside ASCII, which are written as xn--...";
    if (text.front() == '[') return "address literals are not supported";
    const auto bad = std::find_if_not(text.begin(), text.end(), is_domain_byte);
    if (bad == text.end()) return {};
    return fmt::format("the character '{}' is not allowed in it", printable({&*bad, 1}));
}

std::string fault_of_label(std::string_view label) {
    if (label.empty()) return "a part between its dots is empty";
    if (label.size() > max_label) return fmt::format("a part between its dots is longer than {} bytes", max_label);
    if (label.front() == '-' || label.back() == '-') return "a part between its dots begins or ends with a hyphen";
    return {};
}

std::string fault_of_labels(std::string_view text) {
    std::string_view rest = text;
    for (;;) {
        const std::size_t dot = rest.find('.');
        if (std::string fault = fault_of_label(rest.substr(0, dot)); !fault.empty()) return fault;
        if (dot == std::string_view::npos) break;
        rest.remove_prefix(dot + 1);
    }
    if (rest.size() == text.size()) return "it has no dot";
    if (ascii::is_digits(rest)) return "its last part is a number";
    return {};
}

std::string fault_of(std::string_view text) {
    if (std::string fault = fault_of_bytes(text); !fault.empty()) return fault;
    if (text.size() > max_domain) return fmt::format("it is longer than {} bytes", max_domain);
    return fault_of_labels(text);
}

} // namespace

domain_name domain_name::parse(std::string_view text) {
    std::string_view name = text;
    if (name.size() > 1 && name.back() == '.') name.remove_suffix(1);
    if (const std::string fault = fault_of(name); !fault.empty())
        throw invalid_value(fmt::format("{} is not a domain name: {}", quoted(text), fault));
    return domain_name(ascii::to_lower(name));
}

} // namespace vmail
