#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/nearest.hpp>
#include <vmail/printable.hpp>

#include <vmail/exchange/document_reader.hpp>

namespace vmail::exchange {

namespace {

constexpr std::string_view kind_key = "kind", version_key = "version", base_key = "base", complete_key = "complete", records_key = "records";
constexpr std::size_t longest_value = 1024 * 1024;

std::vector<std::string_view> known_root_keys() {
    std::vector<std::string_view> known = {version_key, base_key, complete_key, records_key};
    for (const noun_info& n : nouns()) known.push_back(n.list);
    return known;
}

bool is_version_one(const scalar& s) { return s.value == value{std::int64_t{1}} || (!s.is_typed && s.value == value{std::string("1")}); }

} // namespace

document_reader::document_reader(std::string file, document_options options, std::function<void(record&&)> visit)
    : file_(std::move(file)), options_(options), visit_(std::move(visit)) {}

void document_reader::begin_map(position at) {
    switch (state_) {
    case state::start:
        if (options_.is_one_record) return begin_record(at);
        state_ = state::root;
        return;
    case state::records: return begin_record(at);
    case state::record_value:
    case state::texts: fail(at, fmt::format("{}: no field is a map", printable(key_)));
    case state::root_value: fail(at, fmt::format("{}: {} is expected, not a map", printable(key_), list_kind_ || key_ == records_key ? "a list of records" : "a value"));
    default: fail(at, "there is no place for a map here");
    }
}

void document_reader::end_map() {
    if (state_ == state::in_record) return end_record();
    state_ = state::done;
}

void document_reader::begin_list(position at) {
    switch (state_) {
    case state::root_value:
        if (key_ == version_key || key_ == base_key || key_ == complete_key) fail(at, fmt::format("{}: a value is expected, not a list", key_));
        state_ = state::records;
        return;
    case state::record_value:
        texts_.clear();
        state_ = state::texts;
        return;
    case state::start: fail(at, "a map with \"version: 1\" is expected, not a list");
    case state::records: fail(at, "a record is expected, not a list");
    default: fail(at, "there is no place for a list here");
    }
}

void document_reader::end_list() {
    if (state_ == state::texts) {
        raw_.push_back({key_, key_at_, key_at_, {std::move(texts_)}, true});
        texts_ = {};
        state_ = state::in_record;
    } else state_ = state::root;
}

void document_reader::key(const std::string& name, position at) {
    key_ = name;
    key_at_ = at;
    if (state_ == state::root) return root_key(name, at);
    if (!record_keys_.insert(name).second) fail(at, fmt::format("{} stands there twice", vmail::quoted(name)));
    state_ = state::record_value;
}

void document_reader::root_key(const std::string& name, position at) {
    if (!keys_.insert(name).second) fail(at, fmt::format("{} stands there twice", vmail::quoted(name)));
    const auto known = known_root_keys();
    if (std::find(known.begin(), known.end(), name) == known.end()) {
        const std::string near = nearest(name, known);
        fail(at, fmt::format("{} is nothing that a document has{}", vmail::quoted(name), near.empty() ? "" : fmt::format(", did you mean {}?", near)), fmt::format("it has {}", fmt::join(known, ", ")));
    }
    const auto n = std::find_if(nouns().begin(), nouns().end(), [&](const noun_info& i) { return i.list == name; });
    list_kind_ = n == nouns().end() ? std::nullopt : std::optional(n->what);
    state_ = state::root_value;
}

void document_reader::leaf(scalar s, position at) {
    if (const auto* const text = std::get_if<std::string>(&s.value); text != nullptr && text->size() > longest_value) fail(at, "a value has more than a MiB");
    switch (state_) {
    case state::root_value: return root_leaf(s, at);
    case state::record_value: return record_leaf(std::move(s), at);
    case state::texts:
        if (auto* const text = std::get_if<std::string>(&s.value)) return texts_.push_back(std::move(*text));
        fail(at, fmt::format("{}: a list of texts is expected", printable(key_)));
    case state::start: fail(at, options_.is_one_record ? "a record is expected" : "a map with \"version: 1\" is expected");
    default: fail(at, "a record is expected");
    }
}

void document_reader::root_leaf(const scalar& s, position at) {
    state_ = state::root;
    if (key_ == version_key) {
        if (!is_version_one(s)) fail(at, fmt::format("this is version {} of the format, and 1 is what is known", vmail::quoted(to_text(s.value))));
        has_version_ = true;
    } else if (key_ == base_key) {
        if (!std::holds_alternative<std::string>(s.value)) fail(at, "base: a text is expected");
        header_.base = std::get<std::string>(s.value);
    } else if (key_ == complete_key) {
        header_.complete = truth_of(s, at);
    } else if (s.value != value{}) fail(at, fmt::format("{}: a list of records is expected", key_));
}

bool document_reader::truth_of(const scalar& s, position at) const {
    try {
        const auto* const text = std::get_if<std::string>(&s.value);
        const value v = !s.is_typed && text != nullptr ? from_text(form::flag, *text) : s.value;
        if (const auto* const truth = std::get_if<bool>(&v)) return *truth;
    } catch (const invalid_value&) { // as any other value of another type
    }
    fail(at, fmt::format("{}: true or false is expected", complete_key));
}

void document_reader::record_leaf(scalar s, position at) {
    raw_.push_back({key_, key_at_, at, std::move(s)});
    state_ = state::in_record;
}

void document_reader::begin_record(position at) {
    record_at_ = at;
    raw_.clear();
    record_keys_.clear();
    state_ = state::in_record;
}

const field_info& document_reader::known_field(const noun_info& n, const raw_value& v) const {
    try {
        return get_field(n, v.key);
    } catch (const invalid_value& e) {
        fail(v.key_at, e.what(), e.hint());
    }
}

noun document_reader::kind_of_record() const {
    std::optional<noun> kind = list_kind_ ? list_kind_ : options_.what;
    for (const raw_value& v : raw_)
        if (v.key == kind_key) kind = given_kind(v);
    if (!kind) fail(record_at_, "the record does not say what kind it is of");
    return *kind;
}

noun document_reader::given_kind(const raw_value& v) const {
    try {
        const noun_info& given = get_noun(to_text(v.what.value));
        if (list_kind_ && *list_kind_ != given.what) throw invalid_value(fmt::format("a record of kind {} in a list of another", given.name));
        return given.what;
    } catch (const invalid_value& e) {
        fail(v.at, e.what(), e.hint());
    }
}

/// What has no types is read by the form of its field.
value document_reader::typed_value(raw_value& v, const field_info& f) const {
    try {
        const auto* const text = std::get_if<std::string>(&v.what.value);
        if (!v.what.is_typed && text != nullptr && !is_several(f.form)) return from_text(f.form, *text);
        if (!v.what.is_typed && text != nullptr) throw invalid_value("a list is expected");
        require_form(f.form, v.what.value);
        return std::move(v.what.value);
    } catch (const invalid_value& e) {
        fail(v.at, fmt::format("{}: {}", f.name, e.what()), e.hint());
    }
}

void document_reader::end_record() {
    if (options_.is_one_record && raw_.size() == 1 && raw_.front().key == complete_key) {
        header_.complete = truth_of(raw_.front().what, raw_.front().at);
        state_ = state::done;
        return;
    }
    const noun_info& n = info_of(kind_of_record());
    record r{n.what, {}, {}, record_at_};
    for (raw_value& v : raw_) {
        if (v.key == kind_key) continue;
        const field_info& f = known_field(n, v);
        if (&f == n.fields.front()) r.name = to_text(typed_value(v, f));
        else r.values.push_back({&f, typed_value(v, f), v.at});
    }
    if (r.name.empty()) fail(record_at_, fmt::format("the record has no {}", n.fields.front()->name));
    state_ = options_.is_one_record ? state::done : state::records;
    visit_(std::move(r));
}

void document_reader::finish() {
    if (state_ != state::done) fail({}, "it is empty");
    if (!options_.is_one_record && !has_version_) fail({1, 1}, "it does not say \"version: 1\"");
}

} // namespace vmail::exchange
