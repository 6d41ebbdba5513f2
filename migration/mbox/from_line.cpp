#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include <vmail/ascii.hpp>

#include "from_line.hpp"
#include "mail_date.hpp"

namespace vmail::mbox {

namespace {

using words_view = std::span<const std::string_view>;

constexpr std::string_view from = "From ";
constexpr std::size_t longest_field_name = field_look_ahead - 20; // with blanks before the colon, and what is behind it

std::size_t leading_digits(std::string_view word) { return std::min(word.find_first_not_of("0123456789"), word.size()); }

/// "8:00", and whatever follows.
bool begins_with_clock(std::string_view word) {
    const std::size_t hours = leading_digits(word);
    return (hours == 1 || hours == 2) && word.substr(hours).starts_with(':') && leading_digits(word.substr(hours + 1)) >= 2;
}

bool is_day_number(std::string_view word) { return ascii::is_digits(word) && word.size() <= 2; }

/// In any language.
bool is_name(std::string_view word) { return word.size() > 1 && (ascii::is_alpha(word[0]) || static_cast<unsigned char>(word[0]) > 127); }

bool begins_with_year(std::string_view word) {
    const std::size_t digits = leading_digits(word);
    return digits >= 2 && digits <= 4 && !word.substr(digits).starts_with(':');
}

bool holds_year(std::string_view word) {
    for (; !word.empty(); word.remove_prefix(std::max<std::size_t>(leading_digits(word), 1)))
        if (leading_digits(word) == 4) return true;
    return false;
}

/// gio nov 20 08:00:00 [...] 2003 [...]
bool has_asctime_look(words_view words) {
    for (std::size_t i = 3; i < words.size(); ++i)
        if (begins_with_clock(words[i]) && is_day_number(words[i - 1]) && is_name(words[i - 2]) && is_name(words[i - 3]))
            return std::any_of(words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end(), begins_with_year);
    return false;
}

/// Thu, 31 Nov 2003 08:00:00 [...]
bool has_rfc5322_look(words_view words) {
    for (std::size_t i = 4; i < words.size(); ++i)
        if (begins_with_clock(words[i]) && begins_with_year(words[i - 1]) && is_name(words[i - 2]) && is_day_number(words[i - 3]) &&
            words[i - 4].ends_with(','))
            return true;
    return false;
}

bool has_other_date(words_view words) {
    return std::any_of(words.begin(), words.end(), begins_with_clock) && std::any_of(words.begin(), words.end(), holds_year);
}

// In lower case. What writers of mboxes put first, and what is first in mails.
constexpr std::array<std::string_view, 46> mail_fields = {"apparently-to",
                                                          "authentication-results",
                                                          "autocrypt",
                                                          "auto-submitted",
                                                          "bcc",
                                                          "cc",
                                                          "comments",
                                                          "date",
                                                          "delivered-to",
                                                          "delivery-date",
                                                          "disposition-notification-to",
                                                          "dkim-signature",
                                                          "domainkey-signature",
                                                          "envelope-to",
                                                          "errors-to",
                                                          "feedback-id",
                                                          "from",
                                                          "importance",
                                                          "in-reply-to",
                                                          "keywords",
                                                          "lines",
                                                          "mail-followup-to",
                                                          "mailing-list",
                                                          "message-id",
                                                          "mime-version",
                                                          "newsgroups",
                                                          "old-return-path",
                                                          "openpgp",
                                                          "organization",
                                                          "path",
                                                          "precedence",
                                                          "priority",
                                                          "received",
                                                          "received-spf",
                                                          "references",
                                                          "reply-to",
                                                          "return-path",
                                                          "sender",
                                                          "status",
                                                          "subject",
                                                          "thread-index",
                                                          "thread-topic",
                                                          "to",
                                                          "user-agent",
                                                          "via",
                                                          "xref"};
constexpr std::array<std::string_view, 6> mail_families = {"x-", "list-", "resent-", "content-", "arc-", "x400-"};

bool is_mail_field(std::string_view name) {
    const auto is_same = [&](std::string_view field) { return ascii::iequals(field, name); };
    const auto begins = [&](std::string_view family) { return ascii::iequals(family, name.substr(0, family.size())); };
    return std::any_of(mail_fields.begin(), mail_fields.end(), is_same) || std::any_of(mail_families.begin(), mail_families.end(), begins);
}

bool is_name_character(char c) { return ascii::is_alnum(c) || c == '-' || c == '_' || c == '.'; }

from_verdict after_blank(from_form form, next_line after) {
    switch (form) {
    case from_form::none: return from_verdict::text;
    case from_form::dated: return from_verdict::splits;
    case from_form::bare: return after == next_line::other ? from_verdict::doubtful : from_verdict::splits;
    case from_form::sender:
        return after == next_line::mail_field ? from_verdict::splits : after == next_line::field ? from_verdict::doubtful : from_verdict::text;
    case from_form::other_date: return after == next_line::mail_field ? from_verdict::splits : from_verdict::doubtful;
    case from_form::words: break;
    }
    return after == next_line::other ? from_verdict::text : from_verdict::doubtful;
}

/// Nothing of a header begins so: a mail was cut off.
from_verdict in_header(from_form form, next_line after) {
    const bool is_header = after != next_line::other;
    switch (form) {
    case from_form::dated: return is_header ? from_verdict::splits : from_verdict::doubtful;
    case from_form::bare: return is_header ? from_verdict::splits : from_verdict::text;
    case from_form::sender:
    case from_form::other_date:
    case from_form::words: return after == next_line::mail_field ? from_verdict::doubtful : from_verdict::text;
    case from_form::none: break;
    }
    return from_verdict::text;
}

from_verdict in_body(from_form form, next_line after) {
    const bool begins_mail = after == next_line::mail_field && (form == from_form::bare || form == from_form::other_date);
    return form == from_form::dated || begins_mail ? from_verdict::doubtful : from_verdict::text;
}

} // namespace

from_form form_of(std::string_view line) {
    if (!line.starts_with(from)) return from_form::none;
    if (line.size() > longest_from_line) return from_form::words;
    const auto words = split_words(line.substr(from.size()));
    if (parse_from_line(line) || has_asctime_look(words) || has_rfc5322_look(words)) return from_form::dated;
    if (words.empty() || (words.size() == 1 && words[0] == "-")) return from_form::bare;
    if (words.size() == 1) return from_form::sender;
    return has_other_date(words) ? from_form::other_date : from_form::words;
}

next_line next_line_of(std::string_view text) {
    if (text.empty() || !ascii::is_alpha(text[0])) return next_line::other;
    const auto end = static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_name_character) - text.begin());
    if (end > longest_field_name) return next_line::other;
    const std::string_view name = text.substr(0, end);
    text.remove_prefix(end);
    while (!text.empty() && ascii::is_blank(text[0])) text.remove_prefix(1);
    if (!text.starts_with(':') || text.starts_with("://")) return next_line::other;
    return is_mail_field(name) ? next_line::mail_field : next_line::field;
}

from_verdict judge(from_form form, before_line before, next_line after) {
    switch (before) {
    case before_line::blank: return after_blank(form, after);
    case before_line::header: return in_header(form, after);
    case before_line::body: break;
    }
    return in_body(form, after);
}

bool begins_message(std::string_view text) {
    if (!text.starts_with(from)) return false;
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    return judge(form_of(text.substr(0, end)), before_line::blank, next_line_of(text.substr(end))) == from_verdict::splits;
}

} // namespace vmail::mbox
