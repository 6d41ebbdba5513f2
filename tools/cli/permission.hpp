#pragma once

#include <string>

#include <vmail/standing.hpp>

namespace vmail::tools {

/// That whoever we are may not do it, and who may: safe to print. `subject` is an address or the like, or empty. Nothing for the tools' identity, of whom the
/// access rules alone can tell.
std::string permission_sentence(const standing& who, const std::string& subject);

} // namespace vmail::tools
