#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

#include "ledger.hpp"

namespace vmail::nis {

/// How many entries of each kind were written.
struct entry_counts {
    std::size_t domains = 0;    ///< with BASE and the container
    std::size_t accounts = 0;
    std::size_t forwards = 0;   ///< accounts with a forward
    std::size_t aliases = 0;    ///< of the alias map, with postmaster and abuse
    std::size_t login_aliases = 0; ///< login@ of accounts whose address is Name.Surname
    std::size_t groups = 0;
    std::size_t netgroups = 0;

    entry_counts& operator+=(const entry_counts& other) noexcept;
};

/// Addresses for another program, one in each line of a file.
struct address_file {
    std::string name; ///< of the file, without a folder
    std::vector<std::string> addresses;
};

/// All that is to be said about a conversion.
struct report {
    std::vector<ledger> maps;
    std::vector<std::string> notes; ///< about the whole; sentences
    entry_counts entries;
    std::vector<address_file> lists{}; ///< the members and owners of lists that go to a list server

    std::size_t count(level l) const;
    bool skipped_something() const;
};

/// One line for each finding, "FILE:LINE: LEVEL CODE: text", or FILE:FIRST-LAST; then the notes; then for each map the sum of its lines.
void write_text(std::ostream& out, const report& r);

/// One JSON object, described in nis2ldif(1).
void write_json(std::ostream& out, const report& r);

} // namespace vmail::nis
