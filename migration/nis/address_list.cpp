#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>

#include <vmail/ascii.hpp>

#include "address_list.hpp"
#include "fields.hpp"

namespace vmail::nis {

namespace {

constexpr bool is_space(char c) { return ascii::is_blank(c) || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }

/// Behind the quoted string that begins here; the end of the text when its quotes do not end.
std::size_t skip_quoted(std::string_view text, std::size_t i) {
    for (++i; i < text.size() && text[i] != '"'; ++i)
        if (text[i] == '\\') ++i;
    return std::min(i + 1, text.size());
}

/// Behind the comment that begins here; comments nest.
std::size_t skip_comment(std::string_view text, std::size_t i) {
    std::size_t depth = 0;
    for (; i < text.size(); ++i) {
        if (text[i] == '\\') ++i;
        else if (text[i] == '(') ++depth;
        else if (text[i] == ')' && --depth == 0) return i + 1;
    }
    return text.size();
}

bool comment_ends(std::string_view comment) {
    const auto parentheses = [comment](char which) { return std::count(comment.begin(), comment.end(), which); };
    return comment.ends_with(')') && parentheses('(') == parentheses(')');
}

/// Where an address has its "@", outside quotes: the last one.
std::size_t find_at(std::string_view text) {
    std::size_t at = std::string_view::npos;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"') i = skip_quoted(text, i) - 1;
        else if (text[i] == '\\') ++i;
        else if (text[i] == '@') at = i;
    }
    return at;
}

std::string unquote(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) out += text[++i];
        else if (text[i] != '"') out += text[i];
    }
    return out;
}

bool quotes_end(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\') ++i;
        else if (text[i] == '"') {
            i = skip_quoted(text, i) - 1;
            if (text[i] != '"') return false;
        }
    }
    return true;
}

constexpr std::string_view include_mark = ":include:";

/// The special items of Exim's redirect router that deliver nothing. Behind some a text follows, with commas in it.
bool begins_with_refusal(std::string_view text) {
    constexpr std::array<std::string_view, 4> marks = {":fail:", ":defer:", ":blackhole:", ":unknown:"};
    return std::any_of(marks.begin(), marks.end(), [text](std::string_view mark) { return ascii::istarts_with(text, mark); });
}

class list_parser {
public:
    list_parser(std::string_view value, text_arena& texts, std::vector<target>& out, list_oddities& oddities)
        : text_(value), texts_(texts), out_(out), oddities_(oddities) {}

    void parse() {
        while (at_ < text_.size()) step();
        end_item();
    }

private:
    void step() {
        const char c = text_[at_];
        if (is_space(c)) return end_word(), void(++at_);
        if (c == ',') return end_item(), void(++at_);
        if (c == '(') return take_comment();
        if (c == '"') return take_to(skip_quoted(text_, at_));
        if (c == '\\') return take_to(std::min(at_ + 2, text_.size()));
        if (c == '<') return take_angle();
        if (c == ';') return end_group();
        if (!in_word_ && at_item_start() && take_special()) return;
        if (c == '#' && !in_word_ && follows_space()) return skip_hash_comment();
        if (c == ':') return take_colon();
        take_to(at_ + 1);
    }

    bool at_item_start() const { return words_.empty() && !has_angle_; }
    bool follows_space() const { return at_ == 0 || is_space(text_[at_ - 1]); }

    void take_to(std::size_t end) {
        if (!in_word_) word_start_ = at_;
        in_word_ = true;
        at_ = end;
    }

    /// Program, file, error: and what stands between colons are no words: blanks belong to them.
    bool take_special() {
        const std::string_view rest = text_.substr(at_);
        if (rest.front() == '|') return take_raw(target::kind::program, 0, ",\n");
        if (rest.front() == '/') return take_raw(target::kind::file, 0, ", \t\n");
        if (ascii::istarts_with(rest, include_mark)) return take_raw(target::kind::include, include_mark.size(), ", \t\n");
        if (ascii::istarts_with(rest, "error:")) return take_raw(target::kind::error, 0, "\n");
        if (begins_with_refusal(rest)) return take_raw(target::kind::refusal, 0, "\n");
        return false;
    }

    bool take_raw(target::kind what, std::size_t prefix, std::string_view stops) {
        const std::size_t start = at_ + prefix;
        std::size_t end = start;
        while (end < text_.size() && stops.find(text_[end]) == std::string_view::npos) end = text_[end] == '"' ? skip_quoted(text_, end) : end + 1;
        emit(what, trim(text_.substr(start, end - start)));
        at_ = end;
        return true;
    }

    void take_comment() {
        end_word();
        const std::size_t start = std::exchange(at_, skip_comment(text_, at_));
        // One without an end hides whoever comes behind it.
        if (!comment_ends(text_.substr(start, at_ - start))) emit(target::kind::broken, trim(text_.substr(start)));
    }

    void take_angle() {
        end_word();
        std::size_t end = at_ + 1;
        while (end < text_.size() && text_[end] != '>' && text_[end] != '\n') end = text_[end] == '"' ? skip_quoted(text_, end) : end + 1;
        angle_ = trim(text_.substr(at_ + 1, end - at_ - 1));
        has_angle_ = true;
        if (end >= text_.size() || text_[end] != '>') break_angle(text_.substr(at_, end - at_));
        at_ = std::min(end + 1, text_.size());
    }

    void break_angle(std::string_view text) {
        emit(target::kind::broken, trim(text));
        words_.clear();
        has_angle_ = false;
    }

