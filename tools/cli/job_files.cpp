#include <system_error>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/jobs/state_file.hpp>
#include <vmail/printable.hpp>

#include "job_files.hpp"

namespace vmail::tools {

std::string job_file(const configuration& c, std::string_view job, std::string_view ending) {
    std::string directory = c.base ? c.base->key() : "";
    for (const auto& uri : c.uris) directory += ' ' + uri;
    return fmt::format("{}-{:016x}.{}", job, ascii::ihash(directory), ending);
}

void set_aside_damaged(const diagnostics& err, const std::filesystem::path& file, std::string_view consequence) {
    std::error_code none;
    if (!std::filesystem::exists(file, none)) return;
    const auto beside = jobs::set_aside_state(file);
    err.warning(fmt::format("{} made no sense, and is {} now: {}", printable(file.native()), printable(beside.filename().native()), consequence));
}

} // namespace vmail::tools
