#pragma once

#include <cstddef>
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

/// The records of a map, which may be read in pieces side by side. What form they have is decided once.
class record_source {
public:
    /// The map must outlive it.
    record_source(const map_file& map, map_form form);

    /// How many lines there are.
    std::size_t size() const noexcept { return map_.lines().size(); }
    /// A ledger for the lines [first, last), counted from 0.
    ledger part(std::size_t first, std::size_t last) const { return {map_.name(), last - first, static_cast<std::uint32_t>(first + 1)}; }

    /// Hands over the records of the lines [first, last), and settles what is none: blank and comment lines, housekeeping keys, compat entries, lines
    /// with a NUL. A key that is neither the first field nor the third is noted.
    void read(std::size_t first, std::size_t last, ledger& lines, const std::function<void(const colon_record&)>& visit) const;

private:
    const map_file& map_;
    bool keyed_;
};

/// All records of a map, in their order.
void for_each_record(const map_file& map, map_form form, ledger& lines, const std::function<void(const colon_record&)>& visit);

/// A line that is empty or blanks, or whose first character is "#".
bool is_blank_or_comment(std::string_view line) noexcept;

/// A key that NIS itself puts into each map: YP_LAST_MODIFIED and such, and "@".
bool is_housekeeping(std::string_view key) noexcept;

} // namespace vmail::nis
