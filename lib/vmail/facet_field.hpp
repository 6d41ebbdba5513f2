#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/printable.hpp>

#include <vmail/codec.hpp>
#include <vmail/facet.hpp>
#include <vmail/field.hpp>
#include <vmail/layout.hpp>

/// The rows that a site adds to a mailbox cross the wire as the others do. Internal to the entities.
namespace vmail::fields {

/// A row of field.hpp that is known at run time only.
template <typename Entity>
struct added_row {
    const facet_row& of;
    std::string_view attribute = of.attribute;
    static constexpr void (*check)(const values&) = nullptr; // both ways look at each value

    void read(Entity& to, const values& v, const ldap::entry&, const site&) const {
        check_values(of, v);
        to.facets[of.attribute] = v;
    }

    /// What is shared is there for others, too: it is not taken away.
    written write(const Entity& from, const ldap::entry&, const site&) const {
        const auto given = from.facets.find(of.attribute);
        if (given == from.facets.end() || given->second.empty()) return of.shared ? written::leave() : written::absent();
        check_values(of, given->second);
        return written::store(given->second);
    }

    values fallback(const Entity&, const site&) const { return {}; }
};

template <typename Entity>
std::vector<added_row<Entity>> added_rows(const site& s) {
    std::vector<added_row<Entity>> rows;
    for (const facet& f : s.facets)
        for (const facet_row& r : f.rows) rows.push_back(added_row<Entity>{r});
    return rows;
}

/// A value that no row would write is refused, not lost.
inline void expect_rows(const facet_values& given, const site& s) {
    for (const auto& one : given) {
        const auto names_it = [&](const facet_row& r) { return r.attribute == one.first; };
        const auto has_it = [&](const facet& f) { return std::any_of(f.rows.begin(), f.rows.end(), names_it); };
        if (std::none_of(s.facets.begin(), s.facets.end(), has_it)) throw invalid_value(printable(one.first) + ": it is in no facet of this site");
    }
}

inline bool holds(const ldap::entry& e, const facet& f) {
    return std::any_of(f.rows.begin(), f.rows.end(), [&](const facet_row& r) { return !r.shared && e.has(r.attribute); });
}

/// Whether the facet's classes are among those of the entry.
inline bool has_classes(const ldap::entry& e, const facet& f) {
    return std::all_of(f.classes.begin(), f.classes.end(), [&](const std::string& name) { return e.has_class(name); });
}

template <typename Entity>
void bring(const Entity& from, const facet& f, ldap::entry& e) {
    for (const std::string& name : f.classes) e.add_class(name);
    for (const facet_row& r : f.rows) {
        if (r.initial.empty() || e.has(r.attribute)) continue;
        e.set(r.attribute, initial_value(r, from.address));
    }
}

/// The classes of a facet come with its first value and go with its last.
template <typename Entity>
void settle(const Entity& from, const facet& f, ldap::entry& e) {
    if (!holds(e, f))
        for (const std::string& name : f.classes) e.remove_class(name);
    else if (!has_classes(e, f))
        bring(from, f, e);
}

template <typename Entity>
void write_new_facets(const Entity& from, ldap::entry& e, const site& s) {
    expect_rows(from.facets, s);
    write_new(from, added_rows<Entity>(s), e, s);
    for (const facet& f : s.facets) {
        if (f.for_new) bring(from, f, e);
        if (holds(e, f)) settle(from, f, e);
    }
}

/// Only a facet of which something was written is settled. Returns the attributes written.
template <typename Entity>
std::vector<std::string_view> write_changed_facets(const Entity& from, const Entity& before, ldap::entry& e, const site& s) {
    expect_rows(from.facets, s);
    const auto attributes = write_changes(from, before, added_rows<Entity>(s), e, s);
    for (const facet& f : s.facets) {
        const auto was_written = [&](const facet_row& r) {
            return !r.shared && std::find(attributes.begin(), attributes.end(), r.attribute) != attributes.end();
        };
        if (std::any_of(f.rows.begin(), f.rows.end(), was_written)) settle(from, f, e);
    }
    return attributes;
}

} // namespace vmail::fields
