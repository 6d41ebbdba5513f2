#pragma once

#include <vmail/entity_traits.hpp>
#include <vmail/exchange/field.hpp>
#include <vmail/exchange/record.hpp>

/// From a record to the entity that it is about. Internal.
namespace vmail::exchange {

template <typename Entity> Entity entity_named(const std::string& text) { return Entity(name_of<Entity>::parse(text)); }

/// Calls with an entity of the record's kind and name, of which nothing else is known. Throws invalid_value for a name that is none.
template <typename Act> decltype(auto) with_entity(const record& r, const Act& act) {
    switch (r.what) {
    case noun::domain: break;
    case noun::backup_domain: return act(entity_named<backup_domain>(r.name));
    case noun::backup_mail: return act(entity_named<backup_mail>(r.name));
    case noun::mailbox: return act(entity_named<mailbox>(r.name));
    case noun::alias: return act(entity_named<alias>(r.name));
    case noun::mailing_list: return act(entity_named<mailing_list>(r.name));
    case noun::admin: return act(entity_named<admin>(r.name));
    }
    return act(entity_named<domain>(r.name));
}

template <typename Entity> void set_given(Entity& e, const given_value& v, const conversion& c) {
    for (const auto& f : fields_of<Entity>())
        if (&f == v.field) set_field(e, f, v.value, c);
}

/// All that the record says, in the order of the table.
template <typename Entity> void set_all_given(Entity& e, const record& r, const conversion& c) {
    for (const auto& f : fields_of<Entity>())
        for (const given_value& v : r.values)
            if (v.field == &f) set_field(e, f, v.value, c);
}

} // namespace vmail::exchange
