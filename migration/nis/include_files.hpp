#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "address_list.hpp"
#include "ledger.hpp"
#include "options.hpp"
#include "text_arena.hpp"

namespace vmail::nis {

/// Puts the addresses of an :include: file in its place, those of files that it includes too. What cannot be read is noted at the alias's
/// lines and left out.
class include_files {
public:
    include_files(const options& o, ledger& lines, text_arena& texts) : options_(o), lines_(lines), texts_(texts) {}

    /// The path is the old server's, absolute.
    void expand(std::string_view path, line_span at, std::vector<target>& out) { expand(path, at, out, 0); }

private:
    void expand(std::string_view path, line_span at, std::vector<target>& out, unsigned depth);
    void read(std::string_view path, line_span at, std::vector<target>& out, unsigned depth);
    void leave_out(std::string_view path, line_span at, std::string_view why);

    const options& options_;
    ledger& lines_;
    text_arena& texts_;
};

} // namespace vmail::nis
