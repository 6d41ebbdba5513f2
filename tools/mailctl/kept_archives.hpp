#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <cli/configuration.hpp>

namespace vmail::tools {

/// An archive of a purge, by its name, "ADDRESS.MOMENT.UUID.tar.zst".
struct kept_archive {
    std::filesystem::path path;
    std::string subject; ///< as file_name_of() writes it
    std::string moment;  ///< of the removal, "20261231T235959Z"
    std::string entry;   ///< its entryUUID
};

/// Those in a folder, by their names. Nothing where it cannot be read, or is not there.
std::vector<kept_archive> list_archives(const std::filesystem::path& folder);
/// Those in the folder of the settings, or where none is set in that of the nightly job.
std::vector<kept_archive> list_archives(const configuration& c);

/// The name of a new one, and the parts of one.
std::string archive_name(std::string_view subject, std::string_view moment, std::string_view entry);
std::optional<kept_archive> parse_archive_name(const std::filesystem::path& path);

/// The command that brings back what is in it.
std::string restore_command(const kept_archive& a);

} // namespace vmail::tools
