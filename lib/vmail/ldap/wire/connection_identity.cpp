#include <algorithm>
#include <string>
#include <vector>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/ldap/subschema.hpp>

#include <vmail/ldap/wire/connection.hpp>

/// One entry has many names: "commonName=x", "2.5.4.3=x", and what its matching rules take for the same.
namespace vmail::ldap::wire {

namespace {

/// A name with its types by OID, in a form to compare.
std::vector<std::vector<std::string>> by_oid(const dn& name, const subschema& known) {
    std::vector<std::vector<std::string>> rdns;
    for (const auto& rdn : name.rdns()) {
        auto& parts = rdns.emplace_back();
        for (const auto& part : rdn) {
            const auto oid = known.oid(part.type);
            parts.push_back(dn().child(oid.empty() ? part.type : oid, part.value).key());
        }
        std::sort(parts.begin(), parts.end());
    }
    return rdns;
}

} // namespace

std::optional<entry> connection::read_base(const dn& name, const std::vector<std::string>& attributes) {
    auto seen = read({name, scope::base, filter::present("objectClass"), attributes});
    return seen.result.ok() && !seen.entries.empty() ? std::optional(std::move(seen.entries.front())) : std::nullopt;
}

bool connection::names_one_entry(const dn& told, const dn& given) {
    if (told == given) return true;
    const auto root = read_base(dn(), {"subschemaSubentry"});
    const auto where = root ? root->first("subschemaSubentry") : std::nullopt;
    const auto definitions = where ? read_base(dn::parse(*where), {"attributeTypes"}) : std::nullopt;
    if (definitions) {
        const subschema known(*definitions);
        if (by_oid(told, known) == by_oid(given, known)) return true;
    }
    const auto found = read_base(given, no_attributes()); // the server says how it writes the name
    return found && found->dn() == told;
}

} // namespace vmail::ldap::wire
