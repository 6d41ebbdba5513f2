#include <string>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/extension.hpp>

namespace vmail {

void require_own_name(const address& a, const site& s) {
    const std::string& local = a.local_part();
    // Postfix does not take one at the beginning for a delimiter.
    const auto at = s.recipient_delimiter.empty() ? std::string::npos : local.find_first_of(s.recipient_delimiter, 1);
    if (at == std::string::npos) return;
    throw invalid_value(fmt::format("{} cannot be a mailbox: its mail would go to {}@{}, as the daemons take {} for an extension; an alias may have this address",
                                    printable(a.text()), printable(local.substr(0, at)), a.domain().text(), quoted(local.substr(at))));
}

} // namespace vmail
