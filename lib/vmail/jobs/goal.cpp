#include <algorithm>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/printable.hpp>

#include <vmail/enumerated.hpp>
#include <vmail/jobs/goal.hpp>
#include <vmail/jobs/passwords.hpp>
#include <vmail/password_form.hpp>
#include <vmail/schema.hpp>
#include <vmail/synonyms.hpp>

namespace vmail::jobs {

namespace {

using values = std::vector<std::string>;

bool is_object_class(std::string_view name) { return ascii::iequals(name, schema::attr::object_class); }

/// Says when, not what.
bool is_stamp(std::string_view name) { return ascii::iequals(name, schema::attr::last_change) || ascii::iequals(name, schema::attr::creation_date); }

bool same_set(values a, values b) {
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    return a == b;
}

/// A server answers with one of an attribute's names, which need not be the file's ("sn" for "surname").
const values* find_type(const ldap::entry& e, const std::string& name, const ldap::subschema& schema) {
    if (const values* const found = e.find(name)) return found;
    const std::string oid = schema.oid(name);
    if (oid.empty()) return nullptr;
    for (const ldap::attribute& a : e.attributes())
        if (schema.oid(a.name) == oid) return &a.values;
    return nullptr;
}

values missing_classes(const ldap::entry& there, const values& wanted) {
    values missing;
    std::copy_if(wanted.begin(), wanted.end(), std::back_inserter(missing), [&](const std::string& name) { return !there.has_class(name); });
    return missing;
}

void apply(ldap::entry& e, const ldap::modification& m) {
    if (m.what == ldap::change::replace) return e.set(m.attribute, m.values);
    if (m.what == ldap::change::add) {
        for (const std::string& v : m.values)
            if (!is_object_class(m.attribute) || !e.has_class(v)) e.add_value(m.attribute, v);
        return;
    }
    if (m.values.empty()) return e.erase(m.attribute);
    if (const values* const present = e.find(m.attribute)) {
        values left = *present;
        std::erase_if(left, [&](const std::string& v) { return std::find(m.values.begin(), m.values.end(), v) != m.values.end(); });
        e.set(m.attribute, std::move(left));
    }
}

/// What is asked of an attribute is asked of it by its name: under another it would pass by.
std::optional<std::string> fault_of_name(std::string_view name) {
    const std::string_view bare = name.substr(0, name.find(';')), usual = usual_name(name);
    if (!bare.empty() && ascii::is_digit(bare.front())) return fmt::format("the attribute {} is written by its number: give it by its name", printable(name));
    if (usual == bare || (usual != schema::attr::mail && usual != schema::attr::uid)) return std::nullopt;
    return fmt::format("{} is another name of {}: give it by that", printable(bare), usual);
}

std::optional<std::string> fault_of(std::string_view name, const values& given) {
    if (auto fault = fault_of_name(name)) return fault;
    if (is_clear_password(name)) return fmt::format("{} is never stored: give a hash as userPassword, or set the password later", name);
    if (is_user_password(name) && !std::all_of(given.begin(), given.end(), is_password_hash))
        return fmt::format("a value of {} is no hash of a scheme that slapd or Dovecot knows: a password in clear text is never stored", name);
    return std::nullopt;
}

} // namespace

std::vector<ldap::modification> changes_to(const ldap::entry& there, const ldap::entry& wanted, const ldap::subschema& schema) {
    std::vector<ldap::modification> changes, stamps;
    for (const ldap::attribute& a : wanted.attributes()) {
        if (is_object_class(a.name)) {
            if (values missing = missing_classes(there, a.values); !missing.empty())
                changes.insert(changes.begin(), {ldap::change::add, a.name, std::move(missing)});
            continue;
        }
        const values* const present = find_type(there, a.name, schema);
        if (present == nullptr && is_user_password(a.name)) continue; // hidden from us
        if (present != nullptr && same_set(*present, a.values)) continue;
        (is_stamp(a.name) ? stamps : changes).push_back({ldap::change::replace, a.name, a.values});
    }
    if (!changes.empty()) changes.insert(changes.end(), stamps.begin(), stamps.end());
    return changes;
}

bool already_holds(const ldap::entry& there, const std::vector<ldap::modification>& changes) {
    ldap::entry after = there;
    for (const ldap::modification& m : changes) apply(after, m);
    return ldap::diff(there, after).empty();
}

std::string attributes_of(const std::vector<ldap::modification>& changes) {
    std::vector<std::string> names;
    for (const ldap::modification& m : changes) names.push_back(m.attribute);
    return enumerated(names);
}

std::optional<std::string> fault_of(const ldap::entry& e) {
    for (const ldap::attribute& a : e.attributes())
        if (auto fault = fault_of(a.name, a.values)) return fault;
    return std::nullopt;
}

std::optional<std::string> fault_of(const std::vector<ldap::modification>& changes) {
    for (const ldap::modification& m : changes)
        if (m.what != ldap::change::remove && !m.values.empty())
            if (auto fault = fault_of(m.attribute, m.values)) return fault;
    return std::nullopt;
}

} // namespace vmail::jobs
