#pragma once

#include <optional>

#include <vmail/export.hpp>
#include <vmail/maildir_size.hpp>
#include <vmail/timestamp.hpp>

/// What a Maildir that is open as a folder tells: no name that is followed leads out of it, a symbolic link counts as nothing. Internal.
namespace vmail::maildir {

/// Whether it is one: a login or a look of Dovecot makes the folder, the first mail what is in it.
bool is_one(int folder);

/// By its file maildirsize. Nothing: it has none. Throws invalid_value for a damaged one, unavailable for one that cannot be read.
std::optional<maildir_size> read_size_file(int folder);

/// By its messages, in the INBOX and all folders beside it, as Maildir++ counts them: a name with S= tells the size, of another the file is asked. Throws
/// unavailable for what cannot be read.
mail_size measure(int folder);

/// When somebody last opened the INBOX, as far as its folder cur tells: that takes mail from new, changes its marks, or deletes it. Nothing: there is no sign
/// of it. Throws unavailable.
std::optional<timestamp> last_opened(int folder);

} // namespace vmail::maildir
