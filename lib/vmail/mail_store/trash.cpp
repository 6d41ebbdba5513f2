#include <algorithm>
#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/mail_store/store.hpp>

namespace vmail::mail_store {

namespace {

/// No path of an account has a hidden component.
constexpr const char* folder_name = ".vmail-trash";
constexpr std::string_view newcomer_mark = ".newcomer";

void require_name(const std::string& name) {
    const bool good = !name.empty() && name.front() != '.' && name.size() < 200 && std::all_of(name.begin(), name.end(), [](char c) { return ascii::is_alnum(c) || c == '-' || c == '.'; });
    if (!good) throw invalid_value(fmt::format("{} is no name for anything in the trash", vmail::quoted(name)));
}

bool same_folder(int a, int b) {
    struct stat one{}, other{};
    return ::fstat(a, &one) == 0 && ::fstat(b, &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/// Whether it was done; what was in the way is EEXIST.
bool rename_to(int from, const std::string& name, int to, const std::string& as) {
    return ::renameat2(from, name.c_str(), to, as.c_str(), RENAME_NOREPLACE) == 0;
}

[[noreturn]] void cannot_move(const std::string& what) { throw unavailable(fmt::format("cannot move {}: {}", vmail::quoted(what), system_reason())); }

/// Whether it is what was looked at, and can go as a whole: no other file system is in it.
void require_same(const descriptor& moved, const found_folder& looked_at, const folder_path& place, const std::string& expected) {
    const bool is_it = moved && same_folder(moved.get(), looked_at.folder.get());
    if (!is_it || (take_inventory(moved.get()).text() != expected && !expected.empty()))
        throw conflict(fmt::format("{} changed meanwhile: it is where it was", vmail::quoted(place.text())));
}

bool holds_messages(int folder) {
    bool any = false;
    walk(folder, [&](const node& n) { any = any || (n.is_file() && (n.path.find("cur/") != std::string::npos || n.path.find("new/") != std::string::npos)); });
    return any;
}

void move_messages(int from, int to, const char* part) {
    const descriptor source = open_within(from, part), target = open_within(to, part);
    if (!source || !target) return;
    for (const std::string& name : folder_names(source.get())) rename_to(source.get(), name, target.get(), name);
    sync_folder(target.get());
}

} // namespace

trash::trash(const store& s) : store_(s), folder_(s.own_folder(folder_name)) {}

trash::move trash::take(const folder_path& place, const std::string& name, const std::string& expected) const {
    require_name(name);
    const auto found = store_.find(place);
    if (!found) return open_within(folder_.get(), name) ? move::there_already : move::absent;
    if (!rename_to(found->parent.get(), place.leaf(), folder_.get(), name)) {
        if (errno == EEXIST) throw already_exists(fmt::format("the trash holds {} already, beside {}", vmail::quoted(name), vmail::quoted(place.text())));
        if (errno == ENOENT) return move::absent;
        cannot_move(place.text());
    }
    // Between the look and the move somebody may have put another folder there.
    const auto moved = open_within(folder_.get(), name);
    try {
        require_same(moved, *found, place, expected);
    } catch (const error&) {
        if (!rename_to(folder_.get(), name, found->parent.get(), place.leaf())) cannot_move(name);
        throw;
    }
    sync_folder(found->parent.get());
    sync_folder(folder_.get());
    return move::done;
}

bool trash::give_back(const std::string& name, const folder_path& place) const {
    require_name(name);
    const auto waiting = open_within(folder_.get(), name);
    if (!waiting) return false;
    const auto parent = store_.make_parent(place);
    const std::string newcomer = name + std::string(newcomer_mark);
    if (!rename_to(folder_.get(), name, parent.get(), place.leaf())) {
        if (errno != EEXIST) cannot_move(name);
        if (!rename_to(parent.get(), place.leaf(), folder_.get(), newcomer)) cannot_move(place.text());
        if (!rename_to(folder_.get(), name, parent.get(), place.leaf())) cannot_move(name);
    }
    sync_folder(parent.get());
    sync_folder(folder_.get());
    if (const auto late = open_within(folder_.get(), newcomer)) {
        move_messages(late.get(), waiting.get(), "new");
        move_messages(late.get(), waiting.get(), "cur");
        if (!holds_messages(late.get())) empty(newcomer);
    }
    return true;
}

bool trash::empty(const std::string& name) const {
    require_name(name);
    const auto waiting = open_within(folder_.get(), name);
    if (!waiting) return false;
    remove_contents(waiting.get());
    if (::unlinkat(folder_.get(), name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) throw unavailable(fmt::format("cannot remove {} from the trash: {}", vmail::quoted(name), system_reason()));
    sync_folder(folder_.get());
    return true;
}

std::vector<std::string> trash::names() const {
    auto all = folder_names(folder_.get());
    std::sort(all.begin(), all.end());
    return all;
}

descriptor trash::make(const std::string& name) const {
    empty(name);
    if (::mkdirat(folder_.get(), name.c_str(), 0700) != 0) throw unavailable(fmt::format("cannot make {} in the trash: {}", vmail::quoted(name), system_reason()));
    return open_within(folder_.get(), name);
}

void trash::release(const std::string& name, const folder_path& place) const {
    require_name(name);
    const auto parent = store_.make_parent(place);
    if (!rename_to(folder_.get(), name, parent.get(), place.leaf())) {
        if (errno == EEXIST) throw already_exists(fmt::format("there is something at {} already", vmail::quoted(place.text())));
        cannot_move(name);
    }
    sync_folder(parent.get());
    sync_folder(folder_.get());
}

} // namespace vmail::mail_store
