#pragma once

#include <cstddef>

#include "aliases.hpp"
#include "ledger.hpp"
#include "map_file.hpp"
#include "options.hpp"
#include "passwd.hpp"
#include "text_arena.hpp"

namespace vmail::nis {

/// Reads the accounts' .forward files below options::forward_root and adds what they say to the aliases, which are those of the map so far. Each file is a part
/// of the ledger; one that could not be read counts as one line. Throws error(input_missing) when there is no such folder.
void read_forwards(const options& o, const passwd_table& users, alias_table& aliases, ledger& files, text_arena& texts);

/// As read_forwards(), of the files that a list names: a login, blanks, a path.
void read_listed_forwards(const map_file& list, const options& o, const passwd_table& users, alias_table& aliases, ledger& list_lines, ledger& files,
                          text_arena& texts);

} // namespace vmail::nis
