#pragma once

#include <filesystem>
#include <string>

#include <vmail/descriptor.hpp>

namespace vmail::tools {

/// A file in a folder of archives that is there whole or not at all, for its owner alone (mode 0600): until commit() it has no name, so that nothing of it is left
/// of a run that was cut; what one that was killed in commit() left there goes after an hour with the next.
class archive_file {
public:
    /// The folder is made when it is missing; nobody else may write to it. Throws error(configuration).
    archive_file(std::filesystem::path folder, std::string name);

    int get() const noexcept { return fd_.get(); }
    std::filesystem::path path() const { return folder_path_ / name_; }
    /// To disk and to its place; one of that name goes. Throws unavailable.
    void commit();
    /// To disk and to its place under that name instead; false where one of that name is, which stays. Throws unavailable.
    bool commit_as(std::string name);

private:
    std::filesystem::path folder_path_;
    std::string name_;
    descriptor folder_, fd_;
};

/// Takes away what a run has left there that was killed between the two steps of commit(). Throws as archive_file().
void sweep_archives(const std::filesystem::path& folder);

/// What may be the name of a file: of anything else there is a "_".
std::string file_name_of(std::string_view text);

} // namespace vmail::tools
