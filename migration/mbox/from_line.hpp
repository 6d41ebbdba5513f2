#pragma once

#include <string_view>

namespace vmail::mbox {

/// What a line that begins with "From " looks like.
enum class from_form {
    none,       ///< it does not begin so
    dated,      ///< a date as asctime(3) writes it, also one that never was or in another language, or one of RFC 5322
    bare,       ///< "From " or "From -" and nothing else: Thunderbird
    sender,     ///< one word: a sender without a date
    other_date, ///< a time of day and a year, in a form of their own
    words,      ///< anything else; mostly a sentence
};

/// Of the line, given with or without its end. A line of more than 1000 bytes is words.
from_form form_of(std::string_view line);

/// What a text begins with.
enum class next_line {
    other,      ///< no field of a header
    field,      ///< a name, a colon
    mail_field, ///< a field that mails have, as Received or X-...
};

/// More bytes than a text needs for next_line_of() to see what it begins with, where it has no line end before.
inline constexpr std::size_t field_look_ahead = 100;

next_line next_line_of(std::string_view text);

/// What is before a line.
enum class before_line {
    blank,  ///< a blank line, the beginning of the file, or the end of a message by Content-Length
    header, ///< lines of a header, without the blank line that ends it
    body,   ///< a line of a body
};

enum class from_verdict {
    text,     ///< no beginning of a message
    splits,   ///< a message begins
    doubtful, ///< other readers differ, or a mail may have been cut off here
};

/// A From_ line is known by where it stands and what follows; whether its date is one decides only where that leaves a doubt.
from_verdict judge(from_form form, before_line before, next_line after);

/// Whether a message begins where the text does, behind a blank line or at the beginning of a file.
bool begins_message(std::string_view text);

} // namespace vmail::mbox
