#include <algorithm>
#include <cstring>
#include <ios>
#include <streambuf>
#include <utility>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/ldap/ldif_lines.hpp>

namespace vmail::ldap {

namespace {

constexpr std::size_t max_line = 64 * 1024 * 1024;
constexpr std::size_t block_size = 64 * 1024;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

[[noreturn]] void fail_to_read(const std::string& file, std::string_view why) {
    throw error(error_kind::input_missing, fmt::format("cannot read {}: {}", printable(file), printable(why)));
}

} // namespace

void physical_lines::fail(std::size_t line, std::string_view sentence) const {
    throw invalid_value(fmt::format("{}:{}: {}", printable(file_), line, sentence));
}

bool physical_lines::refill() {
    if (in_.fail()) fail_to_read(file_, "it is not open, or an earlier read failed");
    if (in_.eof()) return false;
    block_.resize(block_size);
    // Takes what is there and no more: with istream::read() somebody who types would have to type a whole block.
    try {
        auto& buffer = *in_.rdbuf();
        if (buffer.sgetc() == std::streambuf::traits_type::eof()) return false;
        const auto size = std::clamp<std::streamsize>(buffer.in_avail(), 1, static_cast<std::streamsize>(block_size));
        at_ = 0;
        end_ = static_cast<std::size_t>(buffer.sgetn(block_.data(), size));
    } catch (const std::ios_base::failure& failure) {
        fail_to_read(file_, failure.code().message());
    }
    return end_ > 0;
}

bool physical_lines::next(std::string& line) {
    line.clear();
    bool any = false;
    bool ended = false;
    while (!ended && (at_ < end_ || refill())) {
        any = true;
        const char* const begin = block_.data() + at_;
        const auto* const newline = static_cast<const char*>(std::memchr(begin, '\n', end_ - at_));
        ended = newline != nullptr;
        const std::size_t length = ended ? static_cast<std::size_t>(newline - begin) : end_ - at_;
        line.append(begin, length);
        at_ += length + (ended ? 1 : 0);
        if (line.size() > max_line) fail(number_ + 1, "a line of more than 64 MiB");
    }
    if (any) {
        ++number_;
        check(line);
    }
    return any;
}

void physical_lines::check(std::string& line) {
    if (number_ == 1 && line.starts_with(byte_order_mark)) line.erase(0, byte_order_mark.size());
    if (line.ends_with('\r')) line.pop_back();
    if (line.find('\0') != std::string::npos) fail(number_, "a NUL byte: this is no text, or it is UTF-16 and must be converted to UTF-8");
    if (line.find('\r') != std::string::npos) fail(number_, "a carriage return that does not end the line");
}

bool logical_lines::look_ahead() {
    if (!has_ahead_) has_ahead_ = physical_.next(ahead_);
    return has_ahead_;
}

bool logical_lines::at_continuation() { return look_ahead() && ahead_.starts_with(' '); }

std::optional<logical_lines::line> logical_lines::next() {
    while (look_ahead() && ahead_.starts_with('#')) skip_comment();
    if (!look_ahead()) return std::nullopt;
    const std::size_t number = physical_.number();
    if (ahead_.starts_with(' ')) fail(number, "a line that begins with a blank continues nothing");
    has_ahead_ = false;
    line l{std::exchange(ahead_, {}), number, number};
    in_record_ = !l.text.empty();
    if (in_record_) append_continuations(l);
    return l;
}

void logical_lines::skip_comment() {
    has_ahead_ = false;
    while (at_continuation()) {
        // To RFC 2849 it belongs to the comment. Who wrote it more likely meant the value before, which would lose its end without a word.
        if (in_record_) fail(physical_.number(), "a folded line behind a comment: put the comment before or after the whole value");
        has_ahead_ = false;
    }
}

void logical_lines::append_continuations(line& l) {
    while (at_continuation()) {
        l.text.append(ahead_, 1);
        l.last = physical_.number();
        has_ahead_ = false;
        if (l.text.size() > max_line) fail(l.first, "a folded line of more than 64 MiB");
    }
}

} // namespace vmail::ldap
