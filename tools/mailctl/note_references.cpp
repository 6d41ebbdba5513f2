#include <fmt/format.h>

#include "entity_verbs.hpp"

namespace vmail::tools {

namespace {

/// postmaster@ has a name of its own in the tree, cn=postmaster.
std::string address_of(const ldap::dn& name) {
    const auto& own = name.rdns().front().front();
    const auto above = name.parent();
    if (own.type != schema::attr::cn || above.empty()) return own.value;
    return own.value + "@" + above.rdns().front().front().value;
}

void note_senders(invocation& run, directory& d, const address& gone) {
    for (const auto& name : d.references_to(gone))
        run.err().note(fmt::format("{} still sends mail to {}", printable(address_of(name)), printable(gone.text())));
}

} // namespace

void note_references(invocation& run, directory& d, const mailbox& m) { note_senders(run, d, m.address); }

void note_references(invocation& run, directory& d, const alias& a) {
    if (!a.address.is_catch_all()) note_senders(run, d, address::make(a.address.local_part(), a.address.domain()));
}

} // namespace vmail::tools
