#include <vmail/check/rules/table.hpp>
#include <vmail/check/server_sight.hpp>

namespace vmail::check {

namespace {

void ask(server_sight& s, const telling& tell) {
    if (!s.directory.has_password_policy()) tell.about(s.uri(), "the server has no password policy: nothing stops one who tries passwords over LDAP");
}

} // namespace

const rule policy_missing{{"policy-missing", severity::note, reach::server, repair::none,
                           "The server has not loaded slapo-ppolicy, which locks accounts after wrong passwords and has weak ones changed."},
                          nullptr, nullptr, nullptr, ask};

} // namespace vmail::check
