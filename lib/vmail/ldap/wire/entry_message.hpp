#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <vmail/ldap/entry_view.hpp>

namespace vmail::ldap::wire {

/// A search entry (RFC 4511 section 4.5.2) where it lies in its message.
struct entry_message {
    std::string_view dn_text;
    std::string_view attributes; ///< what is in its PartialAttributeList

    /// Has the view show it, without what is never read. False where it cannot be decoded: the view then shows a part.
    bool show(entry_view& in, const std::vector<std::string>& never_read) const;
};

} // namespace vmail::ldap::wire
