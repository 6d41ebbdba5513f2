#pragma once

#include <string>

#include <sys/types.h>

namespace vmail::tools {

/// The regular file that a path leads to, or the place where it would be made: to tell whether two paths name the same one before anything is written.
///
/// Directories, devices and pipes are no such place: nothing there is replaced. "-" is standard output.
class file_place {
public:
    explicit file_place(const std::string& path);

    /// Whether both are one file, by whatever links.
    bool is(const file_place& other) const;
    /// Whether it is anywhere below a directory that exists.
    bool lies_in(const std::string& directory) const;
    /// Whether it is in a directory that exists, and not deeper.
    bool is_member_of(const std::string& directory) const;
    /// Its own name, at the end of all links; empty for standard output.
    const std::string& name() const noexcept { return name_; }

private:
    struct identity {
        dev_t device = 0;
        ino_t number = 0;
        friend bool operator==(const identity&, const identity&) = default;
    };
    static bool find(const std::string& path, identity& found);
    void locate(const std::string& path);

    enum class kind { none, there, to_be_made };

    kind kind_ = kind::none;
    identity file_{};
    std::string folder_{}; ///< without links
    std::string name_{};
};

} // namespace vmail::tools
