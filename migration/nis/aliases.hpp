#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "address_list.hpp"
#include "ledger.hpp"
#include "map_file.hpp"
#include "name_table.hpp"
#include "options.hpp"
#include "page_allocator.hpp"
#include "text_arena.hpp"

namespace vmail::nis {

/// Where one target of an alias leads, before it is known who is there.
struct alias_target {
    enum class kind : std::uint8_t {
        local,   ///< a login or an alias here; the text is the bare local part
        mailbox, ///< the mailbox of a login here, past its forward
        outside, ///< the text is an address, ready for maildrop
        server,  ///< the mail server's own account: the text is for maildrop as it is
    };
    kind what = kind::local;
    std::string_view text;
};

/// A definition of the alias map that counts. Its targets are [first_target, first_target + target_count) of the table's.
struct alias_definition {
    line_span lines{};
    std::string_view name; ///< bare local part, as spelled
    std::size_t first_target = 0;
    std::size_t target_count = 0;
    bool is_file = false;   ///< from a .forward file, not from the map
    bool is_members = false; ///< of a list: it makes no entry, and its lines are those of the list's alias
    bool generated = false; ///< postmaster, abuse or an address of a list, which the map does not define: it has no lines
};

/// What an alias had among its targets that may make it a list.
struct special_target {
    std::string_view alias;
    target::kind what = target::kind::program; ///< or include
    std::string_view text;
};

struct alias_table {
    page_vector<alias_definition> definitions; ///< in the order of the map, each name once
    page_vector<alias_target> targets;
    name_table by_name; ///< index into definitions
    std::vector<special_target> specials;
};

/// Whether most lines look like the output of `ypcat -k` of mail.aliases: a name, a blank, targets, no colon.
bool looks_keyed_aliases(const map_file& map);

/// Reads the alias map. Lines that define nothing are skipped, targets that cannot be converted are noted and left out; what becomes of the definitions
/// is settled later, but for the loser of two definitions of one name, which is merged.
alias_table read_aliases(const map_file& map, const options& o, ledger& lines, text_arena& texts);

/// A line of a .forward file that has targets, with its number in the ledger.
struct forward_line {
    std::uint32_t number = 0;
    std::string_view text; ///< UTF-8; valid as long as the table
};

/// Adds what an account's .forward file says, in the order of Sendmail and Postfix: they look into the alias map first. Where it has the login, the file
/// counts only as far as the map keeps mail for the login itself: its targets take that place. Otherwise they are a definition of the login.
/// Precondition: there is at least one line.
void add_forward(alias_table& table, std::string_view login, std::span<const forward_line> file, const options& o, ledger& lines, text_arena& texts);

/// Whether a local part needs no quotes.
bool is_dot_atom(std::string_view local_part) noexcept;

/// The local part as it stands in an address: in quotes where it needs them.
std::string quoted_local_part(std::string_view bare);

} // namespace vmail::nis
