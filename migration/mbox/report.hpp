#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "checksum.hpp"
#include "findings.hpp"
#include "folder_name.hpp"

namespace vmail::mbox {

/// What became of the messages found. The first is the sum of the others.
struct message_counts {
    std::uint64_t found = 0;
    std::uint64_t converted = 0;
    std::uint64_t there = 0;    ///< converted by an earlier run
    std::uint64_t internal = 0; ///< the folder's own data
};

/// What became of the bytes of the mboxes. The first is the sum of the others.
struct byte_counts {
    std::uint64_t read = 0;
    std::uint64_t messages = 0; ///< as in the Maildir, those that are there already included
    std::uint64_t internal = 0; ///< the text of the folder's own data
    std::uint64_t from_lines = 0;
    std::uint64_t blank = 0;  ///< the blank lines between messages
    std::uint64_t quotes = 0; ///< before "From ", undone
    std::uint64_t stripped = 0;
};

struct folder_report {
    folder_name folder{};
    std::vector<std::string> sources{};
    message_counts messages{};
    byte_counts bytes{};
    /// Of the sums of the messages found, as sha256sum(1) prints sums, in their order, one a line.
    checksum sum{};
};

struct report {
    std::vector<folder_report> folders{};
    mbox::findings found{};

    bool has(level l) const;
    bool is_whole() const; ///< no mail was left out, as far as anybody can tell
};

/// Throws error(internal) unless everything is accounted for.
void check(const folder_report& f);

} // namespace vmail::mbox
