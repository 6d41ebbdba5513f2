#include <algorithm>
#include <array>
#include <ostream>
#include <sstream>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/ldap/ldif.hpp>
#include <vmail/printable.hpp>
#include <vmail/schema.hpp>

#include "json.hpp"
#include "output.hpp"
#include "table_fitting.hpp"
#include "width.hpp"

namespace vmail::tools {

namespace {

struct to_text {
    std::string operator()(std::monostate) const { return {}; }
    std::string operator()(nonsense) const { return "?"; }
    std::string operator()(unlimited) const { return "none"; }
    std::string operator()(bool truth) const { return truth ? "yes" : "no"; }
    std::string operator()(std::int64_t number) const { return fmt::format("{}", number); }
    std::string operator()(double number) const { return fmt::format("{}", number); }
    std::string operator()(const std::string& text) const { return text; }
    std::string operator()(const paragraph& p) const { return p.text; }
    std::string operator()(const records&) const { return {}; }
    std::string operator()(const std::vector<std::string>& texts) const { return fmt::format("{}", fmt::join(texts, ", ")); }
};

/// With two blanks after it, however long it is.
void write_padded(std::ostream& out, const std::string& cell, std::size_t width) {
    out << cell << std::string(width - std::min(width, display_width(cell)) + 2, ' ');
}

/// Its columns are as wide as the first few hundred records need, within reason; a longer cell pushes its own line. On a terminal of so many columns (0: it is
/// none) the columns that may be cut are, from the right.
class table_output final : public output {
public:
    table_output(std::ostream& out, std::size_t terminal_width) : out_(out), fitting_(terminal_width) {}

    void write(const record& r, const ldap::entry*) override {
        if (!begun_) hold(r, [](const field& f) { return ascii::to_upper(f.name); });
        begun_ = true;
        hold(r, [](const field& f) { return printable(text(f.value)); });
        if (held_.size() >= look_ahead || flowing_) flush();
    }

    void finish(bool) override { flush(); }

private:
    static constexpr std::size_t look_ahead = 500;
    static constexpr std::size_t widest_column = 80;

    template <typename Cell>
    void hold(const record& r, const Cell& cell_of) {
        cells line;
        for (const auto& f : r) line.push_back(cell_of(f));
        held_.push_back(std::move(line));
    }

    void measure() {
        for (const auto& line : held_) {
            widths_.resize(std::max(widths_.size(), line.size()));
            for (std::size_t i = 0; i < line.size(); ++i) widen(widths_[i], display_width(line[i]));
        }
    }

    // One that is longer still would fill all other lines with blanks.
    static void widen(std::size_t& column, std::size_t cell) {
        if (cell <= widest_column) column = std::max(column, cell);
    }

    void flush() {
        if (!flowing_) {
            measure();
            limits_ = fitting_.limits(held_, widths_);
            for (std::size_t i = 0; i < limits_.size(); ++i) widths_[i] = std::min(widths_[i], limits_[i]);
        }
        flowing_ = true;
        for (const auto& line : held_) write_line(line);
        held_.clear();
    }

    void write_line(const cells& line) {
        auto last = line.size();
        while (last > 0 && line[last - 1].empty()) --last;
        for (std::size_t i = 0; i < last; ++i) {
            const std::string cell = i < limits_.size() ? shortened(line[i], limits_[i]) : line[i];
            if (i + 1 == last)
                out_ << cell;
            else
                write_padded(out_, cell, i < widths_.size() ? widths_[i] : 0);
        }
        out_ << '\n';
    }

    std::ostream& out_;
    bool begun_ = false;
    bool flowing_ = false;
    table_fitting fitting_;
    std::vector<cells> held_;
    std::vector<std::size_t> widths_, limits_;
};

class line_output final : public output {
public:
    explicit line_output(std::ostream& out) : out_(out) {}

    void write(const record& r, const ldap::entry*) override {
        const char* separator = "";
        for (const auto& f : r) out_ << std::exchange(separator, "  ") << printable(text(f.value));
        out_ << '\n';
    }

    void finish(bool) override {}

private:
    std::ostream& out_;
};

/// The lines that a value takes on a card.
std::vector<std::string> lines_of(const value& v) {
    if (const auto* const texts = std::get_if<std::vector<std::string>>(&v)) return *texts;
    if (!std::holds_alternative<paragraph>(v)) return {text(v)};
    std::vector<std::string> lines;
    std::istringstream in(text(v));
    for (std::string line; std::getline(in, line);) lines.push_back(line.empty() ? " " : line);
    return lines;
}

class card_output final : public output {
public:
    explicit card_output(std::ostream& out) : out_(out) {}

    void write(const record& r, const ldap::entry*) override {
        if (!first_) out_ << '\n';
        first_ = false;
        std::size_t width = 0;
        for (const auto& f : r) width = std::max(width, f.name.size());
        for (const auto& f : r) write_field(f, width);
    }

    void finish(bool) override {}

private:
    // What is not set takes no line; each of several texts takes its own.
    void write_field(const field& f, std::size_t width) {
        auto label = std::string(f.name);
        std::replace(label.begin(), label.end(), '_', ' ');
        for (const auto& line : lines_of(f.value)) {
            if (line.empty()) continue;
            write_padded(out_, label, width);
            out_ << printable(line) << '\n';
            label.clear();
        }
    }

    std::ostream& out_;
    bool first_ = true;
};

class json_output final : public output {
public:
    explicit json_output(std::ostream& out) : out_(out) {}

    void write(const record& r, const ldap::entry*) override {
        line_ = first_ ? opening : ",\n";
        append_json(line_, r);
        out_ << line_;
        first_ = false;
    }

