#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
constexpr std::size_t enough = 1000; // entries that he is shown
constexpr std::size_t most_domains = 1000, most_entries = 100;

using ldap::filter;

/// An access rule may hide what is above from him, and not what is below: each of these is looked at by its name.
struct places {
    std::vector<ldap::dn> trees{}, entries{};
    bool are_all_trees = true;
    static constexpr std::size_t beside_domains = 2; ///< o=hosting and ou=admin
};

void gather(ldap::session& s, const ldap::dn& below, const filter& what, std::size_t most, std::vector<ldap::dn>& all, bool& are_all) {
    try {
        std::size_t count = 0;
        s.for_each({below, ldap::scope::subtree, what, ldap::no_attributes()}, [&](ldap::entry&& e) {
            if (++count > most) throw seen_enough();
            all.push_back(e.dn());
        });
    } catch (const seen_enough&) {
        are_all = false;
    } catch (const limit_exceeded&) { // which another rule tells
        are_all = false;
    } catch (const denied&) {
        are_all = false;
    } catch (const not_found&) { // there are no administrators
    }
}

filter any_class_of(const std::vector<std::string_view>& classes) {
    std::vector<filter> any;
    for (const auto c : classes) any.push_back(filter::equal(attr::object_class, c));
    return filter::any_of(any);
}

places places_of(directory& d) {
    namespace cls = schema::cls;
    const ldap::dn top = d.site().layout.container(), admins = d.site().layout.admins();
    places all{.trees = {top, admins}};
    bool are_all_entries = true;
    gather(d.session(), top, any_class_of({cls::domain, cls::backup_domain}), most_domains, all.trees, all.are_all_trees);
    gather(d.session(), top, any_class_of({cls::account}), most_entries, all.entries, are_all_entries);
    gather(d.session(), top, any_class_of({cls::alias}), most_entries, all.entries, are_all_entries);
    gather(d.session(), admins, any_class_of({cls::admin}), most_entries, all.entries, are_all_entries);
    return all;
}

/// What one who says nothing of himself is shown, place by place.
class nobody {
public:
    nobody(ldap::session& s, const telling& tell) : session_(s), tell_(tell) {}

    /// Until there is no worse.
    void look_at(const std::vector<ldap::dn>& all, ldap::scope how_far) {
        for (const ldap::dn& name : all)
            if (!found_.hashes && !is_over_) look(name, how_far);
    }
    /// The worst of it: nothing, or in words.
    std::string_view worst() const {
        if (found_.hashes) return "hashes of passwords";
        return found_.addresses ? "addresses" : found_.entries ? "entries" : "";
    }
    bool is_unknown() const noexcept { return is_unknown_; }

private:
    struct findings {
        bool entries = false, addresses = false, hashes = false;
    };

    /// He may be allowed to ask for one of them alone.
    static filter anything() {
        return filter::any_of({filter::present(attr::object_class), filter::present(attr::mail), filter::present(attr::vd), filter::present(attr::cn), filter::present(attr::user_password)});
    }

    void look(const ldap::dn& name, ldap::scope how_far) {
        std::size_t count = 0;
        try {
            session_.for_each({name, how_far, anything(), {std::string(attr::mail), std::string(attr::user_password)}}, [&](ldap::entry&& e) {
                note(e);
                if (found_.hashes || ++count == enough) throw seen_enough();
            });
        } catch (const seen_enough&) {
        } catch (const not_found&) { // hidden from him
        } catch (const denied&) {
        } catch (const error& e) {
            is_over_ = !e.session_usable();
            if (count == 0 && e.diagnostic() != "authentication required") tell_once(e); // else a limit, after he has seen some
        }
    }

    void tell_once(const error& e) {
        if (!is_unknown_) tell_.unknown(session_.uri(), fmt::format("not all of what a client without a name sees could be looked at: {}", e.what()));
        is_unknown_ = true;
    }

    void note(const ldap::entry& e) {
        found_.entries = true;
        found_.addresses = found_.addresses || e.has(attr::mail);
        found_.hashes = found_.hashes || e.has(attr::user_password);
    }

    ldap::session& session_;
    const telling& tell_;
    findings found_{};
    bool is_unknown_ = false, is_over_ = false;
};

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
    auto session = as_nobody(s, tell);
    if (!session) return;
    const auto where = places_of(s.directory);
    nobody by(*session, tell);
    by.look_at(where.trees, ldap::scope::subtree);
    by.look_at(where.entries, ldap::scope::base);
    if (const auto what = by.worst(); !what.empty()) tell.about(s.uri(), fmt::format("whoever connects, without a name, reads {}", what));
    else if (!where.are_all_trees && !by.is_unknown())
        tell.unknown(s.uri(), fmt::format("a client without a name reads nothing of {} domains; the others were not looked at", where.trees.size() - places::beside_domains));
}

} // namespace

const rule anonymous_reads{{"anonymous-reads", severity::error, reach::server, repair::none,
                            "Whoever reaches the server reads the tree without logging in: addresses to send spam to, or hashes of passwords."},
                           nullptr, nullptr, nullptr, ask};

} // namespace vmail::check
