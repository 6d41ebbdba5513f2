#pragma once

#include <atomic>
#include <chrono>
#include <string>

#include <sys/types.h>

#include <vmail/descriptor.hpp>

#include "source_path.hpp"

namespace vmail::mbox {

struct lock_options {
    std::chrono::seconds timeout{30};
    const std::atomic<bool>* stop = nullptr; ///< when it becomes true, waiting ends with error(interrupted)
    bool dotlock = true;                     ///< a dry run makes no file
};

/// The locks of a mailbox while it is read: the dotlock FILE.lock where we may make one, then a read lock of fcntl(2). As delivery agents do, the first is
/// given back while the second is waited for. A dotlock of somebody else that is older than five minutes is taken for one that was forgotten, and left alone;
/// one of our own whose process is gone is taken away.
class mbox_lock {
public:
    /// Throws conflict with the name of the lock when it is held by others after the timeout.
    mbox_lock(const source_path& source, int fd, const lock_options& options);
    mbox_lock(const mbox_lock&) = delete;
    mbox_lock& operator=(const mbox_lock&) = delete;
    ~mbox_lock();

    /// Whether there is a dotlock of ours: not where the directory may not be written to.
    bool has_dotlock() const noexcept { return made_; }

private:
    enum class attempt { taken, held };
    attempt try_dotlock();
    attempt try_fcntl();
    void release_dotlock() noexcept;

    const source_path& source_;
    int fd_;
    std::string name_;
    std::string holder_;
    bool made_ = false;
    dev_t device_ = 0;
    ino_t inode_ = 0;
};

/// Makes a lock file, or none where errno says why: EEXIST when it is held. It says "PID:HOST", as Dovecot's do, and has that in it when it gets its
/// name: otherwise a run that is killed in between would leave one of which nobody can tell that it is left over. Where the file system has no
/// O_TMPFILE (NFS), it is written afterwards.
descriptor make_lock_file(const descriptor& directory, const std::string& name, mode_t mode);

/// Whether the lock file says so of a process of this machine that there is no more.
bool is_left_over(const descriptor& directory, const std::string& name);

/// Sleeps; throws error(interrupted) when the program is to stop.
void wait_for_lock(const std::atomic<bool>* stop);

} // namespace vmail::mbox
