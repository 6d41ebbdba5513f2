#include <string>

#include <vmail/ascii.hpp>

#include <vmail/check/rules/table.hpp>
#include <vmail/check/server_sight.hpp>

namespace vmail::check {

namespace {

bool is_local(const std::string& uri) {
    for (const auto* const start : {"ldapi:", "ldap://127.", "ldap://localhost", "ldap://[::1]"})
        if (ascii::istarts_with(uri, start)) return true;
    return false;
}

void ask(server_sight& s, const telling& tell) {
    if (s.session().tls_version().empty() && !is_local(s.uri())) tell.about(s.uri(), "the connection is not encrypted");
}

} // namespace

const rule connection_clear{{"connection-clear", severity::warning, reach::server, repair::none,
                             "What is read and written crosses the network in clear text, hashes of passwords among it."},
                            nullptr, nullptr, nullptr, ask};

} // namespace vmail::check
