#include <string>
#include <string_view>

#include <fmt/format.h>

#include <vmail/ascii.hpp>

#include <vmail/jobs/sending_rules.hpp>

namespace vmail {

namespace {

/// As schema/rspamd/limits.lua has the name of a login: in a map "#", blanks and quotes mean something.
std::string map_key(std::string_view name) {
    std::string key;
    for (const char c : name) {
        if (ascii::is_alnum(c) || c == '@' || c == '.' || c == '_' || c == '-') key += c;
        else key += fmt::format("={:02x}", static_cast<unsigned char>(c));
    }
    return key;
}

} // namespace

std::string rspamd_map(const sending_rules& rules) {
    std::string lines;
    for (const auto& [name, limits] : rules.domains) lines += fmt::format("@{} {}\n", name, limits.text());
    for (const auto& [name, limits] : rules.mailboxes) lines += fmt::format("{} {}\n", map_key(name), limits.text());
    return lines;
}

} // namespace vmail
