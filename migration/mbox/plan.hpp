#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include <sys/stat.h>

#include "convert.hpp"
#include "folder_tree.hpp"

namespace vmail::mbox {

/// What is to be converted, known before anything is written.
struct plan {
    std::map<folder_name, std::vector<planned_mbox>> folders{};
    std::optional<std::set<folder_name>> subscribed{}; ///< nothing: there is no list
};

/// Looks at the sources. A file that is named twice, or is in a tree as well, is planned once: where it was named first, and for INBOX before all others. Throws
/// invalid_value or error(input_missing) for what was named and is no mbox or cannot be read, error(usage) where the Maildir would become root's by mistake.
plan make_plan(const options& o, findings& found);

/// As the options say, for a file.
message_options options_for(const options& o, const struct stat& status);

} // namespace vmail::mbox
