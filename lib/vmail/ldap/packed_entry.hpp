#pragma once

#include <string>

#include <vmail/ldap/entry.hpp>

namespace vmail::ldap {

/// An entry in one piece of memory, a fifth of what it takes otherwise: for very many that are seldom looked at. Internal.
class packed_entry {
public:
    explicit packed_entry(const entry& e);
    entry unpacked() const;

private:
    std::string bytes_;
};

} // namespace vmail::ldap
