#include <algorithm>
#include <system_error>

#include <fmt/format.h>

#include <vmail/printable.hpp>
#include <vmail/root_folders.hpp>

#include <cli/shell_word.hpp>

#include "archive_file.hpp"
#include "kept_archives.hpp"

namespace vmail::tools {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view ending = ".tar.zst";

/// What is behind the last dot, which goes.
std::string take_last(std::string& name) {
    const auto dot = name.rfind('.');
    if (dot == std::string::npos) return {};
    std::string last = name.substr(dot + 1);
    name.resize(dot);
    return last;
}

} // namespace

std::string archive_name(std::string_view subject, std::string_view moment, std::string_view entry) {
    return fmt::format("{}.{}.{}{}", file_name_of(subject), moment, file_name_of(entry), ending);
}

std::optional<kept_archive> parse_archive_name(const fs::path& path) {
    std::string name = path.filename().native();
    if (name.starts_with('.') || !name.ends_with(ending)) return std::nullopt;
    name.resize(name.size() - ending.size());
    kept_archive a{.path = path, .subject = "", .moment = "", .entry = take_last(name)};
    a.moment = take_last(name);
    a.subject = name;
    return a.entry.empty() || a.moment.empty() || a.subject.empty() ? std::nullopt : std::optional(a);
}

std::vector<kept_archive> list_archives(const configuration& c) { return list_archives(c.archive_dir.empty() ? fs::path(root_folders::archive) : fs::path(c.archive_dir)); }

std::vector<kept_archive> list_archives(const fs::path& folder) {
    std::vector<kept_archive> all;
    std::error_code none;
    for (fs::directory_iterator it(folder, none), end; !none && it != end; it.increment(none))
        if (auto a = parse_archive_name(it->path())) all.push_back(std::move(*a));
    std::sort(all.begin(), all.end(), [](const kept_archive& a, const kept_archive& b) { return a.path < b.path; });
    return all;
}

std::string restore_command(const kept_archive& a) { return fmt::format("mailctl restore --archive {}", shell_word(a.path.native())); }

} // namespace vmail::tools
