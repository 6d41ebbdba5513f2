#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "crypt_field.hpp"
#include "ledger.hpp"
#include "map_file.hpp"
#include "options.hpp"
#include "passwd.hpp"

namespace vmail::nis {

struct group {
    std::uint32_t line = 0;
    std::uint32_t gid = 0;
    std::string_view name;
    crypt_field password{};
    std::vector<std::string_view> members{}; ///< each once; case counts
};

/// Reads group. Members are compared with the accounts when passwd was given.
std::vector<group> read_group(const map_file& map, const options& o, const passwd_table& users, ledger& lines);

} // namespace vmail::nis