    void finish(bool changed) override { out_ << (first_ ? opening : "\n") << R"(],"changed":)" << (changed ? "true" : "false") << "}\n"; }

private:
    // Not before there is something to say: a run that fails at once prints nothing.
    static constexpr const char* opening = "{\"version\":1,\"items\":[\n";
    std::ostream& out_;
    std::string line_;
    bool first_ = true;
};

class jsonl_output final : public output {
public:
    explicit jsonl_output(std::ostream& out) : out_(out) {}
    void write(const record& r, const ldap::entry*) override {
        line_.clear();
        append_json(line_, r);
        out_ << (line_ += '\n');
    }
    void finish(bool) override {}

private:
    std::ostream& out_;
    std::string line_;
};

class csv_output final : public output {
public:
    csv_output(std::ostream& out, bool for_eyes) : out_(out), for_eyes_(for_eyes) {}

    void announce(const std::vector<std::string_view>& names) override { header_.assign(names.begin(), names.end()); }

    void write(const record& r, const ldap::entry*) override {
        if (header_.empty())
            for (const auto& f : r) header_.emplace_back(f.name);
        write_header();
        cells line;
        for (const auto& f : r) line.push_back(text(f.value));
        write_line(line);
    }

    void finish(bool) override { write_header(); }

private:
    // Not before there is something to say: a run that fails at once prints nothing.
    void write_header() {
        if (!std::exchange(begun_, true) && !header_.empty()) write_line(header_);
    }

    void write_line(const cells& line) {
        const char* separator = "";
        for (const auto& cell : line) out_ << std::exchange(separator, ",") << quoted_cell(for_eyes_ ? printable(cell) : cell);
        out_ << '\n';
    }

    static std::string quoted_cell(const std::string& cell) {
        if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
        std::string in_quotes = "\"";
        for (const char c : cell) in_quotes += c == '"' ? std::string("\"\"") : std::string(1, c);
        return in_quotes + '"';
    }

    std::ostream& out_;
    bool for_eyes_;
    bool begun_ = false;
    cells header_;
};

/// What a server takes back: without passwords, and without what it keeps itself.
ldap::entry as_written_by_users(const ldap::entry& e) {
    auto shown = without_passwords(e);
    for (const auto own : {schema::attr::entry_uuid, schema::attr::entry_csn, schema::attr::creators_name}) shown.erase(own);
    return shown;
}

class ldif_output final : public output {
public:
    explicit ldif_output(std::ostream& out) : writer_(out) {}

    void write(const record& r, const ldap::entry* source) override {
        if (source != nullptr) return writer_.write(as_written_by_users(*source));
        std::string line;
        for (const auto& f : r) line += (line.empty() ? "" : " ") + printable(text(f.value));
        writer_.write_comment(line);
    }

    void finish(bool) override {}

private:
    ldap::ldif_writer writer_;
};

class name_output final : public output {
public:
    explicit name_output(std::ostream& out) : out_(out) {}
    void write(const record& r, const ldap::entry*) override { out_ << printable(text(r.front().value)) << '\n'; }
    void finish(bool) override {}

private:
    std::ostream& out_;
};

struct format_name {
    std::string_view name;
    output_format format;
};
constexpr std::array format_names = {format_name{"table", output_format::table}, format_name{"json", output_format::json},
                                     format_name{"jsonl", output_format::jsonl}, format_name{"csv", output_format::csv},
                                     format_name{"ldif", output_format::ldif},   format_name{"name", output_format::name},
                                     format_name{"yaml", output_format::yaml}};

} // namespace

std::string text(const value& v) { return std::visit(to_text{}, v); }

output_format parse_output_format(std::string_view text) {
    const auto row = std::find_if(format_names.begin(), format_names.end(), [&](const auto& f) { return f.name == text; });
    if (row == format_names.end())
        throw error(error_kind::usage, fmt::format("--output must be table, json, jsonl, csv, ldif or name, not {}", quoted(text)));
    return row->format;
}

std::unique_ptr<output> make_output(output_format format, table_shape shape, fd_stream& out, bool full) {
    switch (format) {
    case output_format::table: break;
    case output_format::json: return std::make_unique<json_output>(out);
    case output_format::jsonl: return std::make_unique<jsonl_output>(out);
    case output_format::csv: return std::make_unique<csv_output>(out, out.is_terminal());
    case output_format::ldif: return std::make_unique<ldif_output>(out);
    case output_format::name: return std::make_unique<name_output>(out);
    case output_format::yaml: throw error(error_kind::usage, "--output must be table, json, jsonl, csv, ldif or name here: yaml is for what is exported");
    }
    if (shape == table_shape::card) return std::make_unique<card_output>(out);
    if (shape == table_shape::lines) return std::make_unique<line_output>(out);
    return std::make_unique<table_output>(out, full ? 0 : out.columns());
}

bool is_password_attribute(std::string_view name) noexcept {
    constexpr std::array passwords = {schema::attr::user_password,
                                      schema::attr::clear_password,
                                      std::string_view("sambaNTPassword"),
                                      std::string_view("sambaLMPassword"),
                                      std::string_view("sambaPasswordHistory"),
                                      std::string_view("pwdHistory"),
                                      std::string_view("authPassword")};
    name = name.substr(0, name.find(';'));
    return std::any_of(passwords.begin(), passwords.end(), [&](auto p) { return ascii::iequals(p, name); });
}

ldap::entry without_passwords(const ldap::entry& e) {
    ldap::entry shown = e;
    for (const auto& a : e.attributes())
        if (is_password_attribute(a.name)) shown.erase(a.name);
    return shown;
}

} // namespace vmail::tools
