#pragma once

#include <string>

#include <vmail/error.hpp>
#include <vmail/layout.hpp>

#include <vmail/entity_traits.hpp>

namespace vmail {

/// What get() says of an entity that is not there. Internal.
template <typename Entity> not_found absent(const layout& where, const name_of<Entity>& name) {
    using traits = entity_traits<Entity>;
    return not_found("there is no " + std::string(traits::noun) + ' ' + name.text(), {.dn = traits::place(where, name).text()});
}

} // namespace vmail
