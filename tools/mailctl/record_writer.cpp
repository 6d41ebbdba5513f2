#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/utf8.hpp>

#include <cli/json.hpp>

#include "record_writer.hpp"

namespace vmail::tools {

namespace {

using exchange::noun_info;

struct to_output {
    value operator()(exchange::null) const { return {}; }
    template <typename T> value operator()(const T& v) const { return v; }
};

value output_value(const exchange::value& v) { return std::visit(to_output{}, v); }

/// Name first, and before it the kind where somebody has to be told.
record as_output(const exchange::record& r, bool with_kind) {
    const noun_info& n = exchange::info_of(r.what);
    record all;
    if (with_kind) all.push_back({"kind", std::string(n.name)});
    all.push_back({n.fields.front()->name, r.name});
    for (const auto& v : r.values) all.push_back({v.field->name, output_value(v.value)});
    return all;
}

class jsonl_writer final : public record_writer {
public:
    explicit jsonl_writer(fd_stream& out) : out_(out) {}
    void write(const exchange::record& r) override { out_ << json_object(as_output(r, true)) << '\n'; }
    void finish(bool complete) override {
        if (!complete) out_ << json_object({{"complete", false}}) << '\n';
    }

private:
    fd_stream& out_;
};

class json_writer final : public record_writer {
public:
    json_writer(fd_stream& out, const std::string& base) : out_(out) { opening_ = json_object({{"version", std::int64_t{1}}, {"base", base}}); }

    void write(const exchange::record& r) override {
        begin();
        if (std::exchange(list_, r.what) != r.what) out_ << (has_list_ ? "\n],\n" : ",\n") << '"' << exchange::info_of(r.what).list << "\":[\n";
        else out_ << ",\n";
        has_list_ = true;
        out_ << json_object(as_output(r, false));
    }

    void finish(bool complete) override {
        begin();
        if (has_list_) out_ << "\n]";
        out_ << (complete ? "}\n" : ",\n\"complete\":false}\n");
    }

private:
    /// The object is closed at the end.
    void begin() {
        if (!std::exchange(begun_, true)) out_ << std::string_view(opening_).substr(0, opening_.size() - 1);
    }

    fd_stream& out_;
    std::string opening_;
    bool begun_ = false, has_list_ = false;
    std::optional<exchange::noun> list_{};
};

/// One column for each field of the kinds that come.
class csv_writer final : public record_writer {
public:
    csv_writer(fd_stream& out, const record_writer_options& o) : output_(make_output(output_format::csv, table_shape::rows, out)), with_kind_(o.kinds.size() != 1) {
        if (with_kind_) columns_.push_back("kind");
        for (const noun_info& n : exchange::nouns()) {
            if (!o.kinds.empty() && std::find(o.kinds.begin(), o.kinds.end(), n.what) == o.kinds.end()) continue;
            for (const auto* f : n.fields) add(*f, o.passwords);
        }
        output_->announce(columns_);
    }

    void write(const exchange::record& r) override {
        record row;
        const record given = as_output(r, with_kind_);
        for (const std::string_view column : columns_) {
            const auto at = std::find_if(given.begin(), given.end(), [&](const field& f) { return f.name == column; });
            row.push_back({column, at == given.end() ? value{} : in_one_cell(at->value)});
        }
        output_->write(row);
    }
    void finish(bool) override { output_->finish(); } // nothing is taken away by a table

private:
    /// As it is parted again when it is read.
    static value in_one_cell(const value& v) {
        const auto* const texts = std::get_if<std::vector<std::string>>(&v);
        return texts != nullptr ? value{exchange::to_text(*texts)} : v;
    }

    void add(const exchange::field_info& f, bool passwords) {
        if (f.form == exchange::form::hash && !passwords) return;
        if (std::find(columns_.begin(), columns_.end(), f.name) == columns_.end()) columns_.push_back(f.name);
    }

    std::unique_ptr<output> output_;
    bool with_kind_;
    std::vector<std::string_view> columns_;
};

struct to_yaml {
    std::string operator()(exchange::null) const { return "null"; }
    std::string operator()(bool truth) const { return truth ? "true" : "false"; }
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(const std::string& text) const { return yaml_scalar(text); }
    std::string operator()(const std::vector<std::string>& texts) const {
        std::string list;
        for (const std::string& text : texts) list += "\n      - " + yaml_scalar(text);
        return list.empty() ? "[]" : list;
    }
};

class yaml_writer final : public record_writer {
public:
    yaml_writer(fd_stream& out, const std::string& base) : out_(out), base_(base) {}

    void write(const exchange::record& r) override {
        begin();
        const noun_info& n = exchange::info_of(r.what);
        if (std::exchange(list_, r.what) != r.what) out_ << n.list << ":\n";
        out_ << "  - " << n.fields.front()->name << ": " << yaml_scalar(r.name) << '\n';
        for (const auto& v : r.values) {
            const std::string text = std::visit(to_yaml{}, v.value);
            out_ << "    " << v.field->name << (text.starts_with('\n') ? ":" : ": ") << text << '\n';
        }
    }

    void finish(bool complete) override {
        begin();
        if (!complete) out_ << "complete: false\n";
    }

private:
    void begin() {
        if (!std::exchange(begun_, true)) out_ << "version: 1\nbase: " << yaml_scalar(base_) << '\n';
    }

    fd_stream& out_;
    std::string base_;
    bool begun_ = false;
    std::optional<exchange::noun> list_{};
};

/// Words that some reader of YAML takes for a truth, a number or nothing.
bool is_reserved(std::string_view text) {
    constexpr std::array<std::string_view, 11> words = {"true", "false", "yes", "no", "on", "off", "y", "n", "null", "inf", "nan"};
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return ascii::iequals(word, text); });
}

bool is_plain(std::string_view text) {
    if (text.empty() || !ascii::is_alpha(text.front()) || is_reserved(text)) return false;
    return std::all_of(text.begin(), text.end(), [](char c) { return ascii::is_alnum(c) || c == '@' || c == '.' || c == '_' || c == '-' || c == '+' || c == '/'; });
}

void append_escaped(std::string& out, std::string_view bytes, char32_t c) {
    if (c == U'"' || c == U'\\') (out += '\\') += static_cast<char>(c);
    else if (c == U'\n') out += "\\n";
    else if (c == U'\t') out += "\\t";
    else if (c < 0x20 || (c >= 0x7F && c < 0xA0)) out += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
    else if (c == 0x2028 || c == 0x2029 || c == 0xFEFF) out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else out += bytes;
}

} // namespace

std::string yaml_scalar(const std::string& text) {
    if (is_plain(text)) return text;
    std::string quoted = "\"";
    for (std::string_view left = text; !left.empty();) {
        const auto c = utf8::decode(left);
        append_escaped(quoted, c.valid ? left.substr(0, c.length) : "\xEF\xBF\xBD", c.valid ? c.code_point : U'\uFFFD');
        left.remove_prefix(c.length);
    }
    return quoted + '"';
}

std::unique_ptr<record_writer> make_record_writer(output_format format, fd_stream& out, const record_writer_options& options) {
    switch (format) {
    case output_format::csv: return std::make_unique<csv_writer>(out, options);
    case output_format::json: return std::make_unique<json_writer>(out, options.base);
    case output_format::jsonl: return std::make_unique<jsonl_writer>(out);
    default: return std::make_unique<yaml_writer>(out, options.base);
    }
}

} // namespace vmail::tools
