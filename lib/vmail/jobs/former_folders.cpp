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
std::string former_folders::line_of(std::string_view home, std::string_view path) {
    if (path.ends_with('/')) path.remove_suffix(1);
    return fmt::format("{}\t{}", printable(home), printable(path));
}

former_folders former_folders::in(const std::filesystem::path& journal_folder) {
    former_folders known;
    std::ifstream file(journal_folder / file_name);
    for (std::string line; std::getline(file, line);) known.all_.insert(line);
    return known;
}

void former_folders::append(const std::filesystem::path& journal_folder, const std::string& home, const std::string& path) {
    const auto name = journal_folder / file_name;
    const descriptor fd(::open(name.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600));
    const std::string line = line_of(home, path) + '\n';
    if (!fd || ::write(fd.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()) || ::fdatasync(fd.get()) != 0)
        throw unavailable(fmt::format("cannot write {}: {}", printable(name.native()), system_reason()));
}

} // namespace vmail
