#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "crypt_field.hpp"
#include "ledger.hpp"
#include "map_file.hpp"
#include "name_table.hpp"
#include "options.hpp"
#include "text_arena.hpp"

namespace vmail::nis {

inline constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

/// An account that will be written. What it points to lives in the map or in the arena.
struct account {
    std::uint32_t line = 0;
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::uint32_t shadow = none;  ///< index of its shadow record
    std::uint32_t adjunct = none; ///< index of its passwd.adjunct record
    std::uint32_t forward = none; ///< index of the alias that is its forward
    std::string_view login;
    std::string_view gecos; ///< UTF-8
    std::string_view home;
    std::string_view shell;
    crypt_field password{};      ///< of passwd; after choose_passwords() the one that counts
    std::string_view local_part; ///< of its address; the login until addresses are given
};

struct passwd_table {
    std::vector<account> accounts;    ///< in the order of the map
    name_table by_login;              ///< index into accounts
    name_table skipped;               ///< logins without an account, with their line
    bool given = false;
};

/// Reads passwd: each record becomes an account or is skipped.
passwd_table read_passwd(const map_file& map, const options& o, ledger& lines, text_arena& texts);

} // namespace vmail::nis
