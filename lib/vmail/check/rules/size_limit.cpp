#include <vmail/error.hpp>
#include <vmail/ldap/request.hpp>

#include <vmail/check/rules/table.hpp>
#include <vmail/check/server_sight.hpp>

namespace vmail::check {

namespace {

/// A look at the tree that came to its end has shown it already.
void ask(server_sight& s, const telling& tell) {
    try {
        s.session().for_each({s.directory.site().layout.container(), ldap::scope::subtree, ldap::filter::present("objectClass"), ldap::no_attributes()}, [](ldap::entry&&) {});
    } catch (const limit_exceeded& e) {
        tell.about(s.uri(), e.what());
    }
}

} // namespace

const rule size_limit{{"size-limit", severity::error, reach::server, repair::none,
                       "The server cuts lists short for whom it knows us as: nothing that needs the whole tree can be done."},
                      nullptr, nullptr, nullptr, ask};

} // namespace vmail::check
