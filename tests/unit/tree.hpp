#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include <vmail/layout.hpp>
#include <vmail/ldap/dn.hpp>
#include <vmail/ldap/entry.hpp>

/// Entries of a tree, and what would be sent to change them, for tests of the entities.
namespace tree {

using attributes = std::vector<vmail::ldap::attribute>;

inline vmail::site site() {
    return {.layout = vmail::layout(vmail::ldap::dn::parse("dc=example,dc=tld")), .zone = vmail::time_zone::named("UTC")};
}

inline vmail::ldap::entry entry(const std::string& rdns, const attributes& list) {
    vmail::ldap::entry e(vmail::ldap::dn::parse(rdns + ",o=hosting,dc=example,dc=tld"));
    for (const auto& a : list) e.set(a.name, a.values);
    return e;
}

/// "sn: x", one line for each value, in the order of the entry.
inline std::vector<std::string> lines(const vmail::ldap::entry& e) {
    std::vector<std::string> all;
    for (const auto& a : e.attributes())
        for (const auto& value : a.values) all.push_back(a.name + ": " + value);
    return all;
}

/// "replace quota: 5S", "add maildrop: a b", "remove quota", one line for each modification.
inline std::vector<std::string> changes(const vmail::ldap::entry& before, const vmail::ldap::entry& after) {
    std::vector<std::string> all;
    for (const auto& m : vmail::ldap::diff(before, after)) {
        std::string line = m.what == vmail::ldap::change::add ? "add " : m.what == vmail::ldap::change::remove ? "remove " : "replace ";
        line += m.attribute;
        for (const auto& value : m.values) line += (&value == &m.values.front() ? ": " : " ") + value;
        all.push_back(std::move(line));
    }
    return all;
}

/// The changes that an update of the entity sends.
template <typename Entity> std::vector<std::string> changes(const vmail::ldap::entry& before, const Entity& entity, const vmail::site& s) {
    vmail::ldap::entry after = before;
    entity.to_entry(after, s);
    return changes(before, after);
}

using lines_of = std::vector<std::string>;

} // namespace tree
