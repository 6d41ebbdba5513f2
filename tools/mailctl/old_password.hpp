#pragma once

#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include <vmail/secret.hpp>

#include <cli/invocation.hpp>

namespace vmail::tools {

void add_old_password_flag(CLI::App& verb, std::optional<std::string>& file);

/// As passwd(1): the owner of a mailbox proves that he knows the old password, whatever his session is bound with; from the file, or asked for. Nobody else
/// is asked: nothing is returned. Throws denied for a wrong one, and error(usage) where there is neither a file nor anybody to ask.
std::optional<secret> require_old_password(invocation& run, const std::optional<std::string>& file);

} // namespace vmail::tools
