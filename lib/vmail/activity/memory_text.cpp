#include <charconv>

#include <vmail/error.hpp>

#include <vmail/activity/memory_text.hpp>

namespace vmail::activity {

namespace {

constexpr std::string_view digits = "0123456789abcdef";

bool is_plain(char c) { return static_cast<unsigned char>(c) > ' ' && c != '%' && c != '\x7f'; }

std::size_t value_of(char digit) {
    const auto value = digits.find(digit);
    if (value == std::string_view::npos) refuse_memory();
    return value;
}

} // namespace

void refuse_memory() { throw invalid_value("what was remembered of the logs is damaged, or of another version"); }

memory_writer& memory_writer::field(std::string_view text) {
    if (!is_first_) text_ += '\t';
    is_first_ = false;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (is_plain(c)) text_ += c;
        else (((text_ += '%') += digits[byte >> 4U]) += digits[byte & 15U]);
    }
    return *this;
}

void memory_writer::end_line() {
    text_ += '\n';
    is_first_ = true;
}

std::string memory_line::text() {
    if (is_over_) refuse_memory();
    const auto end = rest_.find('\t');
    std::string_view raw = rest_.substr(0, end);
    is_over_ = end == std::string_view::npos;
    rest_.remove_prefix(is_over_ ? rest_.size() : end + 1);
    std::string text;
    for (; !raw.empty(); raw.remove_prefix(1)) {
        if (raw.front() != '%') {
            text += raw.front();
            continue;
        }
        if (raw.size() < 3) refuse_memory();
        text += static_cast<char>(value_of(raw[1]) * 16 + value_of(raw[2]));
        raw.remove_prefix(2);
    }
    return text;
}

std::uint64_t memory_line::number() {
    const std::string digits_of = text();
    std::uint64_t number = 0;
    const auto found = std::from_chars(digits_of.data(), digits_of.data() + digits_of.size(), number);
    if (found.ec != std::errc{} || found.ptr != digits_of.data() + digits_of.size()) refuse_memory();
    return number;
}

void memory_line::end() const {
    if (!is_over_) refuse_memory();
}

} // namespace vmail::activity
