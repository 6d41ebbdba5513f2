#include <algorithm>

#include <fmt/format.h>

#include <vmail/error.hpp>

#include "report.hpp"

namespace vmail::mbox {

bool report::has(level l) const {
    return std::any_of(found.begin(), found.end(), [l](const finding& f) { return row_of(f.code).level == l; });
}

bool report::is_whole() const { return std::none_of(found.begin(), found.end(), is_incomplete); }

void check(const folder_report& f) {
    const message_counts& m = f.messages;
    const byte_counts& b = f.bytes;
    if (m.found != m.converted + m.there + m.internal)
        throw error(error_kind::internal, fmt::format("{}: a message was not accounted for; this is a bug", f.folder.imap()));
    if (b.read != b.messages + b.internal + b.from_lines + b.blank + b.quotes + b.stripped)
        throw error(error_kind::internal, fmt::format("{}: a byte was not accounted for; this is a bug", f.folder.imap()));
}

} // namespace vmail::mbox
