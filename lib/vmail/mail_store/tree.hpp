#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <sys/stat.h>

#include <vmail/descriptor.hpp>

#include <vmail/mail_store/digest.hpp>

/// What lies below a folder that is open: by descriptors alone, no name leads out of it, no other file system is entered. Internal.
namespace vmail::mail_store {

/// One name within it.
struct node {
    const std::string& path; ///< from the top, "cur/1234.host:2,S"
    int parent;              ///< the folder that it is in
    const std::string& name;
    const struct stat& seen;

    bool is_folder() const noexcept { return S_ISDIR(seen.st_mode); }
    bool is_file() const noexcept { return S_ISREG(seen.st_mode); }
};

/// A folder comes before what is in it. Names that vanish meanwhile are passed over. Throws unavailable for what cannot be read, and for folders that are
/// nested deeper than 64.
void walk(int top, const std::function<void(const node&)>& visit);

/// What was there at one time. Two that are equal are of the same files, as far as names, sizes, times and numbers of inodes tell.
class inventory {
public:
    void add(const node& n);
    std::string text() const;

    std::uint64_t files = 0, folders = 0, bytes = 0;
    std::uint64_t others = 0; ///< symbolic links, pipes and the like

private:
    digest one_;
    /// The sum of the digests of all, so that their order is nothing.
    std::uint64_t sum_[4] = {};
};

/// Of what lies below a folder.
inventory take_inventory(int top);

/// All that lies below a folder goes. Throws unavailable for what does not: the rest is gone then.
void remove_contents(int top);

/// The names in a folder. Throws unavailable.
std::vector<std::string> folder_names(int folder);

/// The folder within another, itself and no link to it, on the same file system. Empty: errno tells.
descriptor open_within(int parent, const std::string& name);

} // namespace vmail::mail_store
