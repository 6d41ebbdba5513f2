#pragma once

#include <cstdlib>
#include <filesystem>
#include <string_view>

namespace vmail {

/// A place of the user's own by the XDG rules: $VARIABLE/NAME, else $HOME/FALLBACK/NAME. Empty without either.
inline std::filesystem::path user_path(const char* variable, std::string_view fallback, std::string_view name) {
    const char* const folder = std::getenv(variable);
    // The XDG rules: a relative path is to be ignored.
    if (folder != nullptr && *folder == '/') return std::filesystem::path(folder) / name;
    const char* const home = std::getenv("HOME");
    if (home == nullptr || *home != '/') return {};
    return std::filesystem::path(home) / fallback / name;
}

} // namespace vmail
