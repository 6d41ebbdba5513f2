#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

/// Internal: files of the program's own, which nobody else may read. What fails leaves its reason in errno.
namespace vmail {

/// With what is above it, each of our making for its owner alone. True where it is there already.
bool make_own_folder(const std::filesystem::path& folder);

/// Waits until the names of the files in it are on disk.
bool sync_folder(const std::filesystem::path& folder);

/// What is in a regular file of our own, or of root; nothing where it is not there (ENOENT), somebody else's, writable by others or of another kind (EPERM), or cannot be read.
std::optional<std::string> read_own_file(const std::filesystem::path& file);

/// Puts a file there, or another in its place: whole, on disk, for its owner alone; or leaves all as it was.
bool replace_own_file(const std::filesystem::path& file, std::string_view text);

} // namespace vmail
