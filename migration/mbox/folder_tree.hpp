#pragma once

#include <memory>
#include <string>
#include <vector>

#include "findings.hpp"
#include "folder_name.hpp"
#include "source_path.hpp"

namespace vmail::mbox {

/// An mbox and the folder that it becomes.
struct planned_mbox {
    source_path source{};
    folder_name folder{};
};

/// The mailboxes of a folder tree such as ~/mail, in the order of their names; what else lies there becomes findings. A file INBOX in any case at
/// the top is the INBOX. "a/b" becomes the folder a.b, and so do "a.sbd/b" of Mozilla and
/// ".a.directory/b" of KMail. Of the files nothing is read yet but the first bytes of those whose names do not tell what they are.
///
/// The source is an open directory. It is listed name by name below its own descriptor, and symbolic links are not followed.
std::vector<planned_mbox> list_tree(const source_path& tree, findings& found);

} // namespace vmail::mbox
