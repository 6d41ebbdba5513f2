#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include <vmail/written_file.hpp>

namespace vmail::tools {

/// A file that a folder is to have.
struct wanted_file {
    std::string name;
    std::string text;                    ///< with its mark
    mode_t mode = 0644;
    std::optional<gid_t> group{};        ///< nothing: that of whoever writes it
};

/// What a folder has where a file is wanted.
struct found_file {
    std::optional<std::string> text{};
    file_standing standing = file_standing::absent;
    bool is_open_wider = false; ///< others may do more with it than is wanted
};

/// The folder that files for a daemon are written into. A symbolic link in it is not followed.
class config_folder {
public:
    /// Throws error(configuration) where there is no such folder.
    explicit config_folder(std::string path);

    /// Throws error(configuration) for what is there and is no regular file, or cannot be read.
    found_file look(const wanted_file& wanted) const;
    /// All of them or, where one cannot be written, none. Throws error(configuration), and error(unavailable) when the disk is full.
    void write(const std::vector<const wanted_file*>& files) const;

    std::string path_of(const std::string& name) const { return path_ + "/" + name; }

private:
    std::string path_;
};

} // namespace vmail::tools
