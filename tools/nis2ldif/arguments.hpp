#pragma once

#include <optional>
#include <string>
#include <variant>

#include <nis/convert.hpp>
#include <nis/options.hpp>

namespace nis2ldif {

enum class report_format { text, json };

/// The command line, understood.
struct arguments {
    explicit arguments(vmail::nis::options o) : options(std::move(o)) {}

    vmail::nis::options options;
    vmail::nis::map_set maps{}; ///< read
    std::string out = "-";
    std::string report = ""; ///< empty: standard error
    std::string lists_members = ""; ///< folder for the members of lists
    report_format format = report_format::text;
};

/// Parses the command line and reads the maps it names. Gives the exit status instead when that is all there is to do: --help, --version, and a command
/// line that makes no sense, which is said on standard error. Throws error for maps that cannot be read.
std::variant<arguments, int> parse_arguments(int argc, const char* const* argv);

} // namespace nis2ldif
