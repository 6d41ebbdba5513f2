#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "header.hpp"

namespace vmail::mbox {

/// The UIDs of a folder's messages, in their order, for the file dovecot-uidlist.
class uid_list {
public:
    /// What X-IMAP or X-IMAPbase of the folder said; the first one counts.
    void set_base(const imap_base& base);
    /// The next message: its X-UID, and its file name without flags.
    void add(std::optional<std::uint32_t> uid, std::string file);

    /// Whether the UIDs of the mbox are kept: there is a base, they rise, and only messages at the end have none yet.
    bool keeps_uids() const;
    /// Whether the mbox had any UIDs that could have been kept.
    bool had_uids() const noexcept { return base_.has_value() && any_; }
    bool empty() const noexcept { return rows_.empty(); }

    /// The file, version 3. Messages without a UID get the next ones; where the UIDs are not kept, all get new ones, under the given new UIDVALIDITY.
    std::string text(std::uint32_t new_uid_validity) const;

private:
    struct row {
        std::optional<std::uint32_t> uid;
        std::string file;
    };
    std::optional<imap_base> base_;
    std::vector<row> rows_;
    bool any_ = false;
};

} // namespace vmail::mbox