    void take_colon() {
        if (in_word_ && text_[word_start_] == '@') return take_to(at_ + 1); // a source route without its brackets
        end_word();
        if (words_.empty()) return take_to(at_ + 1); // no name before it: part of a broken address
        oddities_.group_syntax = true;
        words_.clear();
        ++at_;
    }

    void end_group() {
        oddities_.group_syntax = true;
        end_item();
        ++at_;
    }

    void skip_hash_comment() {
        oddities_.hash_comment = true;
        at_ = std::min(text_.find('\n', at_), text_.size());
    }

    void end_word() {
        if (in_word_) words_.push_back(text_.substr(word_start_, at_ - word_start_));
        in_word_ = false;
    }

    /// "ada @ example.net": blanks around the sign part nothing, to Sendmail and Postfix alike.
    void join_at_signs() {
        for (std::size_t i = 1; i < words_.size();) {
            const bool goes_on = words_[i].starts_with('@') && words_[i].find(':') == std::string_view::npos;
            if (!goes_on && !words_[i - 1].ends_with('@')) {
                ++i;
                continue;
            }
            words_[i - 1] = texts_.keep(std::string(words_[i - 1]).append(words_[i]));
            words_.erase(words_.begin() + static_cast<std::ptrdiff_t>(i));
        }
    }

    void end_item() {
        end_word();
        if (has_angle_) {
            // What stands before the brackets is a person's name.
            angle_.empty() ? emit(target::kind::broken, "<>") : add_address(angle_);
        } else {
            join_at_signs();
            if (words_.size() > 1) oddities_.blank_separated = true;
            for (const std::string_view word : words_) add_address(word);
        }
        words_.clear();
        has_angle_ = false;
    }

    void add_address(std::string_view text) {
        if (!quotes_end(text)) return emit(target::kind::broken, text);
        const std::size_t at = find_at(text);
        if (at == std::string_view::npos) return add_name(text);
        if (text.front() == '@') return add_route(text);
        if (!ascii::is_ascii(text)) return emit(target::kind::non_ascii, text);
        const std::string_view local = text.substr(0, at);
        if (text.front() == '\\' && local.size() > 1) return emit(target::kind::address, text.substr(1));
        if (local.front() != '"' && local.find('!') != std::string_view::npos) return emit(target::kind::bang_path, text);
        if (local.front() != '"' && local.find('%') != std::string_view::npos) return emit(target::kind::percent_hack, text);
        emit(target::kind::address, text);
    }

    /// RFC 5321 appendix C: <@relay,@relay2:user@host>
    void add_route(std::string_view text) {
        const std::size_t colon = text.rfind(':');
        const std::string_view last = colon == std::string_view::npos ? std::string_view() : trim(text.substr(colon + 1));
        if (last.empty() || last.front() == '@' || find_at(last) == std::string_view::npos || !ascii::is_ascii(last)) return emit(target::kind::broken, text);
        emit(target::kind::routed, last);
    }

    void add_name(std::string_view text) {
        const bool escaped = text.size() > 1 && text.front() == '\\';
        if (escaped) text.remove_prefix(1);
        const bool quoted = text.find('"') != std::string_view::npos;
        if (text.find_first_of("\"\\") != std::string_view::npos) text = texts_.keep(unquote(text));
        if (text.empty()) return emit(target::kind::broken, text);
        // In quotes, these may have blanks and commas.
        if (text.front() == '|') return emit(target::kind::program, text);
        if (text.front() == '/') return emit(target::kind::file, text);
        if (ascii::istarts_with(text, include_mark)) return emit(target::kind::include, trim(text.substr(include_mark.size())));
        if (ascii::istarts_with(text, "error:")) return emit(target::kind::error, text);
        if (begins_with_refusal(text)) return emit(target::kind::refusal, text);
        if (!ascii::is_ascii(text)) return emit(target::kind::non_ascii, text);
        if (text.find('!') != std::string_view::npos) return emit(target::kind::bang_path, text);
        if (text.find('%') != std::string_view::npos) return emit(target::kind::percent_hack, text);
        if (!quoted && text.find(':') != std::string_view::npos) return emit(target::kind::broken, text);
        emit(escaped ? target::kind::own_name : target::kind::name, text);
    }

    void emit(target::kind what, std::string_view text) { out_.push_back({what, text}); }

    std::string_view text_;
    text_arena& texts_;
    std::vector<target>& out_;
    list_oddities& oddities_;
    std::size_t at_ = 0;
    std::size_t word_start_ = 0;
    bool in_word_ = false;
    std::vector<std::string_view> words_;
    std::string_view angle_;
    bool has_angle_ = false;
};

constexpr bool is_name_character(char c) { return ascii::is_alnum(c) || c == '.' || c == '-' || c == '_'; }

} // namespace

void parse_address_list(std::string_view value, text_arena& texts, std::vector<target>& out, list_oddities& oddities) {
    value = trim(value);
    // The value of most aliases is one plain name.
    if (!value.empty() && std::all_of(value.begin(), value.end(), is_name_character)) return out.push_back({target::kind::name, value});
    list_parser(value, texts, out, oddities).parse();
}

std::size_t find_name_end(std::string_view line) noexcept {
    for (std::size_t i = 0; i < line.size();) {
        if (line[i] == ':') return i;
        if (line[i] == '"') i = skip_quoted(line, i);
        else if (line[i] == '(') i = skip_comment(line, i);
        else if (line[i] == '\\') i += 2;
        else ++i;
    }
    return std::string_view::npos;
}

} // namespace vmail::nis
