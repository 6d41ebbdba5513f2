#pragma once

#include <map>
#include <string>
#include <vector>

#include <vmail/export.hpp>

namespace vmail {

class address;

/// What the values of an attribute may be.
enum class value_syntax {
    text,    ///< UTF-8, not empty
    ascii,   ///< not empty
    integer, ///< decimal, perhaps negative
    flag,    ///< TRUE or FALSE
    time,    ///< generalized time
};

/// An attribute of a facet.
struct facet_row {
    std::string attribute;
    value_syntax syntax = value_syntax::text;
    bool several = false; ///< may have more than one value
    bool shared = false;  ///< classes beside the facet's have it, too: it neither brings those of the facet nor goes with them
    /// The value when the facet comes to an entry that has none and is given none: {user}, {domain} and {address} stand for the parts of its address.
    /// Empty: none.
    std::string initial{};
};

/// What a site keeps on its mailboxes beside mail: auxiliary object classes and their attributes. They come to an entry with the first value of an
/// attribute that is not shared, and leave it with the last.
struct facet {
    std::string name;                 ///< "posix"
    std::vector<std::string> classes; ///< auxiliary
    std::vector<facet_row> rows;
    bool for_new = false; ///< new mailboxes get it without being given a value
};

/// By attribute, spelled as the facet spells it.
using facet_values = std::map<std::string, std::vector<std::string>>;

namespace facets {
/// posixAccount (RFC 2307): uid, uidNumber, gidNumber, homeDirectory, loginShell, gecos. It is for readers such as nslcd; only a privileged identity should be
/// able to write these attributes.
VMAIL_EXPORT facet posix_account();
} // namespace facets

/// Throws invalid_value when the row cannot have these values.
VMAIL_EXPORT void check_values(const facet_row& row, const std::vector<std::string>& values);

/// The row's initial value for an address. Throws invalid_value, naming the attribute, when the row cannot have it, or the template names something else
/// than the parts of an address.
VMAIL_EXPORT std::string initial_value(const facet_row& row, const address& a);

/// Takes out all values of the facet but the shared ones, so that its classes go.
VMAIL_EXPORT void erase(facet_values& values, const facet& f);

} // namespace vmail
