#include <cerrno>

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <vmail/descriptor.hpp>
#include <vmail/error.hpp>
#include <vmail/maildir.hpp>
#include <vmail/printable.hpp>

#include <vmail/mail_store/new_maildir.hpp>

namespace vmail::mail_store {

namespace {

[[noreturn]] void cannot_make(const std::string& name) { throw unavailable(fmt::format("cannot make {}: {}", vmail::quoted(name), system_reason())); }

/// Open to read, so that its mode can be set; no link is followed. The umask has no say.
descriptor make_folder(int at, const std::string& name, mode_t mode) {
    if (::mkdirat(at, name.c_str(), 0700) != 0) cannot_make(name);
    descriptor made(::openat(at, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!made || ::fchmod(made.get(), mode) != 0) cannot_make(name);
    return made;
}

void make_file(int at, const std::string& name, const std::string& text) {
    const descriptor made(::openat(at, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!made || ::write(made.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) || ::fsync(made.get()) != 0) cannot_make(name);
}

/// cur is what makes it one to who looks, and comes last.
void make_parts(int maildir, mode_t mode) {
    for (const char* part : {"tmp", "new", "cur"}) make_folder(maildir, part, mode);
    sync_folder(maildir);
}

void fill(int maildir, const maildir_form& form) {
    for (const auto& name : form.folders) {
        const auto inner = make_folder(maildir, '.' + name, form.mode);
        make_file(inner.get(), "maildirfolder", "");
        make_parts(inner.get(), form.mode);
    }
    if (form.quota) make_file(maildir, "maildirsize", *form.quota + "\n0 0\n");
    make_parts(maildir, form.mode);
}

/// Where it is made: hidden beside its place, and gone with this unless it got there.
class workshop {
public:
    workshop(int parent, mode_t mode) : parent_(parent), name_(fmt::format(".vmail-new-{}", ::getpid())), folder_(make_folder(parent, name_, mode)) {}
    workshop(const workshop&) = delete;
    workshop& operator=(const workshop&) = delete;
    ~workshop() {
        if (is_done_) return;
        try {
            remove_contents(folder_.get());
        } catch (const error&) { // what cannot be removed is hidden, and nobody's mail
        }
        ::unlinkat(parent_, name_.c_str(), AT_REMOVEDIR);
    }

    int folder() const noexcept { return folder_.get(); }

    /// Whether the place was free.
    bool hand_over(const std::string& leaf) {
        if (::renameat2(parent_, name_.c_str(), parent_, leaf.c_str(), RENAME_NOREPLACE) != 0) {
            if (errno == EEXIST) return false;
            cannot_make(leaf);
        }
        is_done_ = true;
        sync_folder(parent_);
        return true;
    }

private:
    int parent_;
    std::string name_;
    descriptor folder_;
    bool is_done_ = false;
};

/// A part that a daemon has made by now is there.
making complete(int maildir, mode_t mode) {
    if (maildir::is_one(maildir)) return making::there;
    for (const char* part : {"tmp", "new", "cur"})
        if (!open_within(maildir, part)) make_folder(maildir, part, mode);
    sync_folder(maildir);
    return making::completed;
}

} // namespace

making make_maildir(const store& s, const folder_path& place, const maildir_form& form) {
    if (const auto there = s.find(place)) return complete(there->folder.get(), form.mode);
    const auto parent = s.make_parent(place);
    workshop shop(parent.get(), form.mode);
    fill(shop.folder(), form);
    return shop.hand_over(place.leaf()) ? making::made : making::there;
}

} // namespace vmail::mail_store
