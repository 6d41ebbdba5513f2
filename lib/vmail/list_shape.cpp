#include <algorithm>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>

#include <vmail/list_shape.hpp>

namespace vmail::list_shape {

namespace {

bool fits(char c) { return ascii::is_alnum(c) || c == '-' || c == '_' || c == '.' || c == '+'; }

bool ends_in(std::string_view text, std::string_view suffix) {
    return text.size() > suffix.size() && ascii::iequals(text.substr(text.size() - suffix.size()), suffix);
}

std::string fault_of(std::string_view name) {
    if (name.size() > longest_name) return fmt::format("its name is longer than {} bytes, and leaves no room for {}", longest_name, service_suffixes.back());
    if (!is_name(name)) return "Mailman takes letters, digits and -, _, ., + for a name, which begins with a letter or digit";
    if (const auto suffix = suffix_of(name)) return fmt::format("to Mailman it is the address {} of the list {}", *suffix, name.substr(0, name.size() - suffix->size()));
    return {};
}

} // namespace

bool is_name(std::string_view name) {
    return !name.empty() && name.size() <= longest_name && ascii::is_alnum(name.front()) && std::all_of(name.begin(), name.end(), fits);
}

std::optional<std::string_view> suffix_of(std::string_view local_part) {
    const auto it = std::find_if(service_suffixes.begin(), service_suffixes.end(), [&](std::string_view s) { return ends_in(local_part, s); });
    return it == service_suffixes.end() ? std::nullopt : std::optional(*it);
}

void check_address(const address& a) {
    if (const auto fault = fault_of(a.local_part()); !fault.empty()) throw invalid_value(fmt::format("{} cannot be a mailing list: {}", a.text(), fault));
}

std::string target(std::string_view name, std::string_view suffix, std::string_view lists_domain) {
    return fmt::format("{}{}@{}", ascii::to_lower(name), suffix, lists_domain);
}

address address_of(const address& list, std::string_view suffix) { return address::make(list.local_part() + std::string(suffix), list.domain()); }

} // namespace vmail::list_shape
