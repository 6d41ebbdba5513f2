#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <vmail/exchange/record.hpp>

/// Internal to the exchange format.
namespace vmail::exchange {

/// A leaf of a document.
struct scalar {
    exchange::value value;
    bool is_typed = true; ///< false: a text that means whatever the field wants
};

/// What a document must say of itself.
struct document_header {
    std::optional<std::string> base{};
    bool complete = true; ///< false: there was more than could be read
};

struct document_options {
    bool is_one_record = false;  ///< the document is a record, as the lines of JSONL are
    std::optional<noun> what{};  ///< of records that do not say their kind
};

/// Makes records of the events of a parser, whatever the document is written in: a map with "version: 1" and lists of records, or one record,
/// or in its place what JSONL says of the whole, {"complete":false}. Throws
/// invalid_value, with the place, for anything else: unknown and double keys, values in the wrong place, another version.
class document_reader {
public:
    document_reader(std::string file, document_options options, std::function<void(record&&)> visit);

    void begin_map(position at);
    void end_map();
    void begin_list(position at);
    void end_list();
    void key(const std::string& name, position at);
    void leaf(scalar s, position at);
    /// After the last event.
    void finish();

    const document_header& header() const noexcept { return header_; }
    [[noreturn]] void fail(position at, const std::string& sentence, const std::string& hint = {}) const { refuse(file_, at, sentence, hint); }

private:
    enum class state { start, root, root_value, records, in_record, record_value, texts, done };

    void begin_record(position at);
    void end_record();
    void root_key(const std::string& name, position at);
    void root_leaf(const scalar& s, position at);
    bool truth_of(const scalar& s, position at) const;
    void record_leaf(scalar s, position at);
    void give(exchange::value v, position at);

    std::string file_;
    document_options options_;
    std::function<void(record&&)> visit_;
    document_header header_;
    state state_ = state::start;
    bool has_version_ = false;
    std::set<std::string, std::less<>> keys_;        ///< of the root
    std::set<std::string, std::less<>> record_keys_; ///< of the present record
    std::string key_;
    position key_at_{};
    std::optional<noun> list_kind_{}; ///< of the present list
    struct raw_value {
        std::string key;
        position key_at, at;
        scalar what;
        bool is_list = false;
    };
    noun kind_of_record() const;
    noun given_kind(const raw_value& v) const;
    exchange::value typed_value(raw_value& v, const field_info& f) const;
    const field_info& known_field(const noun_info& n, const raw_value& v) const;

    std::vector<raw_value> raw_;
    std::vector<std::string> texts_;
    position record_at_{};
};

} // namespace vmail::exchange
