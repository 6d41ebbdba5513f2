#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include <vmail/mail_store/folder_path.hpp>
#include <vmail/mail_store/store.hpp>

namespace vmail::mail_store {

/// What a new Maildir has.
struct maildir_form {
    mode_t mode = 0700;                 ///< of its folders
    std::vector<std::string> folders{}; ///< beside the INBOX, as Maildir++ names them but for the "." before: "Sent", "Lists.Work"
    std::optional<std::string> quota{}; ///< the first line of its maildirsize, "52428800S"; nothing: it gets no such file
};

/// What became of one.
enum class making {
    made,
    completed, ///< a daemon had made the folder, before any mail: it is a Maildir now
    there,     ///< it is as it was
};

/// Makes a Maildir, with the folders above it: whole or not at all, under its name when it is ready. What is there is left alone, and one that comes
/// meanwhile, too. Throws as store::find() and store::make_parent(), and unavailable.
making make_maildir(const store& s, const folder_path& place, const maildir_form& form);

} // namespace vmail::mail_store
