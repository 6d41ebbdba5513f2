#include <algorithm>
#include <utility>

#include <vmail/ascii.hpp>
#include <vmail/ldap/ldif_writer.hpp>

#include "ldif_text.hpp"

namespace vmail::nis {

namespace {

constexpr std::size_t fold_at = 76;
constexpr std::size_t least_room = 64 * 1024;

/// RFC 2849 SAFE-STRING, without control characters.
bool is_plain(bool has_prefix, std::string_view value, bool has_suffix) noexcept {
    if (value.empty()) return true;
    const char first = value.front();
    if (!has_prefix && (first == ' ' || first == ':' || first == '<')) return false;
    if (!has_suffix && value.back() == ' ') return false;
    return ascii::all_printable(value);
}

/// The blank in front of a continuation line counts.
constexpr std::size_t folds_of(std::size_t length) noexcept { return length <= fold_at ? 0 : (length - 2) / (fold_at - 1); }

char* append(char* at, std::string_view text) noexcept {
    return std::copy(text.begin(), text.end(), at);
}

} // namespace

line_frame::line_frame(std::string before, std::string_view name, std::string prefix, std::string_view suffix)
    : before_(std::move(before)), name_(name), prefix_(std::move(prefix)), suffix_(suffix), start_(name_ + ": " + prefix_), lead_(before_ + start_),
      tail_(suffix_ + '\n') {}

char* ldif_text::room(std::size_t bytes) {
    if (capacity_ - size_ < bytes) {
        const std::size_t wanted = std::max({least_room, 2 * capacity_, size_ + bytes});
        auto larger = std::make_unique_for_overwrite<char[]>(wanted);
        append(larger.get(), text());
        bytes_ = std::move(larger);
        capacity_ = wanted;
    }
    return bytes_.get() + size_;
}

void ldif_text::put(std::string_view text) {
    append(room(text.size()), text);
    size_ += text.size();
}

void ldif_text::line(std::string_view name, std::string_view value) {
    if (!is_plain(false, value, false)) return encoded(name, {}, value, {}, false);
    const std::size_t length = name.size() + 2 + value.size();
    char* const start = room(length + 1 + 2 * folds_of(length));
    char* at = append(append(append(start, name), ": "), value);
    *at = '\n';
    size_ += length + 1;
    if (length > fold_at) fold(size_ - length - 1, length);
}

void ldif_text::line(const line_frame& frame, std::string_view value, bool lower_case) {
    if (is_plain(!frame.prefix_.empty(), value, !frame.suffix_.empty()))
        return plain(frame.lead_, frame.before_.size(), value, lower_case, frame.tail_);
    put(frame.before_);
    encoded(frame.name_, frame.prefix_, value, frame.suffix_, lower_case);
}

void ldif_text::next_line(const line_frame& frame, std::string_view value, bool lower_case) {
    if (is_plain(!frame.prefix_.empty(), value, !frame.suffix_.empty())) return plain(frame.start_, 0, value, lower_case, frame.tail_);
    encoded(frame.name_, frame.prefix_, value, frame.suffix_, lower_case);
}

/// `lead` is whole lines of `line_start` bytes and the start of this one; `tail` has the end of the line.
void ldif_text::plain(std::string_view lead, std::size_t line_start, std::string_view value, bool lower_case, std::string_view tail) {
    const std::size_t whole = lead.size() + value.size() + tail.size();
    const std::size_t length = whole - line_start - 1;
    char* const written = append(room(whole + 2 * folds_of(length)), lead);
    char* const end = append(written, value);
    if (lower_case) std::transform(written, end, written, [](char c) { return ascii::to_lower(c); });
    append(end, tail);
    size_ += whole;
    if (length > fold_at) fold(size_ - length - 1, length);
}

void ldif_text::encoded(std::string_view name, std::string_view prefix, std::string_view value, std::string_view suffix, bool lower_case) {
    std::string whole(prefix);
    whole += lower_case ? ascii::to_lower(value) : std::string(value);
    whole += suffix;
    put(ldap::ldif_line(name, whole));
}

/// Folds the last line, for which there is room. The parts move to their places from the last to the first.
void ldif_text::fold(std::size_t start, std::size_t length) {
    char* const line = bytes_.get() + start;
    const std::size_t folds = folds_of(length);
    line[length + 2 * folds] = '\n';
    std::size_t end = length;
    for (std::size_t i = folds; i > 0; --i) {
        const std::size_t from = fold_at + (i - 1) * (fold_at - 1);
        char* const to = line + from + 2 * i;
        std::memmove(to, line + from, end - from);
        to[-1] = ' ';
        to[-2] = '\n';
        end = from;
    }
    size_ += 2 * folds;
}

} // namespace vmail::nis
