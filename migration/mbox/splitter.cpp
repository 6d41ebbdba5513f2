#include <algorithm>

#include "splitter.hpp"

namespace vmail::mbox {

namespace {

constexpr std::string_view from = "From ";
// More than the longest From_ line with a blank line before it, and a field behind it.
constexpr std::size_t look_ahead = longest_from_line + field_look_ahead + 100;

/// Bytes of the blank line at the beginning, or 0.
std::size_t blank_line(std::string_view text) { return text.starts_with('\n') ? 1 : text.starts_with("\r\n") ? 2 : 0; }

bool uses_length(dialect d) { return d == dialect::detect || d == dialect::mboxcl || d == dialect::mboxcl2; }

/// Whether a message may end where these bytes follow: nothing, a From_ line, or a blank line and then one of these two.
bool is_an_end(std::string_view following) {
    following.remove_prefix(blank_line(following));
    return following.empty() || begins_message(following);
}

constexpr std::size_t block_size = 128;

/// Of the line ends in a block of bytes.
struct block_counts {
    unsigned lf = 0;
    unsigned crlf = 0;
    bool from = false; ///< a line follows that may be "From ", with any number of ">"
};

/// Of the bytes behind the first one, which is before the block; two more have to follow. Without a branch, so that compilers make it one of many bytes at once.
block_counts look_at_block(const char* p) {
    unsigned char lf = 0, crlf = 0, from_line = 0;
    for (std::size_t i = 0; i < block_size; ++i) {
        const auto end = static_cast<unsigned char>(p[i + 1] == '\n');
        const auto first = static_cast<unsigned char>((p[i + 2] == 'F') & (p[i + 3] == 'r'));
        const auto quoted = static_cast<unsigned char>((p[i + 2] == '>') & ((p[i + 3] == 'F') | (p[i + 3] == '>')));
        lf = static_cast<unsigned char>(lf + end);
        crlf = static_cast<unsigned char>(crlf + (end & static_cast<unsigned char>(p[i] == '\r')));
        from_line = static_cast<unsigned char>(from_line | (end & (first | quoted)));
    }
    return {lf, crlf, from_line != 0};
}

class search {
public:
    search(const window& w, const splitting& how) : w_(w), how_(how) {}

    split_result run() {
        const std::size_t line = w_.bytes.find('\n');
        if (line == std::string_view::npos && !w_.whole) return more();
        message_.delivered = parse_from_line(w_.bytes.substr(0, line));
        at_ = message_.text.begin = line == std::string_view::npos ? w_.bytes.size() : line + 1;
        if (!pass_header()) return finished_ ? split_result{message_} : more();
        return uses_length(how_.dialect) && believe_length() ? by_length() : by_lines();
    }

private:
    split_result more(std::size_t wanted = 0) const { return {{}, std::max(wanted, w_.bytes.size() * 2)}; }

    /// The next line with its end; nothing at the end of the window, be it that of the file or not.
    std::optional<std::string_view> next_line() {
        const char* const begin = w_.bytes.data() + at_;
        const std::size_t left = w_.bytes.size() - at_;
        const auto* const end = left == 0 ? nullptr : static_cast<const char*>(std::char_traits<char>::find(begin, left, '\n'));
        if (!end && (!w_.whole || left == 0)) return {};
        return std::string_view(begin, end ? static_cast<std::size_t>(end - begin) + 1 : left);
    }

    void count(std::string_view line) {
        at_ += line.size();
        if (!line.ends_with('\n')) return;
        ++message_.lf;
        if (line.size() > 1 && line[line.size() - 2] == '\r') ++message_.crlf;
    }

    /// Whether there is a body, and it may begin in the window.
    bool pass_header() {
        const std::size_t begin = at_;
        while (const auto line = next_line()) {
            const from_judgement from_line = look_at(*line, before_line::header);
            if (from_line == from_judgement::not_seen) return false;
            if (from_line == from_judgement::splits) return end_in_header();
            count(*line);
            if (blank_line(*line) == 0) continue;
            message_.body = at_;
            header_ = w_.bytes.substr(begin, at_ - begin);
            blank_size_ = line->size();
            return true;
        }
        return w_.whole ? end_in_header() : false;
    }

    /// There is no body.
    bool end_in_header() {
        message_.body = at_;
        finish(at_);
        return false;
    }

    enum class from_judgement { text, splits, not_seen };

