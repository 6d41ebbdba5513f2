#include <algorithm>

#include <vmail/ascii.hpp>

#include <vmail/routing_targets.hpp>

namespace vmail::routing {

namespace {

constexpr std::string_view operators = "(),.:;<>@[]\"";

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// A word, a string in quotes or brackets, a comment, or an operator.
struct token {
    std::size_t at, end;
    char kind; ///< 'w' of the first two, '(' of a comment, or the operator
};

/// tok822_scan() of Postfix.
class scanner {
public:
    explicit scanner(std::string_view value) : value_(value) {}

    std::vector<token> tokens() {
        std::vector<token> all;
        for (std::size_t at = 0; at < value_.size();) {
            if (is_blank(value_[at])) ++at;
            else at = all.emplace_back(next(at)).end;
        }
        return all;
    }

private:
    token next(std::size_t at) const {
        switch (value_[at]) {
        case '(': return {at, end_of_comment(at), '('};
        case '"': return {at, end_of(at + 1, '"'), 'w'};
        case '[': return {at, end_of(at + 1, ']'), 'w'};
        default: break;
        }
        if (operators.find(value_[at]) != std::string_view::npos) return {at, at + 1, value_[at]};
        return {at, end_of_word(at), 'w'};
    }

    std::size_t end_of(std::size_t at, char closing) const {
        for (; at < value_.size() && value_[at] != closing; ++at)
            if (value_[at] == '\\') ++at;
        return std::min(at + 1, value_.size());
    }

    std::size_t end_of_word(std::size_t at) const {
        for (; at < value_.size() && !is_blank(value_[at]) && operators.find(value_[at]) == std::string_view::npos; ++at)
            if (value_[at] == '\\') ++at;
        return std::min(at, value_.size());
    }

    std::size_t end_of_comment(std::size_t at) const {
        for (std::size_t depth = 0; at < value_.size(); ++at) {
            if (value_[at] == '\\') ++at;
            else if (value_[at] == '(') ++depth;
            else if (value_[at] == ')' && --depth == 0) return at + 1;
        }
        return value_.size();
    }

    std::string_view value_;
};

/// trivial-rewrite(8): neither a dot alone nor two.
std::string without_last_dot(std::string text) {
    const bool is_one = text.size() > 1 && text.ends_with('.') && !text.ends_with("..") && !text.ends_with("@.") && text.find('@') != std::string::npos;
    if (is_one) text.pop_back();
    return text;
}

/// tok822_parse() of Postfix, from left to right.
class grouping {
public:
    explicit grouping(std::string_view value) : value_(value) {}

    std::vector<target> targets() && {
        for (const token& t : scanner(value_).tokens()) take(t);
        close();
        return std::move(found_);
    }

private:
    void take(const token& t) {
        if (t.kind == '(') return;
        if (is_inside_ ? t.kind == '>' : t.kind == ',' || t.kind == ';') return close();
        if (t.kind == '<') return open();
        if (is_inside_ && (t.kind == ',' || t.kind == ':')) return held_.clear(); // of a route
        if (!is_inside_ && t.kind == 'w' && !held_.empty() && held_.back().kind == 'w') close_word();
        held_.push_back(t);
    }

    /// What stood before it, back to the last comma, was a name.
    void open() {
        found_.resize(before_);
        held_.clear();
        is_inside_ = true;
    }

    void close() {
        close_word();
        before_ = found_.size();
        is_inside_ = false;
    }

    void close_word() {
        if (held_.empty()) return;
        std::string text;
        for (const token& t : held_) text += value_.substr(t.at, t.end - t.at);
        found_.push_back({without_last_dot(std::move(text)), held_.front().at, held_.back().end - held_.front().at});
        held_.clear();
    }

    std::string_view value_;
    std::vector<target> found_{};
    std::vector<token> held_{};
    std::size_t before_ = 0; ///< how many were found before the last comma
    bool is_inside_ = false; ///< angle brackets
};

} // namespace

std::vector<target> targets_in(std::string_view value) {
    auto found = grouping(value).targets();
    if (found.empty()) found.push_back({std::string(value), 0, value.size()});
    return found;
}

std::optional<std::string> domain_of(std::string_view target) {
    const auto at = target.rfind('@');
    return at == std::string_view::npos ? std::nullopt : std::optional(ascii::to_lower(target.substr(at + 1)));
}

std::vector<recipient> recipients_in(const std::vector<std::string>& values, const recipient& base) {
    std::vector<recipient> all;
    const auto add = [&all](std::string_view value) {
        for (const target& t : targets_in(value)) all.push_back(recipient::parse(t.text));
    };
    for (const std::string& value : values) {
        if (all.empty() && value.starts_with('@')) add(recipient{base.local, {}}.text() + value);
        else add(value);
    }
    return all;
}

} // namespace vmail::routing
