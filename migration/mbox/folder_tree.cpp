#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "folder_tree.hpp"
#include "reader.hpp"

namespace vmail::mbox {

namespace {

constexpr std::size_t deepest = 32;

std::vector<std::string> list_directory(const descriptor& directory, const std::string& path) {
    // A new open file description, so that reading does not move the position of another one.
    const int fd = ::openat(directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(fd < 0 ? nullptr : ::fdopendir(fd), &::closedir);
    if (!stream) throw error(error_kind::input_missing, fmt::format("cannot list {}: {}", printable(path), system_reason()));
    std::vector<std::string> names;
    while (const dirent* const entry = ::readdir(stream.get()))
        if (const std::string_view name = entry->d_name; name != "." && name != "..") names.emplace_back(name);
    std::sort(names.begin(), names.end());
    return names;
}

bool has(const std::vector<std::string>& names, std::string_view name) { return std::binary_search(names.begin(), names.end(), name); }

bool is_maildir(const std::vector<std::string>& names) { return has(names, "cur") && has(names, "new"); }

/// Named as a folder of MH: what it notes there, or messages in files with numbers for names, and nothing else but what begins with a dot or a comma.
bool looks_like_mh(const std::vector<std::string>& names) {
    if (has(names, ".mh_sequences")) return true;
    const auto is_message = [](const std::string& n) { return ascii::is_digits(n); };
    const auto is_aside = [](const std::string& n) { return n.front() == '.' || n.front() == ','; };
    return std::any_of(names.begin(), names.end(), is_message) &&
           std::all_of(names.begin(), names.end(), [&](const std::string& n) { return is_message(n) || is_aside(n); });
}

bool is_index(std::string_view name) { return name.starts_with("dovecot.") || name.starts_with("dovecot-") || name.ends_with(".msf"); }

bool is_lock(std::string_view name, const std::vector<std::string>& names) {
    return name.ends_with(".lock") && has(names, name.substr(0, name.size() - 5));
}

class lister {
public:
    explicit lister(findings& found) : found_(found) {}

    void list(const std::shared_ptr<descriptor>& directory, const source_path& at, std::vector<std::string>& above) {
        const auto names = list_directory(*directory, at.text);
        if (!above.empty() && is_maildir(names)) return note(at.text, code::other_mailbox);
        const bool mh = !above.empty() && is_mh(names, directory, at);
        if (mh) note(at.text, code::other_mailbox);
        for (const std::string& name : names) {
            if (mh && !is_directory(*directory, name)) continue;
            const source_path member{at.text + '/' + name, directory, name, at.owner};
            if (above.empty() && is_list(member)) continue; // looked at elsewhere
            look(member, names, above);
        }
    }

    std::vector<planned_mbox> planned{};

private:
    void note(const std::string& path, code what, std::string text = {}) { found_.push_back({path, what, std::move(text)}); }

    static bool is_regular(const source_path& member) {
        struct stat status {};
        return ::fstatat(member.parent->get(), member.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode);
    }

    static bool is_directory(const descriptor& parent, const std::string& name) {
        struct stat status {};
        return ::fstatat(parent.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode);
    }

    enum class first_bytes { none, mbox, other, unreadable };

    static first_bytes look_into(const source_path& member) {
        try {
            struct stat status {};
            const descriptor fd = open_source(member, status);
            if (!S_ISREG(status.st_mode) || status.st_size == 0) return first_bytes::none;
            return begins_as_mbox(fd.get()) ? first_bytes::mbox : first_bytes::other;
        } catch (const error&) {
            return first_bytes::unreadable;
        }
    }

    /// Of subscribed folders; a mailbox may have its name.
    static bool is_list(const source_path& member) {
        if (member.name != ".subscriptions" && member.name != ".mailboxlist") return false;
        if (!is_regular(member)) return false;
        const first_bytes is = look_into(member);
        return is == first_bytes::none || is == first_bytes::other;
    }

    /// Mboxes have numbers for names as well: of years. So it holds something, and nothing of it is an mbox.
    static bool is_mh(const std::vector<std::string>& names, const std::shared_ptr<descriptor>& directory, const source_path& at) {
        if (!looks_like_mh(names)) return false;
        bool any = false;
        for (const std::string& name : names) {
            if (name.front() == '.' || name.front() == ',') continue;
            const first_bytes is = look_into({at.text + '/' + name, directory, name, at.owner});
            if (is == first_bytes::mbox) return false;
            any = any || is == first_bytes::other;
        }
        return any;
    }

    /// What a file of that name is, unless it turns out to be an mbox.
    static std::optional<code> by_name(const std::string& name, const std::vector<std::string>& names) {
        if (name.front() == '.') return code::hidden_file;
        if (is_index(name)) return code::index_file;
        if (is_lock(name, names)) return code::lock_file;
        return {};
    }

    void look(const source_path& member, const std::vector<std::string>& names, std::vector<std::string>& above) {
        struct stat status {};
        if (::fstatat(member.parent->get(), member.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
            return note(member.text, code::unreadable, system_reason());
        if (S_ISLNK(status.st_mode)) return note(member.text, code::symbolic_link);
        if (!S_ISDIR(status.st_mode) && !S_ISREG(status.st_mode)) return note(member.text, code::special_file);
        if (member.owner && status.st_uid != *member.owner) return note(member.text, code::foreign_owner);
        if (S_ISREG(status.st_mode))
            look_at_file(member, names, above);
        else
            descend(member, names, above);
    }

    /// A name says what a file is only where its first bytes say nothing else: people call their mailboxes as they like.
    void look_at_file(const source_path& member, const std::vector<std::string>& names, const std::vector<std::string>& above) {
        const auto aside = by_name(member.name, names);
        if (!aside) return add(member, above);
        const auto is = look_into(member);
        if (is == first_bytes::mbox) return add(member, above);
        note(member.text, is == first_bytes::unreadable ? code::unreadable : *aside);
    }

    std::shared_ptr<descriptor> open_directory(const source_path& member) {
        struct stat status {};
        try {
            return std::make_shared<descriptor>(open_source(member, status));
        } catch (const error& e) {
            note(member.text, e.kind() == error_kind::denied ? code::foreign_owner : code::unreadable, e.what());
            return nullptr;
        }
    }

    void descend(const source_path& member, const std::vector<std::string>& names, std::vector<std::string>& above) {
        if (above.size() >= deepest) return note(member.text, code::too_deep);
        const auto part = part_of_directory(member.name, names);
        if (!part) return search_hidden(member, above.size());
        const auto directory = open_directory(member);
        if (!directory) return;
        above.push_back(*part);
        list(directory, member, above);
        above.pop_back();
    }

    /// Nothing for one that is hidden: Dovecot has its indexes in such.
    static std::optional<std::string> part_of_directory(const std::string& name, const std::vector<std::string>& names) {
        constexpr std::string_view kmail = ".directory", mozilla = ".sbd";
        if (name.front() == '.' && name.ends_with(kmail) && name.size() > kmail.size() + 1) return name.substr(1, name.size() - kmail.size() - 1);
        if (name.front() == '.') return {};
        const std::string stem = name.substr(0, name.size() - std::min(name.size(), mozilla.size()));
        return name.ends_with(mozilla) && has(names, stem) ? stem : name;
    }

    /// Mail in a hidden place is not converted, and not passed over in silence.
    void search_hidden(const source_path& member, std::size_t depth) {
        note(member.text, code::hidden_file);
        search(member, depth);
    }

    void search(const source_path& at, std::size_t depth) {
        if (depth >= deepest) return note(at.text, code::too_deep);
        const auto directory = open_directory(at);
        if (!directory) return;
        const auto names = list_directory(*directory, at.text);
        if (is_maildir(names)) return note(at.text, code::other_mailbox);
        for (const std::string& name : names) {
            const source_path member{at.text + '/' + name, directory, name, at.owner};
            if (is_directory(*directory, name))
                search(member, depth + 1);
            else if (look_into(member) == first_bytes::mbox)
                note(member.text, code::hidden_mailbox);
        }
    }

    void add(const source_path& member, const std::vector<std::string>& above) {
        auto names = above;
        names.push_back(member.name);
        const bool inbox = above.empty() && ascii::iequals(member.name, "INBOX");
        folder_name folder = inbox ? folder_name() : folder_name::of_path(names);
        if (!folder.has_room()) return note(member.text, code::name_too_long);
        planned.push_back({member, std::move(folder)});
    }

    findings& found_;
};

/// Of several files for one folder the one that has its very name is it.
void drop_taken_names(std::vector<planned_mbox>& planned, const std::string& top, findings& found) {
    const auto plain = [&](const planned_mbox& p) {
        std::string path = p.source.text.substr(top.size() + 1);
        std::replace(path.begin(), path.end(), '/', '.');
        return p.folder.imap() == path;
    };
    std::stable_sort(planned.begin(), planned.end(), [&](const planned_mbox& a, const planned_mbox& b) {
        if (a.folder != b.folder) return a.folder < b.folder;
        return plain(a) && !plain(b);
    });
    std::vector<planned_mbox> kept;
    for (planned_mbox& p : planned) {
        if (!kept.empty() && kept.back().folder == p.folder)
            found.push_back({p.source.text, code::name_taken, fmt::format("{} is {} already", printable(kept.back().source.text), p.folder.imap())});
        else
            kept.push_back(std::move(p));
    }
    planned = std::move(kept);
}

} // namespace

std::vector<planned_mbox> list_tree(const source_path& tree, findings& found) {
    struct stat status {};
    const auto directory = std::make_shared<descriptor>(open_source(tree, status));
    source_path top = tree;
    while (top.text.size() > 1 && top.text.ends_with('/')) top.text.pop_back();
    if (::geteuid() == 0 && status.st_uid != 0) top.owner = status.st_uid;
    lister l(found);
    std::vector<std::string> above;
    l.list(directory, top, above);
    drop_taken_names(l.planned, top.text, found);
    return std::move(l.planned);
}

} // namespace vmail::mbox
