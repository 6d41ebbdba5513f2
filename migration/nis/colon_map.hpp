#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "ledger.hpp"
#include "map_file.hpp"
#include "options.hpp"

namespace vmail::nis {

/// A record of passwd, shadow or group.
struct colon_record {
    std::uint32_t line = 0;
    std::string_view text; ///< without the key of ypcat -k; bytes as in the file
};

/// Whether more records look like the output of `ypcat -k` than look plain; what could be either, or is neither, does not count.
bool looks_keyed(const map_file& map);

/// Hands over the records, and settles what is none: blank and comment lines, housekeeping keys, compat entries, lines with a NUL. A key that is neither
/// the first field nor the third is noted.
void for_each_record(const map_file& map, map_form form, ledger& lines, const std::function<void(const colon_record&)>& visit);

/// A line that is empty or blanks, or whose first character is "#".
bool is_blank_or_comment(std::string_view line) noexcept;

/// A key that NIS itself puts into each map: YP_LAST_MODIFIED and such, and "@".
bool is_housekeeping(std::string_view key) noexcept;

} // namespace vmail::nis
