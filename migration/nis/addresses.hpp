#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "aliases.hpp"
#include "gecos.hpp"
#include "ledger.hpp"
#include "options.hpp"
#include "passwd.hpp"

namespace vmail::nis {

/// Appends Name.Surname of a person: the first word, a dot, the other words without the blanks between them, folded to ASCII letters, digits and hyphens.
/// Nothing when that gives no local part: one word, nothing left after folding, more than 64 bytes.
void append_name_surname(const person& p, std::string& out);

/// All spellings of Name.Surname that administrators use for one person, that one first: the name cut at any word, ae for umlauts, words left
/// out at the end (Jr.), the surname before the name.
std::vector<std::string> name_surname_spellings(const person& p);

/// Gives each account its local part by the policy. What the alias map says holds: where it gives a Name.Surname to one login alone, that spelling is the
/// account's address. Returns for each definition the account whose address it became, or none.
std::vector<std::uint32_t> assign_addresses(passwd_table& users, const alias_table& aliases, const options& o, ledger& passwd_lines);

} // namespace vmail::nis
