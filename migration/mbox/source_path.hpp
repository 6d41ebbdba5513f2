#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <sys/stat.h>
#include <sys/types.h>

#include <vmail/descriptor.hpp>

namespace vmail::mbox {

/// A file or directory that may be a mail source, held by the open directory that it is in: whoever renames what is above it changes nothing.
struct source_path {
    std::string text{};                   ///< as it was given, for people
    std::shared_ptr<descriptor> parent{}; ///< the directory
    std::string name{};                   ///< the name in it
    std::optional<uid_t> owner{};         ///< who has to own it: nothing is read that only lies among his files
};

/// Where the path leads. Throws error(input_missing) where there is nothing, denied where it cannot be trusted.
///
/// Root follows symbolic links of root only; and below a directory of a user everything has to be that user's. So no user can have the
/// mail of another converted by a link.
source_path resolve(const std::string& path);

/// Opens it for reading, where it is a regular file, or for listing, where it is a directory. A symbolic link, another type of file and another owner throw
/// error(input_missing) or denied.
descriptor open_source(const source_path& source, struct stat& status);

} // namespace vmail::mbox
