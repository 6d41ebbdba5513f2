#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <vmail/ascii.hpp>

namespace vmail::mbox {

/// The file dovecot-keywords of a Maildir folder: which of the letters a to z in the name of a message stands for which keyword.
class keyword_table {
public:
    /// "0 NAME" and so on, one a line. A line that is none is passed over.
    static keyword_table parse(std::string_view text);

    /// The letter of a keyword, which gets one if one is free. Nothing for what is no keyword of IMAP (RFC 3501: an atom), and when all letters are taken.
    std::optional<char> letter_of(std::string_view keyword);

    /// Whether letter_of() gave a letter away since it was read.
    bool changed() const noexcept { return changed_; }
    std::string text() const;

private:
    std::map<std::string, unsigned, ascii::iless> numbers_;
    unsigned taken_ = 0; ///< a bit for each letter
    bool changed_ = false;
};

} // namespace vmail::mbox
