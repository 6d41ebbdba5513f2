#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/exchange/check.hpp>
#include <vmail/printable.hpp>

#include <cli/counted.hpp>

#include "record_flags.hpp"

namespace vmail::tools {

namespace {

char parse_delimiter(const std::string& text) {
    if (text == "tab" || text == "\\t") return '\t';
    if (text.size() == 1 && text != "\"" && text != "\n" && text != "\r") return text.front();
    throw error(error_kind::usage, fmt::format("--delimiter is one character, or tab, not {}", vmail::quoted(text)));
}

/// FIELD=COLUMN, several of them parted by commas.
std::map<std::string, std::string> parse_map(const std::vector<std::string>& assignments) {
    std::map<std::string, std::string> columns;
    for (const std::string& text : assignments) {
        const auto sign = text.find('=');
        if (sign == std::string::npos || sign == 0 || sign + 1 == text.size())
            throw error(error_kind::usage, fmt::format("--map takes FIELD=COLUMN, not {}", vmail::quoted(text)), {.hint = "as in --map surname=Cognome,given_name=Nome"});
        if (!columns.emplace(text.substr(0, sign), text.substr(sign + 1)).second) throw error(error_kind::usage, fmt::format("--map names {} twice", vmail::quoted(text.substr(0, sign))));
    }
    return columns;
}

/// A column goes to one field, or to none.
void require_one_use(const record_file_options& o) {
    std::map<std::string, std::string> users;
    for (const auto& [field, column] : o.columns) {
        if (o.ignored.contains(column)) throw error(error_kind::usage, fmt::format("--ignore leaves the column {} out, and --map wants it for {}", vmail::quoted(column), printable(field)));
        if (const auto [first, is_new] = users.emplace(column, field); !is_new)
            throw error(error_kind::usage, fmt::format("--map gives the column {} to two fields, {} and {}", vmail::quoted(column), printable(first->second), printable(field)));
    }
}

} // namespace

void add_csv_flags(CLI::App& verb, record_flags& flags) {
    constexpr auto group = "CSV";
    verb.add_option("--map", flags.map, "what the column of a field is called, where it has another name; repeat it, or part several by commas")->group(group)->type_name("FIELD=COLUMN")->delimiter(',')->allow_extra_args(false);
    verb.add_option("--ignore", flags.ignored, "a column that is not read, by its heading; repeat it, or part several by commas")->group(group)->type_name("COLUMN")->delimiter(',')->allow_extra_args(false);
    verb.add_option("--delimiter", flags.delimiter, "what parts the cells: a character, or tab; without it, it is found")->group(group)->type_name("CHARACTER");
    verb.add_option("--charset", flags.charset, "of what is not UTF-8")->group(group)->type_name("latin1|iso-8859-2|iso-8859-15|windows-1252");
    verb.add_option("--address-rule", flags.address_rule, "addresses of persons who have none: name.surname, or n.surname, in --domain")->group(group)->type_name("name.surname|n.surname");
    verb.add_option("--domain", flags.domain, "where --address-rule makes them")->group(group)->type_name("DOMAIN");
    verb.add_flag("--empty-clears", flags.empty_clears, "an empty cell takes a value away, instead of leaving it alone")->group(group);
}

bool is_given(const record_flags& flags) noexcept {
    return flags.delimiter || flags.charset || flags.address_rule || flags.domain || !flags.map.empty() || !flags.ignored.empty() || flags.empty_clears;
}

record_file_options read_options(const record_flags& flags, record_format format) {
    if (is_given(flags) && format != record_format::csv) throw error(error_kind::usage, "--map, --ignore, --delimiter, --charset, --address-rule, --domain and --empty-clears go with CSV");
    if (flags.address_rule.has_value() != flags.domain.has_value()) throw error(error_kind::usage, "--address-rule and --domain go together: how addresses are made, and where");
    record_file_options options{.format = format, .charset = flags.charset.value_or(""), .columns = parse_map(flags.map), .ignored = {flags.ignored.begin(), flags.ignored.end()}, .empty_clears = flags.empty_clears, .address_rule = flags.address_rule.value_or("")};
    require_one_use(options);
    if (flags.kind) options.what = exchange::get_noun(*flags.kind).what;
    if (flags.delimiter) options.delimiter = parse_delimiter(*flags.delimiter);
    if (flags.domain) options.domain = domain_name::parse(*flags.domain);
    return options;
}

namespace {

[[noreturn]] void refuse_for(const std::string& file, const exchange::fault& f) {
    exchange::refuse(file, f.at, f.sentence, f.hint.empty() ? "nothing was done: a file with a fault is refused as a whole" : f.hint);
}

} // namespace

void require_no_faults(invocation& run, const std::string& file, record_file& all) {
    auto more = exchange::check(all.records, {.zone = run.configuration().zone, .now = timestamp::now(), .is_there_unknown = true});
    const std::size_t count = all.fault_count + more.size();
    std::move(more.begin(), more.end(), std::back_inserter(all.faults));
    std::stable_sort(all.faults.begin(), all.faults.end(), [](const auto& a, const auto& b) { return a.at.line < b.at.line; });
    if (count == 0) return;
    const std::string name = file == "-" ? "standard input" : file;
    constexpr std::size_t most_told = 20;
    if (count == 1) refuse_for(name, all.faults.front());
    for (std::size_t i = 0; i < std::min(most_told, all.faults.size()); ++i) run.err().warning(exchange::place_in(name, all.faults[i].at) + all.faults[i].sentence);
    throw invalid_value(fmt::format("{} has {}, and nothing was done", printable(name), counted(count, "faults")), {.hint = count > most_told ? "the first of them are told" : ""});
}

record_file read_checked(invocation& run, const std::string& file, const record_file_options& options) {
    record_file all = read_records(file, options);
    require_no_faults(run, file, all);
    return all;
}

} // namespace vmail::tools
