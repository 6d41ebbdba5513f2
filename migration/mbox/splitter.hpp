#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "from_line.hpp"
#include "header.hpp"
#include "mail_date.hpp"

namespace vmail::mbox {

/// How an mbox tells where a message ends, and what was done to lines of a body that begin with "From ".
enum class dialect {
    detect,  ///< Content-Length where it proves right; ">From " was "From ", but not in a message that has an unquoted "From " line as well
    mboxo,   ///< ">From " was "From "
    mboxrd,  ///< every ">" that was put before "From ", ">From " and so on
    mboxcl,  ///< as mboxo, with Content-Length
    mboxcl2, ///< Content-Length, and nothing was done to the lines
};

/// How the end of a message was found.
enum class length_claim {
    none,  ///< no Content-Length, or the dialect has none
    right, ///< a From_ line, or the end of the file, stands exactly there
    wrong, ///< neither does: it was not believed
};

/// Lines of a body that begin with "From ", by the number of ">" before it.
struct from_lines {
    std::size_t naked = 0;
    std::size_t quoted = 0; ///< one ">"
    std::size_t deeper = 0; ///< more
};

/// One message in an mbox. Offsets count from the beginning of its From_ line.
struct found_message {
    std::optional<written_time> delivered{}; ///< what the From_ line says, where that is a date
    extent text{};        ///< header and body, without the From_ line and the blank line before the next one
    std::size_t body = 0; ///< where the body begins
    std::size_t next = 0; ///< where the next From_ line begins, or the end of the file
    std::size_t lf = 0;   ///< line ends in the text
    std::size_t crlf = 0; ///< those of them that are CR LF
    from_lines body_from{};
    std::size_t late_from = 0; ///< lines that may be From_ lines, and no blank line precedes them: they did not split
    std::size_t odd_from = 0;  ///< behind a blank line, such as may be a sentence as well: they did not split
    length_claim length = length_claim::none;
};

/// What an attempt came to: a message, or how many bytes there should at least be for the next attempt.
struct split_result {
    std::optional<found_message> message{};
    std::size_t wanted = 0;
};

/// The bytes of a file around a message that begins somewhere in it.
struct window {
    std::string_view bytes{};  ///< from the message's From_ line on
    bool whole = false;        ///< the file ends with them
    std::uint64_t remaining{}; ///< bytes of the file from the From_ line on
    /// Up to that many bytes of the file, at that offset from the From_ line: for looking ahead without reading what lies between.
    std::function<std::string(std::uint64_t offset, std::size_t count)> peek{};
};

/// Where a message ends.
struct splitting {
    mbox::dialect dialect = dialect::detect;
    bool at_doubtful = false; ///< also at a line that other readers take for a From_ line, and we for text: see judge()
};

/// Finds the end of the message at the beginning of the window. Precondition: a From_ line stands there, and remaining is not below the window's size.
///
/// A From_ line splits where a blank line precedes it (or the end that Content-Length told), and within a header. That blank line is the
/// mbox's, not the message's.
split_result find_message(const window& w, const splitting& how);

} // namespace vmail::mbox
