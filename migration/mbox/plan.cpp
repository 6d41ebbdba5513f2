#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "plan.hpp"
#include "reader.hpp"
#include "source_path.hpp"
#include "subscriptions.hpp"

namespace vmail::mbox {

namespace {

constexpr off_t largest_list = 16 * 1024 * 1024;

class planner {
public:
    planner(const options& o, findings& found) : options_(o), found_(found) {}

    plan run() {
        for (const std::string& path : options_.inboxes) add_file(resolve(path), {});
        for (const std::string& path : options_.sources) add_source(resolve(path));
        read_subscriptions();
        return std::move(plan_);
    }

private:
    void add_source(source_path source) {
        struct stat status {};
        const descriptor fd = open_source(source, status);
        if (options_.folder || !S_ISDIR(status.st_mode)) return add_file(std::move(source), options_.folder.value_or(folder_name()));
        for (planned_mbox& member : list_tree(source, found_)) add(std::move(member));
        trees_.push_back(std::move(source));
    }

    void add_file(source_path source, folder_name folder) {
        struct stat status {};
        const descriptor fd = open_source(source, status);
        if (S_ISDIR(status.st_mode))
            throw error(error_kind::usage, fmt::format("{} is a directory, and has to be an mbox here", printable(source.text)));
        // Throws where it is no mbox.
        const mbox_reader reader(fd.get(), source.text, options_for(options_, status));
        add({std::move(source), std::move(folder)});
    }

    void add(planned_mbox p) {
        struct stat status {};
        const bool known = ::fstatat(p.source.parent->get(), p.source.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
        if (known && !files_.insert({status.st_dev, status.st_ino}).second) return;
        if (known) check_owner_is_meant(p.source, status);
        plan_.folders[p.folder].push_back(std::move(p));
    }

    /// As root and without --owner, mail of others would become root's.
    void check_owner_is_meant(const source_path& source, const struct stat& status) const {
        if (options_.owner || ::geteuid() != 0 || status.st_uid == 0) return;
        throw error(error_kind::usage, fmt::format("{} is not root's, and the Maildir would be", printable(source.text)),
                    {.hint = "say whose it shall be with --owner USER"});
    }

    void read_subscriptions() {
        if (options_.subscriptions) return add_list(resolve(*options_.subscriptions), trees_.empty() ? "" : trees_.front().name);
        for (const source_path& tree : trees_) {
            struct stat status {};
            const auto inside = std::make_shared<descriptor>(open_source(tree, status));
            const auto owner = ::geteuid() == 0 && status.st_uid != 0 ? std::optional(status.st_uid) : std::nullopt;
            for (const char* const name : {".subscriptions", ".mailboxlist"})
                add_list_if_there({tree.text + '/' + name, inside, name, owner}, tree.name);
            // Beside the tree: of UW-IMAP, whose names of folders begin with that of the tree.
            add_list_if_there({tree.text + "/../.mailboxlist", tree.parent, ".mailboxlist", owner}, tree.name);
        }
    }

    void add_list_if_there(const source_path& file, const std::string& tree) {
        try {
            add_list(file, tree);
        } catch (const error&) {
            // Nobody named it: without it the folders are subscribed.
        }
    }

    void add_list(const source_path& file, const std::string& tree) {
        struct stat status {};
        const descriptor fd = open_source(file, status);
        if (!S_ISREG(status.st_mode) || status.st_size > largest_list)
            throw invalid_value(fmt::format("{} is no list of folders", printable(file.text)));
        if (begins_as_mbox(fd.get())) throw invalid_value(fmt::format("{} is an mbox and no list of folders", printable(file.text)));
        std::string text(static_cast<std::size_t>(status.st_size), '\0');
        const ssize_t got = ::pread(fd.get(), text.data(), text.size(), 0);
        text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        if (!plan_.subscribed) plan_.subscribed.emplace();
        for (folder_name& f : parse_subscriptions(text, tree)) plan_.subscribed->insert(std::move(f));
    }

    const options& options_;
    findings& found_;
    plan plan_{};
    std::vector<source_path> trees_;
    std::set<std::pair<dev_t, ino_t>> files_;
};

} // namespace

message_options options_for(const options& o, const struct stat& status) {
    message_options m = o.messages;
    m.fallback = timestamp::from_epoch(std::max<std::int64_t>(status.st_mtim.tv_sec, 0)); // it becomes part of a name
    return m;
}

plan make_plan(const options& o, findings& found) { return planner(o, found).run(); }

} // namespace vmail::mbox
