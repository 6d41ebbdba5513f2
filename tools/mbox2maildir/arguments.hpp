#pragma once

#include <string>
#include <variant>

#include <mbox/convert.hpp>

namespace mbox2maildir {

enum class report_format { text, json };

/// The command line, understood.
struct arguments {
    vmail::mbox::options options{};
    std::string report = ""; ///< empty: standard error
    report_format format = report_format::text;
    bool quiet = false; ///< no report where nothing was left out, and no progress
};

/// Gives the exit status instead when that is all there is to do: --help, --version. Throws error(usage) for a command line that makes no sense.
std::variant<arguments, int> parse_arguments(int argc, const char* const* argv);

} // namespace mbox2maildir
