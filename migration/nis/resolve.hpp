#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "aliases.hpp"
#include "ledger.hpp"
#include "options.hpp"
#include "passwd.hpp"

namespace vmail::nis {

/// Where mail to an alias or through a forward goes.
struct destination {
    enum class kind : std::uint8_t {
        account,   ///< index into passwd_table::accounts
        alias,     ///< index into alias_table::definitions
        outside,   ///< the text is an address
        elsewhere, ///< the text is a login here that no map given to us has
        server,    ///< the text is a bare name
    };
    kind what = kind::outside;
    bool past_forward = false; ///< written "\login"
    std::uint32_t index = none;
    std::string_view text{};
};

/// What becomes of a definition.
struct resolved_alias {
    enum class fate : std::uint8_t {
        entry,   ///< an alias
        forward, ///< the forward of the account
        nothing, ///< no entry of its own; its lines are settled
    };
    fate what = fate::nothing;
    std::uint32_t account = none; ///< the account that has this name as login
    std::size_t first = 0;        ///< [first, first + count) of resolution::destinations
    std::size_t count = 0;
};

struct resolution {
    std::vector<resolved_alias> aliases; ///< as alias_table::definitions
    std::vector<destination> destinations;
};

/// Finds out where each definition leads, leaves out what leads nowhere or back to itself, and settles the lines of all definitions, those of .forward files in
/// `file_lines`. A name that is a login
/// becomes that account's forward (account::forward is set). `account_of` is what assign_addresses() returned.
///
/// Linear in definitions and targets, whatever chains and loops they make.
resolution resolve(const alias_table& aliases, const std::vector<std::uint32_t>& account_of, passwd_table& users, const options& o, ledger& map_lines,
                   ledger& file_lines);

} // namespace vmail::nis
