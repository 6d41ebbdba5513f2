#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <vmail/export.hpp>

namespace vmail {

/// A text of lines in which those beginning with "#" are comments, with a first line that says who wrote it and has a digest of the rest: by that it is known
/// again, and whether somebody changed it meanwhile.
VMAIL_EXPORT std::string marked(std::string_view text, std::string_view writer);

/// What is where a marked text is to be written.
enum class file_standing {
    absent,  ///< nothing
    same,    ///< that very text
    written, ///< another text with a mark, as it was written
    edited,  ///< one with a mark, and changed since
    foreign, ///< one without
};

/// The standing of a file, or of none, where the text is to be.
VMAIL_EXPORT file_standing judge_file(const std::optional<std::string>& there, std::string_view text);

} // namespace vmail
