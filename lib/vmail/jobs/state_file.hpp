#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

/// Internal: what a job keeps for its next run, in a file of its own that nobody else may read.
namespace vmail::jobs {

/// Nothing where there is none. Throws error(configuration) where it cannot be read, or belongs to somebody else.
std::optional<std::string> read_state(const std::filesystem::path& file);
/// There whole or not at all, on disk, with the folder. Throws error(configuration).
void write_state(const std::filesystem::path& file, std::string_view text);

/// What makes no sense is kept for whoever wants to know why, beside its place: where that is. Throws as write_state().
std::filesystem::path set_aside_state(const std::filesystem::path& file);

} // namespace vmail::jobs
