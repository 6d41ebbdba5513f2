#pragma once

#include <string>
#include <string_view>

#include <vmail/export.hpp>

namespace vmail {

/// How the files of a program that reads our directory have the value of a parameter.
enum class daemon_syntax {
    line,              ///< all that stands behind the name, without the blanks around it: Courier, nslcd, gnarwl, the LDAP tables of Postfix
    postfix_parameter, ///< the same, in main.cf, where $name stands for something
    quoted,            ///< in double quotes, with a backslash before one and before a backslash: slapd, Dovecot 2.3
    dovecot_24,        ///< the same, where %{name} stands for something
    freeradius,        ///< in double quotes; backslashes are lost on the way, and ${name} stands for something
};

/// The value as the syntax has it, with its quotes. Throws invalid_value, saying what it is a value of, for one that the syntax cannot have.
VMAIL_EXPORT std::string written_in(daemon_syntax syntax, std::string_view value, std::string_view what);

/// What goes into many files as it is, between others' words: names, paths, DNs, URIs. Throws invalid_value for a character that means something to any of
/// their readers: those that pass are letters, digits, - _ . : / = + and the others that are given.
VMAIL_EXPORT std::string plain_everywhere(std::string_view value, std::string_view what, std::string_view others = {});

} // namespace vmail
