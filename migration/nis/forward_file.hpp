#pragma once

#include <optional>
#include <string>

#include "map_file.hpp"
#include "options.hpp"
#include "passwd.hpp"

namespace vmail::nis {

/// A .forward file that was found.
struct forward_file {
    enum class state {
        good,
        ignored, ///< a mail daemon would not have heeded it
        unreadable,
    };
    std::string path;
    state what = state::good;
    std::string reason{};           ///< unless good
    std::optional<map_file> text{}; ///< unless it could not be read
};

/// Finds the accounts' .forward files below a folder that stands for the root of the old server: symbolic links on the way are followed as they would be
/// there, and none leads out of it.
class forward_tree {
public:
    /// Throws error(input_missing) when it cannot be opened.
    forward_tree(std::string root, nis::dialect d);
    forward_tree(const forward_tree&) = delete;
    forward_tree& operator=(const forward_tree&) = delete;
    ~forward_tree();

    /// That of ROOT/HOME, or else of ROOT/LOGIN; nothing when neither has one.
    std::optional<forward_file> find(const account& a) const;

private:
    std::optional<forward_file> read(const account& a, std::string_view folder) const;

    std::string root_;
    nis::dialect dialect_;
    int fd_;
};

/// Reads the file of an account. One that is missing is unreadable.
forward_file read_forward_file(const std::string& path, const account& a, nis::dialect d);

} // namespace vmail::nis
