#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include <vmail/descriptor.hpp>
#include <vmail/error.hpp>

#include "fd_stream.hpp"

namespace vmail::tools {

/// A file that is there whole or not at all: written in the same folder, without a name where the file system has such files and under another one elsewhere, readable by
/// its owner alone, and put in its place by commit(). Without that it goes, also when the program is killed; where it has another name, when an interrupt ends it.
///
/// "-" is standard output, and what exists and is no regular file (a device, a pipe) is written to directly. A symbolic link
/// stays one, but a link of another user is not followed.
class output_file {
public:
    /// Whether commit() waits for the disk, or sync_file_system() does so once for many small files.
    enum class wait { in_commit, later };

    /// Throws error(configuration) when it cannot be made.
    explicit output_file(const std::string& path, wait when = wait::in_commit);
    ~output_file();
    output_file(const output_file&) = delete;
    output_file& operator=(const output_file&) = delete;

    /// What cannot be written throws error(unavailable).
    fd_stream& stream() noexcept { return stream_; }
    /// For others than its owner, once it is there; of a group where that is given. Does nothing to what is written to directly. Throws error(unavailable).
    void open_to(mode_t mode, std::optional<gid_t> group = std::nullopt);
    /// To disk and to its place. Throws error(unavailable).
    void commit();

private:
    struct place {
        std::string path;
        bool directly; ///< as it is
    };
    static place find(const std::string& path);
    output_file(place p, wait when);
    bool has_name() const noexcept { return !temporary_.empty(); }
    descriptor open();
    descriptor open_with_name();
    bool put_in_place();
    bool link_to(const std::string& name) const;
    [[noreturn]] void fail(error_kind kind) const;

    std::string path_;
    wait wait_;
    bool is_moved_;           ///< to its place, and not there yet
    std::string temporary_{}; ///< its name until then; empty: none
    descriptor fd_;
    fd_stream stream_;
};

/// Throws error(unavailable) unless all that was written to the file system of the folder is on disk.
void sync_file_system(const std::string& folder);

} // namespace vmail::tools
