#include <utility>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/schema.hpp>
#include <vmail/standing.hpp>

#include <vmail/jobs/sending_rules.hpp>

namespace vmail {

namespace {

namespace attr = schema::attr;

using on_sentence = std::function<void(const std::string&)>;

/// By the class, for which there is an index.
list_options limited() { return {.filter = ldap::filter::equal(attr::object_class, schema::cls::sending), .removed = true}; }

/// Of what has a limit that is one.
template <typename Entity>
void for_each_limited(directory& d, const on_sentence& tell, const std::function<void(const Entity&)>& visit) {
    d.for_each<Entity>(
        limited(),
        [&](stored<Entity>&& e) {
            for (const problem& p : e->problems)
                if (ascii::iequals(p.attribute, attr::send_limit)) return tell(fmt::format("{}: {}: {}", printable(text_of(e.value)), p.attribute, p.sentence));
            visit(e.value);
        },
        [&](unreadable_entry&& e) { tell(fmt::format("{}: {}", printable(e.dn.text()), e.sentence)); });
}

void require_site(directory& d) {
    require_sight(d.session(), d.site());
    const standing who = standing_of(d.session(), d.site());
    if (who.kind == standing::kind::service) return;
    throw denied(fmt::format("{} does not see all limits, and those that are not seen would be lifted", printable(who.name)));
}

} // namespace

sending_rules read_sending_rules(directory& d, const on_sentence& on_nonsense) {
    require_site(d);
    sending_rules rules;
    for_each_limited<domain>(d, on_nonsense, [&](const domain& e) {
        if (!e.send_limits.unlimited()) rules.domains.emplace(ascii::to_lower(e.name.text()), e.send_limits);
    });
    for_each_limited<mailbox>(d, on_nonsense, [&](const mailbox& m) {
        const auto given = rules.domains.find(ascii::to_lower(m.address.domain().text()));
        const send_limits of_domain = given == rules.domains.end() ? send_limits() : given->second;
        if (m.send_limits && *m.send_limits != of_domain) rules.mailboxes.emplace(m.address.key(), *m.send_limits);
    });
    return rules;
}

} // namespace vmail
