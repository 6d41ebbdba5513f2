#include <string>

#include <vmail/check/rules/table.hpp>
#include <vmail/check/server_sight.hpp>

namespace vmail::check {

namespace {

/// "serialize ldap:///?mail?sub", "strict serialize ldap:///...".
bool covers_addresses(const std::string& uri) { return uri.find("?mail") != std::string::npos || uri.find(",mail") != std::string::npos; }
bool is_serialized(const std::string& uri) { return uri.substr(0, uri.find("ldap:")).find("serialize") != std::string::npos; }

void ask(server_sight& s, const telling& tell) {
    const auto& database = s.configuration();
    if (!database) return tell.unknown(s.uri(), "whether slapo-unique watches over addresses is not shown to us");
    bool covered = false, serialized = false;
    for (const ldap::entry& e : *database)
        if (const auto* const uris = e.find("olcUniqueURI"))
            for (const std::string& uri : *uris) {
                covered = covered || covers_addresses(uri);
                serialized = serialized || (covers_addresses(uri) && is_serialized(uri));
            }
    if (!covered) tell.about(s.uri(), "nothing on the server keeps other programs from making an address twice: slapo-unique does not watch over mail");
    else if (!serialized) tell.about(s.uri(), "slapo-unique lets two that are made at the same moment pass: its unique_uri has no \"serialize\"");
}

} // namespace

const rule unique_missing{{"unique-missing", severity::warning, reach::server, repair::none,
                           "The server does not refuse a second entry of an address, or not one that is made at the same moment, so that all depends on who writes."},
                          nullptr, nullptr, nullptr, ask};

} // namespace vmail::check
