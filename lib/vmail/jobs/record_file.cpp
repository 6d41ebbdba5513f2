#include <algorithm>
#include <istream>
#include <iterator>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>
#include <vmail/utf8.hpp>

#include <vmail/exchange/csv_records.hpp>
#include <vmail/exchange/document_reader.hpp>
#include <vmail/exchange/json_reader.hpp>
#include <vmail/jobs/input_file.hpp>
#include <vmail/jobs/record_file.hpp>

namespace vmail {

using namespace exchange;

namespace {

constexpr std::size_t most_faults = 100; ///< who has more has another file than he thinks

constexpr std::size_t longest_document = std::size_t{256} * 1024 * 1024; ///< no parser takes it in parts

address_rule rule_named(const std::string& name) {
    if (name == "name.surname") return address_rule::name_surname;
    if (name == "n.surname") return address_rule::initial_surname;
    throw error(error_kind::usage, fmt::format("{} is no rule for addresses: there are name.surname and n.surname", vmail::quoted(name)));
}

charset charset_named(const std::string& name) {
    if (const auto known = parse_charset(name)) return *known;
    throw error(error_kind::usage, fmt::format("{} is no character set that is known: there are utf-8, iso-8859-1, iso-8859-2, iso-8859-15 and windows-1252", vmail::quoted(name)));
}

csv_record_options csv_options_of(const record_file_options& o) {
    csv_record_options csv{.format = {.delimiter = o.delimiter}, .what = o.what, .columns = o.columns, .ignored = o.ignored, .empty_clears = o.empty_clears, .domain = o.domain};
    if (!o.charset.empty()) csv.format.charset = charset_named(o.charset);
    if (!o.address_rule.empty()) csv.rule = rule_named(o.address_rule);
    return csv;
}

void read_csv(std::istream& in, const std::string& name, const record_file_options& o, record_file& to) {
    csv_records rows(in, name, csv_options_of(o));
    while (auto r = rows.next(to.faults)) {
        to.records.push_back(std::move(*r));
        to.fault_count = to.faults.size();
    }
    to.fault_count = to.faults.size();
    if (to.faults.size() > most_faults) to.faults.resize(most_faults);
}

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

/// Our own line is not said twice.
void read_line(std::string_view line, std::size_t number, const std::string& name, const record_file_options& o, record_file& to) {
    document_reader one(name, {.is_one_record = true, .what = o.what}, [&](record&& r) { to.records.push_back(std::move(r)); });
    read_json(line, one, number);
    to.complete = to.complete && one.header().complete;
}

void read_jsonl(std::istream& in, const std::string& name, const record_file_options& o, record_file& to) {
    std::string line;
    for (std::size_t number = 1; std::getline(in, line); ++number) {
        std::string_view text = line;
        if (number == 1 && text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
        if (number == 1 && (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))) refuse(name, {}, "it is UTF-16, and UTF-8 is expected");
        if (!utf8::is_valid(text)) refuse(name, {number, 0}, "it is not UTF-8");
        if (!is_blank(text)) read_line(text, number, name, o, to);
    }
}

/// Where in a text a byte is.
position position_of(std::string_view text, std::size_t at) {
    const std::string_view before = text.substr(0, at);
    const auto line = before.rfind('\n');
    return {static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1, line == std::string_view::npos ? at + 1 : at - line};
}

std::size_t first_invalid(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const auto c = utf8::decode(text.substr(at));
        if (!c.valid || c.code_point == 0) return at;
        at += c.length;
    }
    return at;
}

/// Of a document, which no parser takes in parts.
std::string whole_text(std::istream& in, const std::string& name) {
    std::string text;
    std::vector<char> block(1024 * 1024);
    do {
        in.read(block.data(), static_cast<std::streamsize>(block.size()));
        text.append(block.data(), static_cast<std::size_t>(in.gcount()));
        if (text.size() > longest_document) refuse(name, {}, "it has more than 256 MiB");
    } while (in);
    if (in.bad()) throw error(error_kind::input_missing, fmt::format("cannot read {} to its end", printable(name)));
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) refuse(name, {}, "it is UTF-16, and UTF-8 is expected");
    if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
    if (const std::size_t at = first_invalid(text); at < text.size()) refuse(name, position_of(text, at), text[at] == '\0' ? "there is a NUL byte" : "it is not UTF-8");
    return text;
}

} // namespace

std::optional<record_format> record_format_of(const std::filesystem::path& file) {
    const std::string end = ascii::to_lower(file.extension().native());
    if (end == ".csv" || end == ".tsv") return record_format::csv;
    if (end == ".jsonl" || end == ".ndjson") return record_format::jsonl;
    if (end == ".json") return record_format::json;
    if (end == ".yaml" || end == ".yml") return record_format::yaml;
    return std::nullopt;
}

record_file read_records(const std::filesystem::path& file, const record_file_options& options) {
    if (options.format == record_format::json) return read_document(file, [](const std::string& text, document_reader& to) { read_json(text, to); });
    const jobs::input_file source(file);
    jobs::input_file::stream in(source);
    record_file all;
    if (options.format == record_format::csv) read_csv(in, source.name(), options, all);
    else read_jsonl(in, source.name(), options, all);
    if (in.bad()) throw error(error_kind::input_missing, fmt::format("cannot read {} to its end", printable(source.name())));
    return all;
}

record_file read_document(const std::filesystem::path& file, const document_parser& parse) {
    const jobs::input_file source(file, longest_document);
    jobs::input_file::stream in(source);
    const std::string text = whole_text(in, source.name());
    record_file all;
    document_reader reader(source.name(), {}, [&](record&& r) { all.records.push_back(std::move(r)); });
    parse(text, reader);
    all.base = reader.header().base;
    all.complete = reader.header().complete;
    return all;
}

} // namespace vmail
