#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vmail::tools {

/// The folder of phamm.schema, sandbox.conf.in and the rest: $MAILCTL_SCHEMA_DIR, else ../share/mailctl/schema as seen from the running program,
/// else schema/ of the source tree this was built from. Throws error(configuration) when none of them has it.
std::filesystem::path schema_dir();

/// Names without their @ signs, and what stands for them.
using placeholders = std::vector<std::pair<std::string_view, std::string>>;

/// fill_template() with these.
std::string fill(std::string_view text, const placeholders& values);

/// A whole file. Throws error(configuration) when it cannot be read.
std::string read_file(const std::filesystem::path& path);

/// Replaces a file, or makes it with mode 0600. Throws error(configuration).
void write_file(const std::filesystem::path& path, std::string_view text);

/// The path, to be written between double quotes in slapd.conf. Throws error(configuration) for one that slapd would read otherwise: with a double
/// quote, a backslash or a control character in it.
std::string quotable(const std::filesystem::path& path);

} // namespace vmail::tools
