#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <string>

#include <nlohmann/json.hpp>

#include <vmail/printable.hpp>

#include <vmail/exchange/json_reader.hpp>

namespace vmail::exchange {

namespace {

using json = nlohmann::json;

/// Goes through a text and knows where it is. What the parser makes of copies does not matter: it holds one.
class counting_iterator {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    counting_iterator(const char* at, position* where) : at_(at), where_(where) {}
    reference operator*() const { return *at_; }
    counting_iterator& operator++() {
        if (*at_ == '\n') *where_ = {where_->line + 1, 1};
        else ++where_->column;
        ++at_;
        return *this;
    }
    bool operator==(const counting_iterator& other) const { return at_ == other.at_; }
    bool operator!=(const counting_iterator& other) const { return at_ != other.at_; }

private:
    const char* at_;
    position* where_;
};

constexpr std::size_t deepest = 8; ///< a document has four levels

class json_events final : public nlohmann::json_sax<json> {
public:
    json_events(document_reader& to, const position& where) : to_(to), where_(where) {}

    bool null() override { return leaf({}); }
    bool boolean(bool truth) override { return leaf(truth); }
    bool number_integer(std::int64_t n) override { return leaf(n); }
    bool number_unsigned(std::uint64_t n) override {
        if (n > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) to_.fail(where_, "a number is too large");
        return leaf(static_cast<std::int64_t>(n));
    }
    bool number_float(double, const std::string& text) override { to_.fail(where_, vmail::quoted(text) + " is not a whole number"); }
    bool string(std::string& text) override { return leaf(text); }
    bool binary(json::binary_t&) override { to_.fail(where_, "binary data"); }

    bool start_object(std::size_t) override {
        deeper();
        to_.begin_map(where_);
        return true;
    }
    bool end_object() override {
        --depth_;
        to_.end_map();
        return true;
    }
    bool start_array(std::size_t) override {
        deeper();
        to_.begin_list(where_);
        return true;
    }
    bool end_array() override {
        --depth_;
        to_.end_list();
        return true;
    }
    bool key(std::string& name) override {
        to_.key(name, begin_of(name.size() + 2));
        return true;
    }
    bool parse_error(std::size_t, const std::string& last, const json::exception&) override {
        to_.fail(where_, last.empty() ? "it is no JSON" : "it is no JSON from " + vmail::quoted(last) + " on");
    }

private:
    bool leaf(exchange::value v) {
        to_.leaf({std::move(v)}, where_);
        return true;
    }
    void deeper() {
        if (++depth_ > deepest) to_.fail(where_, "it is nested too deeply");
    }
    /// We are behind it.
    position begin_of(std::size_t length) const { return {where_.line, where_.column > length ? where_.column - length : 1}; }

    document_reader& to_;
    const position& where_;
    std::size_t depth_ = 0;
};

} // namespace

void read_json(std::string_view text, document_reader& to, std::size_t line) {
    position where{line, 1};
    json_events events(to, where);
    json::sax_parse(counting_iterator(text.data(), &where), counting_iterator(text.data() + text.size(), &where), &events);
    to.finish();
}

} // namespace vmail::exchange
