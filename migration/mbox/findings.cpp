#include <array>
#include <cassert>
#include <cstddef>

#include "findings.hpp"

namespace vmail::mbox {

namespace {

constexpr std::array table = {
    finding_row{code::hidden_file, "hidden-file", level::info, "its name begins with a dot: no mailbox"},
    finding_row{code::hidden_mailbox, "hidden-mailbox", level::skip,
                "an mbox below a directory whose name begins with a dot: name it, if it is to be converted"},
    finding_row{code::index_file, "index-file", level::info, "an index of Dovecot or Mozilla: not needed any more"},
    finding_row{code::lock_file, "lock-file", level::info, "a lock of the mailbox beside it"},
    finding_row{code::symbolic_link, "symbolic-link", level::skip, "a symbolic link: name what it leads to, if it is to be converted"},
    finding_row{code::special_file, "special-file", level::skip, "neither a file nor a directory"},
    finding_row{code::other_mailbox, "other-mailbox", level::skip, "a Maildir or MH folder"},
    finding_row{code::not_mbox, "not-mbox", level::skip, "no mbox: it does not begin with a From_ line"},
    finding_row{code::foreign_owner, "foreign-owner", level::skip, "not the user's who owns the directory above"},
    finding_row{code::unreadable, "unreadable", level::skip, "it cannot be read, or holds a message of more than 2 GiB"},
    finding_row{code::name_taken, "name-taken", level::skip, "another mailbox has the same name in a Maildir"},
    finding_row{code::name_too_long, "name-too-long", level::skip, "too long for the name of a Maildir's folder"},
    finding_row{code::too_deep, "too-deep", level::skip, "more than 32 directories deep"},
    finding_row{code::locked, "locked", level::retry, "somebody else has a lock on it"},
    finding_row{code::changed, "changed", level::retry, "it changed while it was read: nothing of it was converted"},
    finding_row{code::wrong_length, "wrong-length", level::info, "Content-Length leads to no From_ line: not believed"},
    finding_row{code::deeper_quoting, "deeper-quoting", level::warn,
                "lines begin with >>From: if all writers were of the kind mboxrd, say --format mboxrd"},
    finding_row{code::late_from, "late-from", level::warn,
                "lines look like a From_ line, and no blank line is before them: they split no message, unless you say --split-doubtful", true},
    finding_row{code::odd_from, "odd-from", level::warn,
                "lines may be a From_ line or a sentence: they split no message, unless you say --split-doubtful", true},
    finding_row{code::other_time, "other-time", level::warn,
                "the From_ line tells no time, one before 1971 or one that never was: that of the header or of the mbox was taken"},
    finding_row{code::future_time, "future-time", level::warn, "a time of delivery that lies ahead: kept, as far as the file system can"},
    finding_row{code::uids_not_kept, "uids-not-kept", level::warn, "X-UID does not rise: the folder gets new UIDs"},
    finding_row{code::keywords_left_out, "keywords-left-out", level::warn, "keywords beyond the 26 of a Maildir, or no words of IMAP"},
    finding_row{code::internal_data, "internal-data", level::info, "the folder's own message of UW-IMAP: no mail"},
    finding_row{code::uidlist_there, "uidlist-there", level::info, "the folder has a dovecot-uidlist of its own: new messages get new UIDs"},
    finding_row{code::uids_differ, "uids-differ", level::warn,
                "the new server has given UIDs that mean another mail on the old one: without dovecot-uidlist, mail programs fetch everything again"},
    finding_row{code::not_subscribed, "not-subscribed", level::info, "subscribed, and there is no such folder"},
};

constexpr bool in_order() {
    for (std::size_t i = 0; i < table.size(); ++i)
        if (static_cast<std::size_t>(table[i].code) != i) return false;
    return true;
}
static_assert(in_order());
static_assert(table.size() == static_cast<std::size_t>(code::last));

} // namespace

const finding_row& row_of(code what) noexcept {
    assert(static_cast<std::size_t>(what) < table.size());
    return table[static_cast<std::size_t>(what)];
}

bool is_incomplete(const finding& f) noexcept {
    const finding_row& row = row_of(f.code);
    return row.level >= level::skip || row.may_hide_mail;
}

std::string_view name(level l) noexcept {
    switch (l) {
    case level::info: return "INFO";
    case level::warn: return "WARN";
    case level::skip: return "SKIP";
    case level::retry: break;
    }
    return "RETRY";
}

} // namespace vmail::mbox
