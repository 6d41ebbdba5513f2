#include <string>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/extension.hpp>

namespace vmail {

std::size_t extension_at(std::string_view local_part, const site& s) noexcept { return extension_at(local_part, s.recipient_delimiter); }

std::size_t extension_at(std::string_view local_part, std::string_view delimiter) noexcept {
    // Postfix does not take one at the beginning for a delimiter.
    return delimiter.empty() ? std::string_view::npos : local_part.find_first_of(delimiter, 1);
}

std::optional<address> without_extension(const address& a, const site& s) {
    const std::string& local = a.local_part();
    const auto at = extension_at(local, s);
    if (at == std::string::npos || local.front() == '"') return std::nullopt;
    return address::make(local.substr(0, at), a.domain());
}

void require_own_name(const address& a, const site& s) {
    const std::string& local = a.local_part();
    const auto at = extension_at(local, s);
    if (at == std::string::npos) return;
    throw invalid_value(fmt::format("{} cannot be a mailbox: its mail would go to {}@{}, as the daemons take {} for an extension; an alias may have this address",
                                    printable(a.text()), printable(local.substr(0, at)), a.domain().text(), quoted(local.substr(at))));
}

} // namespace vmail
