#pragma once

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/printable.hpp>

#include <vmail/codec.hpp>
#include <vmail/layout.hpp>
#include <vmail/schema.hpp>
#include <vmail/state.hpp>
#include <vmail/synonyms.hpp>

/// How an entity crosses the wire: one row for each attribute, read and written by the same few functions. Internal to the entities.
namespace vmail::fields {

using codec::values;
using codec::written;

/// What a codec demands of a value that somebody sets, and not of what is there already.
template <typename Codec> constexpr auto check_of() -> void (*)(const values&) {
    if constexpr (requires(const values& v) { Codec::check(v); }) return &Codec::check;
    else return nullptr;
}

template <typename Entity>
struct row {
    using default_values = values (*)(const Entity&, const site&);

    std::string_view attribute;
    void (*read)(Entity&, const values&, const ldap::entry&, const site&);
    written (*write)(const Entity&, const ldap::entry&, const site&);
    default_values otherwise = nullptr;
    void (*check)(const values&) = nullptr;

    /// What is stored where write() has no value to store.
    values fallback(const Entity& from, const site& s) const { return otherwise != nullptr ? otherwise(from, s) : values{}; }

    /// A member of the entity, or a member of its member.
    template <typename Codec, auto... Member>
    static row of(std::string_view attribute, default_values otherwise = nullptr) {
        return {attribute, [](Entity& to, const values& v, const ldap::entry& e, const site& s) { Codec::read((to.*....*Member), v, e, s); },
                [](const Entity& from, const ldap::entry& e, const site& s) { return Codec::write((from.*....*Member), e, s); }, otherwise,
                check_of<Codec>()};
    }

