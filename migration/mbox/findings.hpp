#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vmail::mbox {

/// How much a finding matters.
enum class level {
    info,  ///< worth knowing
    warn,  ///< something could not be taken over exactly
    skip,  ///< something was not converted
    retry, ///< something was not converted now, and may be the next time
};

/// What was found. Each has one level, one word and one meaning: see finding_table().
enum class code : std::uint8_t {
    // files of a tree
    hidden_file,
    hidden_mailbox,
    index_file,
    lock_file,
    symbolic_link,
    special_file,
    other_mailbox,
    not_mbox,
    foreign_owner,
    unreadable,
    name_taken,
    name_too_long,
    too_deep,
    locked,
    changed,
    // messages
    wrong_length,
    deeper_quoting,
    late_from,
    odd_from,
    other_time,
    future_time,
    uids_not_kept,
    keywords_left_out,
    internal_data,
    // the Maildir
    uidlist_there,
    uids_differ,
    not_subscribed,
    last,
};

struct finding_row {
    mbox::code code;
    std::string_view word; ///< as it is printed
    mbox::level level;
    std::string_view meaning;   ///< for the manual
    bool may_hide_mail = false; ///< not all of the mail may have been found
};

struct finding {
    std::string where{}; ///< the file or the folder
    mbox::code code{};
    std::string text{}; ///< about this one; may be empty
};

using findings = std::vector<finding>;

const finding_row& row_of(code what) noexcept;

/// Whether it means that mail was left out, or may have been.
bool is_incomplete(const finding& f) noexcept;

/// "INFO", "WARN", "SKIP", "RETRY".
std::string_view name(level l) noexcept;

} // namespace vmail::mbox
