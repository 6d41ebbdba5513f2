#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aliases.hpp"
#include "ledger.hpp"
#include "options.hpp"
#include "passwd.hpp"
#include "report.hpp"
#include "resolve.hpp"
#include "text_arena.hpp"

namespace vmail::nis {

/// A list of the alias map that goes to the list server. The numbers are of alias_table::definitions.
struct mailing_list {
    std::uint32_t alias = none;           ///< what leads there
    std::vector<std::uint32_t> members{}; ///< definitions that have nothing but its members
    std::vector<std::uint32_t> owners{};  ///< as members, of owner-NAME
    bool has_other_members = false;       ///< the old list server knows more of them than the map
};

/// Finds what is a list in the map and makes its name an alias of the list at options::lists_domain, with the companions that Mailman has for it. Its members
/// become definitions of their own, which resolve() resolves and nobody writes. A name that the map or an account has already stays theirs.
///
/// A list is an alias with several targets or an :include:, one that has an owner-NAME or a NAME-request, or one that posts to a list of Mailman 2 or
/// Majordomo; it is no login, no account's address, and no name of RFC 2142 such as postmaster.
std::vector<mailing_list> make_lists(alias_table& aliases, const std::vector<std::uint32_t>& account_of, const passwd_table& users, const options& o,
                                     ledger& lines, text_arena& texts);

/// The addresses of each list, once all is resolved; each list is reported.
std::vector<address_file> list_addresses(const std::vector<mailing_list>& lists, const alias_table& aliases, const resolution& resolved,
                                         const passwd_table& users, const options& o, ledger& lines);

} // namespace vmail::nis
