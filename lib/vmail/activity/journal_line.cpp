#include <charconv>
#include <cstring>
#include <optional>

#include <vmail/ascii.hpp>
#include <vmail/utf8.hpp>

#include <vmail/activity/journal_line.hpp>
#include <vmail/activity/log_line.hpp>

namespace vmail::activity {

namespace {

/// Goes through the text of JSON. What is malformed ends it: is_good() says so.
class json_scanner {
public:
    explicit json_scanner(std::string_view text) : rest_(text) {}

    bool is_good() const noexcept { return is_good_; }

    bool take(char c) {
        skip_blanks();
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    void need(char c) {
        if (!take(c)) fail();
    }

    /// A string, as it is written.
    std::string_view take_raw_string() {
        need('"');
        const std::size_t end = end_of_string();
        const auto raw = rest_.substr(0, end);
        rest_.remove_prefix(std::min(rest_.size(), end + 1));
        return raw;
    }

    void skip_value() { skip_or_copy(nullptr); }
    /// A string, or an array of bytes; anything else is left out.
    void copy_value(std::string& to) { skip_or_copy(&to); }

private:
    void skip_blanks() {
        while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) rest_.remove_prefix(1);
    }
    void fail() {
        is_good_ = false;
        rest_ = {};
    }

    std::size_t end_of_string() {
        for (std::size_t at = 0; at < rest_.size(); ++at) {
            const void* const quote = std::memchr(rest_.data() + at, '"', rest_.size() - at);
            if (quote == nullptr) break;
            at = static_cast<std::size_t>(static_cast<const char*>(quote) - rest_.data());
            std::size_t backslashes = 0;
            while (backslashes < at && rest_[at - backslashes - 1] == '\\') ++backslashes;
            if (backslashes % 2 == 0) return at;
        }
        fail();
        return 0;
    }

    void skip_or_copy(std::string* to) {
        skip_blanks();
        if (rest_.empty()) return fail();
        if (rest_.front() == '"') {
            const auto raw = take_raw_string();
            if (to != nullptr) unescape(raw, *to);
        } else if (rest_.front() == '[') {
            take_array(to);
        } else {
            take_word();
        }
    }

    /// null, true, a number: whatever there is up to what ends a value.
    std::string_view take_word() {
        const auto end = rest_.find_first_of(",]}");
        const auto word = rest_.substr(0, end);
        if (end == std::string_view::npos || word.empty() || word.find_first_of("[{\"") != std::string_view::npos) fail();
        else rest_.remove_prefix(end);
        return word;
    }

    void take_array(std::string* to) {
        int depth = 0;
        do {
            skip_blanks();
            if (take('[')) {
                ++depth;
            } else if (take(']')) {
                --depth;
            } else if (!take(',')) {
                take_element(depth == 1 ? to : nullptr);
            }
        } while (depth > 0 && depth < 8 && is_good_);
        if (depth > 0) fail();
    }

    void take_element(std::string* to) {
        skip_blanks();
        if (rest_.starts_with('"')) return void(take_raw_string());
        const auto number = number_of(take_word());
        if (to != nullptr && number < 256) *to += static_cast<char>(number);
    }

    void unescape(std::string_view raw, std::string& to) {
        while (!raw.empty()) {
            const auto plain = std::min(raw.find('\\'), raw.size());
            to += raw.substr(0, plain);
            raw.remove_prefix(plain);
            if (!raw.empty()) take_escape(raw, to);
        }
    }

    void take_escape(std::string_view& raw, std::string& to) {
        constexpr std::string_view letters = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
        const char letter = raw.size() > 1 ? raw[1] : '\0';
        if (letter == 'u') return take_code(raw, to);
        const auto at = letters.find(letter);
        if (at == std::string_view::npos) return fail_text(raw);
        to += meanings[at];
        raw.remove_prefix(2);
    }

    void take_code(std::string_view& raw, std::string& to) {
        const auto high = unit_of(raw);
        if (!high) return fail_text(raw);
        raw.remove_prefix(6);
        if (*high < 0xD800 || *high > 0xDFFF) return utf8::append(to, *high);
        const auto low = unit_of(raw);
        if (*high > 0xDBFF || !low || *low < 0xDC00 || *low > 0xDFFF) return fail_text(raw);
        raw.remove_prefix(6);
        utf8::append(to, 0x10000 + ((*high - 0xD800) << 10U) + (*low - 0xDC00));
    }

    static std::optional<char32_t> unit_of(std::string_view raw) {
        if (raw.size() < 6 || raw.substr(0, 2) != "\\u") return std::nullopt;
        unsigned unit = 0;
        const auto found = std::from_chars(raw.data() + 2, raw.data() + 6, unit, 16);
        return found.ec == std::errc{} && found.ptr == raw.data() + 6 ? std::optional<char32_t>(unit) : std::nullopt;
    }

    void fail_text(std::string_view& raw) {
        raw = {};
        fail();
    }

    std::string_view rest_;
    bool is_good_ = true;
};

std::string_view value_in(std::string_view cursor, std::string_view key) {
    for (; !cursor.empty(); cursor.remove_prefix(std::min(cursor.size(), cursor.find(';') + 1))) {
        if (cursor.starts_with(key)) return cursor.substr(key.size(), cursor.find(';') - key.size());
        if (cursor.find(';') == std::string_view::npos) break;
    }
    return {};
}

} // namespace

void journal_line::clear() {
    for (std::string* const field : {&cursor_, &time_, &host_, &program_, &tag_, &pid_, &system_pid_, &message_}) field->clear();
}

std::string* journal_line::field_of(std::string_view key) {
    if (key == "MESSAGE") return &message_;
    if (key == "__CURSOR") return &cursor_;
    if (key == "__REALTIME_TIMESTAMP") return &time_;
    if (key == "_HOSTNAME") return &host_;
    if (key == "SYSLOG_IDENTIFIER") return &program_;
    if (key == "SYSLOG_PID") return &pid_;
    if (key == "_PID") return &system_pid_;
    return nullptr;
}

bool journal_line::parse(std::string_view json) {
    clear();
    json_scanner scanner(json);
    scanner.need('{');
    bool is_first = true;
    for (; scanner.is_good() && !scanner.take('}'); is_first = false) {
        if (!is_first) scanner.need(',');
        std::string* const field = field_of(scanner.take_raw_string());
        scanner.need(':');
        if (field != nullptr) field->clear();
        field != nullptr ? scanner.copy_value(*field) : scanner.skip_value();
    }
    seconds_ = static_cast<std::int64_t>(number_of(time_) / 1'000'000);
    const std::string& pid = pid_.empty() ? system_pid_ : pid_;
    tag_ = pid.empty() ? program_ : program_ + '[' + pid + ']';
    return scanner.is_good() && seconds_ > 0 && !cursor_.empty() && !message_.empty();
}

journal_place place_of(std::string_view cursor) {
    const auto number = value_in(cursor, "i=");
    std::uint64_t sequence = 0;
    const auto found = std::from_chars(number.data(), number.data() + number.size(), sequence, 16);
    if (found.ec != std::errc{} || found.ptr != number.data() + number.size()) sequence = 0;
    return {value_in(cursor, "s="), sequence};
}

} // namespace vmail::activity
