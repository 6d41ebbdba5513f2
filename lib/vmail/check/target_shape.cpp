#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include <vmail/address.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/check/target_shape.hpp>
#include <vmail/local_alias.hpp>
#include <vmail/routing_targets.hpp>

namespace vmail::check {

namespace {

/// An address in brackets, as "[192.0.2.1]"; that of a numbered host is not looked at any closer.
bool is_literal(std::string_view domain) { return domain.size() > 2 && domain.front() == '[' && domain.back() == ']'; }

/// A domain of one word, which Postfix completes, and underscores are fine.
std::string as_domain(std::string_view domain) {
    std::string text(is_literal(domain) ? "literal" : domain);
    std::replace(text.begin(), text.end(), '_', 'x');
    if (!text.empty() && text.find('.') == std::string::npos) text += ".localdomain";
    return text;
}

/// As an address in full would be, which it need not be.
std::string fault_of_address(std::string_view local, std::string_view domain) {
    try {
        address::parse(fmt::format("{}@{}", local.empty() ? "any" : local, as_domain(domain)));
        return {};
    } catch (const invalid_value&) {
        return "it is no address";
    }
}

std::string fault_of_shape(std::string_view text) {
    if (is_of_local_aliases(text)) return std::string(why_not_of_virtual_aliases);
    const auto parts = routing::targets_in(text);
    if (parts.size() > 1) return "it is several in one value, which Postfix takes apart, and nobody else";
    if (text.ends_with('.') && parts.front().text.size() + 1 == text.size()) return "a dot stands at the end of its domain, so that it is not taken for the same domain";
    if (parts.front().text != text) return "more stands beside the address";
    const auto at = text.rfind('@');
    if (at == std::string_view::npos) return fault_of_address(text, "localhost.localdomain");
    return fault_of_address(text.substr(0, at), text.substr(at + 1));
}

} // namespace

std::string fault_of_target(std::string_view text) {
    const auto fault = fault_of_shape(text);
    return fault.empty() ? fault : fmt::format("{}: {}", vmail::quoted(text), fault);
}

} // namespace vmail::check
