#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "text_arena.hpp"

namespace vmail::nis {

/// One target of an alias, as aliases(5) of Postfix and Sendmail have them.
struct target {
    enum class kind : std::uint8_t {
        name,      ///< without "@": a login or an alias; the text is bare, without quotes
        own_name,  ///< "\name": the mailbox itself, whatever is forwarded
        address,   ///< with "@"; the text is as written, quotes and all
        routed,    ///< an address that was the last hop of a source route
        program,
        file,
        include,   ///< the text is the path
        error,
        refusal, ///< of Exim: mail to the whole list is refused or dropped, whatever else is in it
        bang_path,
        percent_hack,
        non_ascii,
        broken,
    };
    kind what = kind::broken;
    std::string_view text;
};

/// What a list had that its readers do not agree on.
struct list_oddities {
    bool blank_separated = false;
    bool hash_comment = false;
    bool group_syntax = false;
};

/// Reads the value of an alias (or a line of an included file) and appends its targets. Lines are separated by "\n". A text that had quotes
/// taken away goes to the arena; the others point into the value.
void parse_address_list(std::string_view value, text_arena& texts, std::vector<target>& out, list_oddities& oddities);

/// The end of the name of an alias, which is the first colon outside quotes and comments, or npos.
std::size_t find_name_end(std::string_view line) noexcept;

} // namespace vmail::nis
