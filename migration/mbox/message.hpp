#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <vmail/timestamp.hpp>

#include "checksum.hpp"
#include "header.hpp"
#include "splitter.hpp"

namespace vmail::mbox {

struct message_options {
    mbox::splitting splitting{};
    time_zone zone = time_zone::local();   ///< of From_ lines without one
    bool strip_status = false;             ///< leave out the status lines of the header
    timestamp fallback = timestamp::now(); ///< of a message without any date that makes sense
};

/// Whose word the time of delivery is.
enum class time_source { from_line, header, file };

/// A message as it will stand in a Maildir.
struct message {
    std::string_view raw{};           ///< the bytes in the mbox that it was read from
    std::optional<std::string> own{}; ///< the bytes where they are not the same as in the mbox
    std::uint64_t crlf_size{};        ///< with every LF as CR LF
    timestamp delivered;
    time_source time_from;
    mail_state state{};
    checksum content{};            ///< of the text
    checksum identity{};           ///< of the text without what changes in a header while the mail remains the same
    std::size_t undone_quotes = 0; ///< bytes taken away from before "From "
    std::size_t stripped = 0;      ///< bytes of status lines left out
    found_message found{};

    explicit message(timestamp t, time_source source = time_source::from_line) : delivered(t), time_from(source) {}

    std::string_view text() const noexcept { return own ? std::string_view(*own) : raw; }
};

/// The message found at the beginning of the window, whose bytes have to live as long as it.
message prepare(const window& w, const found_message& found, const message_options& options, summer& sums);

/// What tells a mail from another one, whatever a mail reader has noted in its header meanwhile: the SHA-256 of its header without these fields, with
/// the length and the fingerprint of its body without any quoting of "From " lines: how much is undone hangs on Content-Length, which a reader may add. To have two mails taken for one, somebody would have to write both headers as well, to the
/// last Received line. A line end that is missing at the end makes no other one.
checksum identity_of(std::string_view text, summer& sums);

/// The body with the quoting of "From " lines undone, as the dialect and what was found in the body say. mboxrd: one ">" of each; else of those with
/// one only.
std::string unquote(std::string_view body, bool every_depth);

} // namespace vmail::mbox
