#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <vmail/timestamp.hpp>

#include "gdbm_map.hpp"
#include "page_allocator.hpp"

namespace vmail::nis {

/// A map in memory, as lines, or as the records of a map file of ypserv. A line ends in LF or CR LF; the last one may have no end. Lines may hold a NUL and any bytes.
class map_file {
public:
    /// Reads a file, or standard input for "-". Throws error(input_missing) for what is missing or unreadable, invalid_value for what is no text of
    /// lines in a superset of ASCII: compressed, UTF-16, a database file that is not ypserv's, binary, or with bare CR as line ends.
    static map_file read(const std::string& path);
    /// As read(), of an open file, which stays open.
    static map_file read(int fd, const std::string& name);
    /// As read(), of bytes in memory.
    static map_file from_bytes(std::string name, std::string bytes);

    map_file(map_file&&) = default;
    map_file& operator=(map_file&&) = default;

    const std::string& name() const noexcept { return name_; } ///< as it was given; "-" for standard input
    /// Without their ends. Valid while the map lives, also when it is moved.
    const page_vector<std::string_view>& lines() const noexcept { return lines_; }
    /// Whether it is a map file of ypserv: each line is a record with its key, as of `ypcat -k`.
    bool is_database() const noexcept { return is_database_; }
    bool has_nul() const noexcept { return has_nul_; } ///< somewhere
    bool had_byte_order_mark() const noexcept { return had_byte_order_mark_; }
    /// When the file was last changed; nothing for a pipe.
    const std::optional<timestamp>& changed() const noexcept { return changed_; }

private:
    map_file(std::string name, page_vector<char> bytes);
    map_file(std::string name, gdbm_map records);

    std::string name_;
    page_vector<char> bytes_; // not a string: a short one would move its bytes
    page_vector<std::string_view> lines_;
    bool had_byte_order_mark_ = false;
    bool has_nul_ = true; ///< unless it was looked for
    bool is_database_ = false;
    std::optional<timestamp> changed_;
};

} // namespace vmail::nis
