#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <vmail/descriptor.hpp>

#include <vmail/mail_store/folder_path.hpp>
#include <vmail/mail_store/tree.hpp>

/// The mail on disk, below one folder that the settings name. Only the user whose the mail is works on it (become()). Internal.
namespace vmail::mail_store {

/// A folder of mail that is open, and where it lies.
struct found_folder {
    descriptor parent, folder;
};

class store {
public:
    /// The root is the site's own decision, and may be a symbolic link. Throws error(configuration) when it cannot be opened.
    explicit store(const std::string& root);

    /// Nothing: it is not there. Throws invalid_value for what is no Maildir, belongs to somebody else, or lies behind a symbolic link or in another file system.
    std::optional<found_folder> find(const folder_path& place) const;
    /// The folder that it lies in, which is made with those above it.
    descriptor make_parent(const folder_path& place) const;
    /// A folder of ours directly below the root, which nobody else may write to; it is made. Throws denied for one that is anybody else's.
    descriptor own_folder(const std::string& name) const;

    /// Hands over where each Maildir lies, "example.org/bob": what lies within one is its own.
    void each_maildir(const std::function<void(const std::string&)>& visit) const;

    /// Hands over the symbolic links that lie no deeper than so many components, by their paths below the root, and the folders below it that they lead to. What leads
    /// elsewhere, or nowhere, is none.
    void each_link(std::size_t depth, const std::function<void(const std::string& link, const std::string& folder)>& visit) const;

    int root() const noexcept { return root_.get(); }

private:
    descriptor root_;
};

/// Where what is to go waits, on the same file system, in a folder of the store that no path of an account leads to. Each has a name of its own: letters, digits, "-" and ".".
class trash {
public:
    explicit trash(const store& s);

    enum class move { done, absent, there_already };
    /// Throws conflict when it is not what `expected` says (an inventory's text; empty: not asked for), or somebody put another in its place: it is back where it was then.
    move take(const folder_path& place, const std::string& name, const std::string& expected) const;
    /// Whether it was there. What was made in its place meanwhile gives way: its messages go into it, the rest is left in the trash as "NAME.newcomer" if it is more than
    /// that. Throws unavailable.
    bool give_back(const std::string& name, const folder_path& place) const;
    /// Whether it was there. Its contents go for good.
    bool empty(const std::string& name) const;
    /// All that waits, in the order of their names.
    std::vector<std::string> names() const;
    /// A new folder of that name, empty whatever was there.
    descriptor make(const std::string& name) const;
    /// What was made here gets its place. Throws already_exists when there is something.
    void release(const std::string& name, const folder_path& place) const;

private:
    const store& store_;
    descriptor folder_;
};

/// To disk. Throws unavailable.
void sync_folder(int folder);

} // namespace vmail::mail_store
