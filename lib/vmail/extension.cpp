#include <string>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/extension.hpp>
#include <vmail/routing_recipient.hpp>

namespace vmail {

std::size_t extension_at(std::string_view local_part, const site& s) noexcept {
    const std::size_t at = s.recipient_delimiter.empty() ? std::string_view::npos : local_part.find_first_of(s.recipient_delimiter);
    return at == 0 ? std::string_view::npos : at;
}

std::optional<address> without_extension(const address& a, const site& s) {
    const auto split = routing::without_extension(routing::recipient::parse(a.text()), s.recipient_delimiter);
    return split ? std::optional(address::parse(split->base.text())) : std::nullopt;
}

void require_own_name(const address& a, const site& s) {
    const std::string& local = a.local_part();
    const auto at = s.recipient_delimiter.empty() ? std::string::npos : local.find_first_of(s.recipient_delimiter);
    if (at == std::string::npos) return;
    if (at == 0)
        throw invalid_value(fmt::format("{} cannot be a mailbox: Dovecot would refuse its mail, as it takes {} for the extension of an empty name; an alias may have this address",
                                        printable(a.text()), quoted(local)));
    throw invalid_value(fmt::format("{} cannot be a mailbox: its mail would go to {}@{}, as the daemons take {} for an extension; an alias may have this address",
                                    printable(a.text()), printable(local.substr(0, at)), a.domain().text(), quoted(local.substr(at))));
}

bool has_route(std::string_view local_part) noexcept { return local_part.find_first_of("%!@") != std::string_view::npos; }

namespace {

void refuse_route(std::string_view local_part, const std::string& text) {
    if (has_route(local_part))
        throw invalid_value(fmt::format("{} would get no mail: Postfix takes {} for a way by another server, and refuses it", printable(text), quoted(local_part)));
}

} // namespace

void require_no_route(const address& a) { refuse_route(a.local_part(), a.text()); }
void require_no_route(const alias_address& a) { refuse_route(a.local_part(), a.text()); }

} // namespace vmail
