#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "page_allocator.hpp"

namespace vmail::nis {

/// Whether a file begins as one of gdbm does, of any version, file offset and byte order.
bool is_gdbm(std::string_view start) noexcept;

/// The records of a map file of ypserv, as `ypcat -k` would print them: key, one blank, value. A NUL that ends a key or a value is taken away. They are in the
/// byte order of their keys, for that of the file is an accident of its hash table.
struct gdbm_map {
    page_vector<char> bytes;
    page_vector<std::string_view> lines; ///< of bytes, also when they are moved
};

/// Reads the file of a descriptor, which stays open; the name is for errors. No lock is taken, and nothing is written. Throws error(invalid_value) for one that
/// is damaged or of another kind of machine.
gdbm_map read_gdbm(int fd, const std::string& name, std::size_t file_size);

} // namespace vmail::nis
