#include <fcntl.h>
#include <unistd.h>

#include <fstream>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/descriptor.hpp>
#include <vmail/jobs/former_folders.hpp>

namespace vmail {

namespace {

constexpr const char* file_name = "former-folders";

} // namespace

/// Printable, so that a line is one folder whatever the directory held.
std::string former_folders::folder_in_line(std::string_view home, std::string_view path) {
    if (path.ends_with('/')) path.remove_suffix(1);
    return fmt::format("{}\t{}", printable(home), printable(path));
}

std::optional<std::string> former_folders::owner(const std::string& home, const std::string& path) const {
    const auto it = all_.find(folder_in_line(home, path));
    return it == all_.end() ? std::nullopt : std::optional(it->second);
}

former_folders former_folders::in(const std::filesystem::path& journal_folder) {
    former_folders known;
    std::ifstream file(journal_folder / file_name);
    for (std::string line; std::getline(file, line);) {
        const std::size_t behind_home = line.find('\t'), behind_path = behind_home == std::string::npos ? behind_home : line.find('\t', behind_home + 1);
        const bool has_owner = behind_path != std::string::npos; // first there was none in it
        known.all_.insert_or_assign(line.substr(0, behind_path), has_owner ? line.substr(behind_path + 1) : std::string());
    }
    return known;
}

void former_folders::append(const std::filesystem::path& journal_folder, const std::string& home, const std::string& path, const std::string& owner) {
    const auto name = journal_folder / file_name;
    const descriptor fd(::open(name.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600));
    const std::string line = fmt::format("{}\t{}\n", folder_in_line(home, path), printable(owner));
    if (!fd || ::write(fd.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()) || ::fdatasync(fd.get()) != 0)
        throw unavailable(fmt::format("cannot write {}: {}", printable(name.native()), system_reason()));
}

} // namespace vmail
