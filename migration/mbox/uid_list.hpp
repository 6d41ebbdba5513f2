#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "header.hpp"
#include "uid_file.hpp"

namespace vmail::mbox {

/// The UIDs of a folder's messages in an mbox, in their order, for the file dovecot-uidlist.
class uid_list {
public:
    /// What X-IMAP or X-IMAPbase of the folder said; the first one counts.
    void set_base(const imap_base& base);
    /// The next message: its X-UID, and its file name without flags.
    void add(std::optional<std::uint32_t> uid, std::string file);
    /// The next message, where an earlier run has converted it: only the key of its file name (see file_key).
    void add_known(std::optional<std::uint32_t> uid, std::string key);

    /// Whether the UIDs of the mbox are kept: there is a base, they rise, and only messages at the end have none yet.
    bool keeps_uids() const;
    /// Whether the mbox had any UIDs that could have been kept.
    bool had_uids() const noexcept { return base_.has_value() && any_; }
    bool empty() const noexcept { return rows_.empty(); }

    /// The file where there is none yet, of the messages that were given with their names. Messages without a UID get the next ones; where the UIDs are not
    /// kept, all get new ones, under the given new UIDVALIDITY.
    std::string text(std::uint32_t new_uid_validity) const;

    enum class merging {
        done,      ///< the file says what it has to
        unrelated, ///< it is of another UIDVALIDITY than the mbox, or that has none: what a UID meant on the old server means nothing here
        differs,   ///< a UID has another meaning in it than on the old server, or would get one
    };

    /// Brings a file that is there up to date: new messages get the UIDs that they had on the old server, and no UID that the old server has given is given again. A
    /// file that a mail server has read keeps every row as it is, and gets new ones behind the last; where that is not enough, it stays as it is.
    merging merge_into(uid_file& there) const;

private:
    struct row {
        std::optional<std::uint32_t> uid;
        std::string file; ///< or the key, where it is known
        bool known;
    };
    class merger;
    bool rises() const;

    std::optional<imap_base> base_;
    std::vector<row> rows_;
    bool any_ = false;
};

} // namespace vmail::mbox
