#include <fmt/format.h>

#include <vmail/ascii.hpp>

#include "job_files.hpp"

namespace vmail::tools {

std::string job_file(const configuration& c, std::string_view job, std::string_view ending) {
    std::string directory = c.base ? c.base->key() : "";
    for (const auto& uri : c.uris) directory += ' ' + uri;
    return fmt::format("{}-{:016x}.{}", job, ascii::ihash(directory), ending);
}

} // namespace vmail::tools