    /// What a new entry gets and nobody looks at again.
    static row once(std::string_view attribute, default_values value) {
        return {attribute, [](Entity&, const values&, const ldap::entry&, const site&) {},
                [](const Entity&, const ldap::entry&, const site&) { return written::leave(); }, value};
    }
};

template <typename Entity>
using table = std::vector<row<Entity>>;

/// The rows of entry_state that all entities have.
template <typename Entity>
table<Entity> with_state(std::initializer_list<row<Entity>> own) {
    using namespace schema::attr;
    using row = fields::row<Entity>;
    table<Entity> rows = own;
    rows.insert(rows.end(),
                {
                    row::template of<codec::flag, &Entity::active>(account_active),
                    row::template of<codec::digits, &Entity::created>(
                        creation_date, [](const Entity&, const site&) { return codec::of(timestamp::now().digits()); }),
                    row::template of<codec::last_change, &Entity::changed>(
                        last_change,
                        [](const Entity& from, const site&) { return codec::of(std::to_string(from.changed.value_or(timestamp::now()).epoch())); }),
                    row::template of<codec::line, &Entity::disabled, &disabled_state::reason>(disabled_reason),
                    row::template of<codec::line, &Entity::disabled, &disabled_state::by>(disabled_by),
                    row::template of<codec::generalized_time, &Entity::disabled, &disabled_state::at>(disabled_at),
                    row::template of<codec::line, &Entity::disabled, &disabled_state::comment>(disabled_comment),
                    row::template of<codec::generalized_time, &Entity::removed_at>(removed_at),
                });
    return rows;
}

template <typename Entity, typename Rows>
void read(Entity& to, const Rows& rows, const ldap::entry& e, const site& s) {
    for (const auto& r : rows) {
        const values* const found = e.find(r.attribute);
        if (found == nullptr || found->empty()) continue;
        try {
            r.read(to, *found, e, s);
        } catch (const invalid_value& fault) {
            to.problems.push_back({std::string(r.attribute), fault.what()});
        }
    }
}

/// For what the daemons' filters look for: TRUE or FALSE.
template <typename Entity>
void expect(Entity& to, std::string_view attribute, const ldap::entry& e) {
    if (!e.has(attribute)) to.problems.push_back({std::string(attribute), "it is missing, so that no filter of a daemon matches"});
}

template <typename Entity, typename Row>
written values_of(const Row& r, const Entity& from, const ldap::entry& e, const site& s) {
    try {
        return r.write(from, e, s);
    } catch (const invalid_value& fault) {
        throw invalid_value(std::string(r.attribute) + ": " + fault.what(), {.dn = e.dn().text()});
    }
}

template <typename Row>
void check_values(const Row& r, const values& v, const ldap::entry& e) {
    if (r.check == nullptr) return;
    try {
        r.check(v);
    } catch (const invalid_value& fault) {
        throw invalid_value(std::string(r.attribute) + ": " + fault.what(), {.dn = e.dn().text()});
    }
}

template <typename Entity, typename Row>
values or_default(const Row& r, written v, const Entity& from, const ldap::entry& e, const site& s) {
    if (!v.stores()) return r.fallback(from, s);
    values all = std::move(v).take();
    check_values(r, all, e);
    return all;
}

/// What the caller has put into the entry already stays where the entity says nothing.
template <typename Entity, typename Rows>
void write_new(const Entity& from, const Rows& rows, ldap::entry& e, const site& s) {
    for (const auto& r : rows) {
        written v = values_of(r, from, e, s);
        if (e.has(r.attribute) && !v.stores()) continue;
        e.set(r.attribute, or_default(r, std::move(v), from, e, s));
    }
}

/// Writes what the entity says and the entry, read as `before`, does not. Returns the attributes written.
template <typename Entity, typename Rows>
std::vector<std::string_view> write_changes(const Entity& from, const Entity& before, const Rows& rows, ldap::entry& e, const site& s) {
    const ldap::entry nothing(e.dn());
    std::vector<std::string_view> attributes;
    for (const auto& r : rows) {
        const bool forgotten = before.has_problem(r.attribute) && !from.has_problem(r.attribute);
        written now = values_of(r, from, forgotten ? nothing : e, s);
        if (now.leaves() || (!forgotten && now == values_of(r, before, e, s))) continue;
        e.set(r.attribute, or_default(r, std::move(now), from, e, s));
        attributes.push_back(r.attribute);
    }
    return attributes;
}

/// Names that an entity never stores as they are given: what it is, what only the library writes, and where mail may go.
inline constexpr std::array never_other = {schema::attr::object_class, schema::attr::clear_password, schema::attr::reservation, schema::attr::maildrop, schema::attr::vd, schema::attr::mail,
                                           schema::attr::vacation_forward};

template <typename Rows>
void require_other(const std::string& attribute, const Rows& rows) {
    const std::string_view name = usual_name(attribute);
    if (!name.empty() && ascii::is_digit(name.front())) throw invalid_value(printable(attribute) + " is the number of an attribute: it is set by its name");
    const auto is_it = [&](std::string_view known) { return ascii::iequals(known, name); };
    if (std::any_of(rows.begin(), rows.end(), [&](const auto& r) { return is_it(r.attribute); }) || std::any_of(never_other.begin(), never_other.end(), is_it))
        throw invalid_value(printable(attribute) + " is none of the other attributes: what it holds follows from the rest");
}

inline void require_text(const std::string& attribute, const values& v) {
    try {
        for (const std::string& value : v) codec::check_utf8(value);
        codec::check_no_control(v, "");
        codec::check_size(v, codec::most_in_line);
    } catch (const invalid_value& fault) {
        throw invalid_value(printable(attribute) + ": " + fault.what());
    }
}

/// Stores what no row is about. Whether anything differed.
template <typename Entity, typename Rows>
bool write_others(const Entity& from, const Rows& rows, ldap::entry& e) {
    bool differs = false;
    for (const auto& [attribute, wanted] : from.other) {
        require_other(attribute, rows);
        const values* const present = e.find(attribute);
        if ((present != nullptr ? *present : values{}) == wanted) continue;
        require_text(attribute, wanted);
        e.set(attribute, wanted);
        differs = true;
    }
    return differs;
}

/// A class of ours goes with its attributes.
template <typename Names> void settle_class(ldap::entry& e, std::string_view object_class, const Names& attributes) {
    if (std::any_of(attributes.begin(), attributes.end(), [&](std::string_view name) { return e.has(name); }))
        e.add_class(object_class);
    else
        e.remove_class(object_class);
}

/// That of what is recorded about a disabled entry.
inline void settle_state_class(ldap::entry& e) { settle_class(e, schema::cls::state, schema::own_attributes); }

/// That of how much may be sent.
inline void settle_sending_class(ldap::entry& e) { settle_class(e, schema::cls::sending, schema::sending_attributes); }

inline bool has_written(const std::vector<std::string_view>& attributes, std::string_view name) { return std::find(attributes.begin(), attributes.end(), name) != attributes.end(); }

inline bool any_of_state(const std::vector<std::string_view>& attributes) {
    const auto& own = schema::own_attributes;
    return std::find_first_of(attributes.begin(), attributes.end(), own.begin(), own.end()) != attributes.end();
}

/// Writes into a copy that takes the entry's place when it is whole: an entity that is refused leaves the entry as it was.
template <typename Entity>
void to_entry(const Entity& from, ldap::entry& e, const site& s, void (*write_new)(const Entity&, ldap::entry&, const site&),
              void (*write_changes)(const Entity&, ldap::entry&, const site&)) {
    ldap::entry result = e;
    (e.has(schema::attr::object_class) ? write_changes : write_new)(from, result, s);
    e = std::move(result);
}

} // namespace vmail::fields