    /// What the line is; not_seen where the next one is not in the window, and would tell. Counts what is left in doubt.
    from_judgement look_at(std::string_view line, before_line before) {
        if (!line.starts_with(from)) return from_judgement::text;
        const std::string_view rest = w_.bytes.substr(at_ + line.size());
        if (!w_.whole && rest.size() < field_look_ahead && rest.find('\n') == std::string_view::npos) return from_judgement::not_seen;
        const from_verdict verdict = judge(form_of(line), before, next_line_of(rest));
        if (verdict == from_verdict::splits || (verdict == from_verdict::doubtful && how_.at_doubtful)) return from_judgement::splits;
        if (verdict == from_verdict::doubtful) ++(before == before_line::blank ? message_.odd_from : message_.late_from);
        return from_judgement::text;
    }

    void finish(std::size_t end) {
        message_.text.end = end;
        message_.next = at_;
        finished_ = true;
    }

    bool believe_length() {
        const auto length = content_length(header_);
        if (!length) return false;
        const std::uint64_t left = w_.remaining - message_.body;
        const bool right = *length <= left && is_an_end(bytes_at(message_.body + *length));
        message_.length = right ? length_claim::right : length_claim::wrong;
        length_ = static_cast<std::size_t>(right ? *length : 0);
        return right;
    }

    std::string bytes_at(std::uint64_t offset) const {
        if (offset + look_ahead <= w_.bytes.size() || (w_.whole && offset <= w_.bytes.size()))
            return std::string(w_.bytes.substr(static_cast<std::size_t>(offset), look_ahead));
        return w_.peek(offset, look_ahead);
    }

    split_result by_length() {
        const std::size_t end = message_.body + length_;
        // The blank line behind it has to be seen as well, or that the file ends here.
        if (end + 2 > w_.bytes.size() && !w_.whole) return more(end + look_ahead);
        const window body{w_.bytes.substr(0, end), true, end, {}};
        search lines(body, how_);
        lines.message_ = message_;
        lines.at_ = at_;
        lines.pass_body_lines();
        message_ = lines.message_;
        at_ = end + blank_line(w_.bytes.substr(end));
        finish(end);
        return {message_};
    }

    /// Most lines of a body are only counted. Passes whole lines, and none that may be "From ": those are looked at one by one.
    void skip_lines() {
        if (at_ <= one_by_one_until_) return;
        const char* const bytes = w_.bytes.data();
        std::size_t end = at_;
        const bool begins_with_from = at_ < w_.bytes.size() && (bytes[at_] == 'F' || bytes[at_] == '>');
        const std::size_t lines_before = message_.lf;
        while (!begins_with_from && end + block_size + 2 <= w_.bytes.size()) {
            const block_counts b = look_at_block(bytes + end - 1);
            if (b.from) break;
            message_.lf += b.lf;
            message_.crlf += b.crlf;
            end += block_size;
        }
        one_by_one_until_ = begins_with_from ? at_ : end + block_size;
        // That line is none of those, and comes next: what was before it matters no more.
        if (message_.lf != lines_before) at_ = w_.bytes.rfind('\n', end - 1) + 1;
    }

    std::optional<std::string_view> next_body_line() {
        skip_lines();
        return next_line();
    }

    void pass_body_lines() {
        while (const auto line = next_body_line()) {
            note_from(*line);
            count(*line);
        }
    }

    split_result by_lines() {
        while (const auto line = next_body_line()) {
            const from_judgement from_line = look_at(*line, blank_size_ != 0 ? before_line::blank : before_line::body);
            if (from_line == from_judgement::not_seen) return more();
            if (from_line == from_judgement::splits) return end_before_blank();
            note_from(*line);
            blank_size_ = blank_line(*line);
            count(*line);
        }
        if (!w_.whole) return more();
        return end_before_blank();
    }

    split_result end_before_blank() {
        if (blank_size_ != 0) --message_.lf;
        if (blank_size_ == 2) --message_.crlf;
        finish(at_ - blank_size_);
        message_.body = std::min(message_.body, message_.text.end);
        return {message_};
    }

    void note_from(std::string_view line) {
        if (line.empty() || (line.front() != '>' && line.front() != 'F')) return;
        const std::size_t depth = line.find_first_not_of('>');
        if (depth == std::string_view::npos || !line.substr(depth).starts_with(from)) return;
        from_lines& f = message_.body_from;
        ++(depth == 0 ? f.naked : depth == 1 ? f.quoted : f.deeper);
    }

    const window& w_;
    const splitting& how_;
    found_message message_{};
    std::string_view header_{};
    std::size_t at_ = 0;
    std::size_t blank_size_ = 0; ///< of the line before, where that is blank
    std::size_t length_ = 0;
    std::size_t one_by_one_until_ = 0;
    bool finished_ = false;
};

} // namespace

split_result find_message(const window& w, const splitting& how) { return search(w, how).run(); }

} // namespace vmail::mbox
