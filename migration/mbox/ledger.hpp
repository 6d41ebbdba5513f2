#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "checksum.hpp"

namespace vmail::mbox {

/// What was converted into a Maildir, by folder: the identity of each message, and how many of the same were there. It outlives the messages, so that a second
/// run does not bring back what has been deleted or moved since.
class ledger {
public:
    using counts = std::unordered_map<checksum, std::size_t, checksum_hash>;

    /// The file's text; throws invalid_value for one that is none of ours, or was cut off.
    static ledger parse(std::string_view text);
    std::string text() const;

    /// The folder by its directory ("" is INBOX); null where nothing was ever converted into it.
    const counts* find(const std::string& folder) const;
    /// Makes sure that the folder is known, and that it holds the message at least so many times.
    void record(const std::string& folder, const checksum& identity, std::size_t times);
    void record(const std::string& folder);

    bool changed() const noexcept { return changed_; }

private:
    std::map<std::string, counts> folders_;
    bool changed_ = false;
};

} // namespace vmail::mbox
