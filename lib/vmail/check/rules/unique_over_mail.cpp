#include <algorithm>
#include <string>

#include <vmail/ascii.hpp>
#include <vmail/check/rules/table.hpp>
#include <vmail/check/server_sight.hpp>

namespace vmail::check {

namespace {

/// "serialize ldap:///?mail?sub", "strict serialize ldap:///o=hosting,dc=example,dc=org?mail,uid?sub".
bool covers_addresses(const std::string& uri) {
    const auto begin = uri.find('?');
    if (begin == std::string::npos) return false;
    const std::string attributes = ',' + ascii::to_lower(uri.substr(begin + 1, uri.find('?', begin + 1) - begin - 1)) + ',';
    return attributes.find(",mail,") != std::string::npos;
}

bool covers_addresses(const ldap::entry& overlay) {
    const auto* const uris = overlay.find("olcUniqueURI");
    return uris != nullptr && std::any_of(uris->begin(), uris->end(), [](const std::string& uri) { return covers_addresses(uri); });
}

void ask(server_sight& s, const telling& tell) {
    const auto& database = s.configuration();
    if (!database) return tell.unknown(s.uri(), "whether slapo-unique watches over addresses is not shown to us");
    if (std::any_of(database->begin(), database->end(), [](const ldap::entry& e) { return covers_addresses(e); }))
        tell.about(s.uri(), "slapo-unique watches over mail, and so no address can be changed with these tools");
}

} // namespace

const rule unique_over_mail{{"unique-over-mail", severity::warning, reach::server, repair::none,
                             "slapd refuses each rename as if somebody had changed the entry meanwhile: the search by which slapo-unique looks for the address inherits the assertion "
                             "that guards the change."},
                            nullptr, nullptr, nullptr, ask};

} // namespace vmail::check
