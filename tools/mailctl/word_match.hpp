#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <vmail/ldap/entry.hpp>
#include <vmail/ldap/filter.hpp>
#include <vmail/ldap/subschema.hpp>

namespace vmail::tools {

/// Words that are looked for in what an entry says for people and to mail: addresses, names, logins, targets, descriptions, comments.
class word_match {
public:
    /// Throws invalid_value for an empty word, and one that is not UTF-8.
    word_match(const std::vector<std::string>& words, const ldap::subschema& known);

    /// Entries that have each word in one of their values, as the server's rules for parts of values see it: in slapd case counts nowhere, accents do.
    ldap::filter by_parts() const;
    /// The same, and those that may have one without its accents: has_all() has to tell. `is_of_use` where slapd can find any.
    ldap::filter by_parts_or_sound() const;
    bool can_sound() const noexcept;

    /// Whether each word is in a value, whatever the case and the accents of Latin letters.
    bool has_all(const ldap::entry& e) const;
    /// What holds a word, as "name: Bob Jones".
    std::vector<std::string> matched(const ldap::entry& e) const;

    /// That the server cannot be asked for parts of.
    const std::vector<std::string>& left_out() const noexcept { return left_out_; }

private:
    std::vector<std::string> words_;
    std::vector<std::string_view> attributes_{};
    std::vector<std::string> left_out_{};
};

} // namespace vmail::tools
