#pragma once

#include <ostream>
#include <string>
#include <vector>

#include <vmail/jobs/purge.hpp>

#include <cli/invocation.hpp>

namespace vmail::tools {

/// What is to be purged where the mail is, made where it is not.
struct written_purge {
    timestamp removed_before;
    std::vector<purge_item> items{};
};

void write_purge_plan(std::ostream& out, invocation& run, const written_purge& what);
/// Throws invalid_value for a file that is none, or of another directory; error(input_missing).
written_purge read_purge_plan(invocation& run, const std::string& file);

} // namespace vmail::tools
