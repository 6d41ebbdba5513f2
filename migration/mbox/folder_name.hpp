#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vmail::mbox {

/// The name of a mail folder: its parts, each as IMAP has it (modified UTF-7, RFC 3501 section 5.1.3). No parts: INBOX.
class folder_name {
public:
    folder_name() = default;
    /// From names of files as they stand in a folder tree, or as somebody wrote them: see part_of(). Empty ones are left out. A first part INBOX,
    /// in any case, is INBOX; one that begins with "~", which no server opens, begins with "_".
    static folder_name of_path(const std::vector<std::string>& names);
    /// "a/b"; "INBOX" in any case is INBOX.
    static folder_name of_text(std::string_view text);

    bool is_inbox() const noexcept { return parts_.empty(); }
    /// "INBOX", or the parts with dots between them: what IMAP shows of a Maildir++ with its usual separator.
    std::string imap() const;
    /// The directory below the Maildir: "" for INBOX, else ".a.b".
    std::string directory() const;
    /// Whether that is a name of a directory: those have at most 255 bytes.
    bool has_room() const { return directory().size() <= 255; }

    auto operator<=>(const folder_name&) const = default;

private:
    void name_first_part();

    std::vector<std::string> parts_;
};

/// One part of a folder's name, from the name of a file. ASCII whose "&...-" are as RFC 3501 wants them is modified UTF-7 already (UW-IMAP and Dovecot name files so) and stays; other
/// names are UTF-8, or ISO 8859-1 where they cannot be, and are converted. A dot, which separates parts in a Maildir++, becomes "_"; so do a
/// control character and "/".
std::string part_of(std::string_view name);

/// UTF-8 to modified UTF-7. A byte that is not UTF-8 becomes U+FFFD.
std::string to_modified_utf7(std::string_view utf8);

} // namespace vmail::mbox
