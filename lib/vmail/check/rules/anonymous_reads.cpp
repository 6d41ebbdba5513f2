#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/ldap/session.hpp>

#include <vmail/check/rules/table.hpp>
#include <vmail/check/server_sight.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace {

namespace attr = schema::attr;

struct seen_enough {};
constexpr std::size_t enough = 1000; // entries

/// The worst of what one who says nothing of himself is shown: nothing, or in words.
std::string_view what_is_shown(ldap::session& s, const ldap::dn& below) {
    std::string_view worst;
    std::size_t count = 0;
    try {
        s.for_each({below, ldap::scope::subtree, ldap::filter::present("objectClass"), {std::string(attr::mail), std::string(attr::user_password)}}, [&](ldap::entry&& e) {
            if (worst.empty()) worst = "entries";
            if (e.has(attr::mail)) worst = "addresses";
            if (e.has(attr::user_password)) worst = "hashes of passwords";
            if (e.has(attr::user_password) || ++count == enough) throw seen_enough();
        });
    } catch (const seen_enough&) {
    } catch (const limit_exceeded&) { // after he has seen some
    } catch (const not_found&) { // hidden from him
    } catch (const denied&) {
    }
    return worst;
}

/// Where nobody gets in without a name there is nothing to see.
std::optional<ldap::session> as_nobody(server_sight& s, const telling& tell) {
    try {
        return s.connect(s.uri(), true);
    } catch (const unavailable& e) {
        tell.unknown(s.uri(), fmt::format("what a client without a name sees could not be looked at: {}", e.what()));
    } catch (const error&) { // he is refused
    }
    return std::nullopt;
}

void ask(server_sight& s, const telling& tell) {
    auto nobody = as_nobody(s, tell);
    if (!nobody) return;
    if (const auto what = what_is_shown(*nobody, s.directory.site().layout.container()); !what.empty())
        tell.about(s.uri(), fmt::format("whoever connects, without a name, reads {}", what));
}

} // namespace

const rule anonymous_reads{{"anonymous-reads", severity::error, reach::server, repair::none,
                            "Whoever reaches the server reads the tree without logging in: addresses to send spam to, or hashes of passwords."},
                           nullptr, nullptr, nullptr, ask};

} // namespace vmail::check
