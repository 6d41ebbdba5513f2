#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <vmail/descriptor.hpp>
#include <vmail/timestamp.hpp>

#include "account.hpp"

namespace vmail::mbox {

/// A file of our own in a directory, held by the directory's descriptor.
namespace small_file {

/// Nothing where there is none. A symbolic link, and more than 1 GiB, throw error(configuration).
std::optional<std::string> read(const descriptor& directory, const std::string& name);

enum class safety {
    none,   ///< in the page cache
    synced, ///< the file and its name are on disk
};

/// Puts it there whole, readable by its owner alone; another one of that name is replaced. Throws unavailable.
void write(const descriptor& directory, const std::string& name, std::string_view text, safety s);

/// As write(), but leaves one that is there; whether it was written.
bool write_new(const descriptor& directory, const std::string& name, std::string_view text);

/// Appends in one piece, where the file is there; whether it was.
bool append(const descriptor& directory, const std::string& name, std::string_view text);

} // namespace small_file

/// One folder of a Maildir: its directories cur, new and tmp.
class maildir_folder {
public:
    /// The key of a file of ours (see file_name), and where it is.
    using file_table = std::unordered_map<std::string, std::string>;

    /// Opens it below the Maildir ("" is the INBOX), or gives nothing where it does not exist. No symbolic link is followed, and who does not own a directory of it is
    /// refused with denied.
    static std::optional<maildir_folder> open(const descriptor& maildir, const std::string& directory, const account& owner);
    /// As open(), and makes what is missing.
    static maildir_folder create(const descriptor& maildir, const std::string& directory, const account& owner);

    const descriptor& directory() const noexcept { return self_; }

    /// The files in cur and new that this program named, by their key: "cur/NAME" or "new/NAME".
    file_table list_own() const;
    /// Bytes and number of all messages in cur and new.
    std::pair<std::uint64_t, std::uint64_t> usage() const;

    /// The bytes of a file that list_own() gave; nothing where its size is not the one that its name says.
    std::optional<std::string> read_whole(const std::string& path) const;

    /// Writes a message into tmp. Throws unavailable, also for a full disk.
    void store(const std::string& name, std::string_view text, timestamp delivered) const;
    /// Gives it its place: new/TO or cur/TO.
    void publish(const std::string& name, const std::string& to) const;
    void discard(const std::string& name) const noexcept; ///< from tmp
    void remove(const std::string& path) const;           ///< "cur/NAME"

private:
    maildir_folder() = default;
    const descriptor& place_of(const std::string& path) const noexcept { return path.starts_with("new/") ? new_ : cur_; }

    descriptor self_, cur_, new_, tmp_;
};

/// The lock of Dovecot for dovecot-uidlist and dovecot-keywords of one folder: while we hold it, it gives no UIDs to what appears.
class uidlist_lock {
public:
    /// Throws conflict after the timeout.
    uidlist_lock(const maildir_folder& folder, std::chrono::seconds timeout, const std::atomic<bool>* stop);
    uidlist_lock(const uidlist_lock&) = delete;
    uidlist_lock& operator=(const uidlist_lock&) = delete;
    ~uidlist_lock();

private:
    const maildir_folder& folder_;
};

/// Throws error(configuration) where the path is a directory of something else: it is not empty, and has nothing of a Maildir.
void require_maildir_or_room(const std::string& path, const account& owner);

/// Opens the Maildir's own directory; makes it where it does not exist, as root where its owner may not (and gives it to him). To be called without acting_as.
/// Throws denied where it belongs to somebody else, error(configuration) where it cannot be made. Nothing, where it does not exist and is not to be made.
std::optional<descriptor> open_maildir(const std::string& path, const account& owner, bool make);

/// Only one converter at a time: throws conflict. The lock ends with the descriptor, and leaves no file.
void lock_maildir(const descriptor& maildir, const std::string& path, std::chrono::seconds timeout, const std::atomic<bool>* stop);

/// What all the files on this file system were given is on disk when it returns. Throws unavailable where an error of the disk was met.
void sync_all(const descriptor& maildir);

} // namespace vmail::mbox
