#include <algorithm>
#include <charconv>
#include <chrono>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <vmail/address.hpp>
#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/nearest.hpp>
#include <vmail/person_name.hpp>
#include <vmail/printable.hpp>

#include <vmail/exchange/csv_records.hpp>

namespace vmail::exchange {

namespace {

constexpr std::string_view kind_column = "kind";

/// Of all kinds: a row of a kind that lacks one has its cell empty.
std::vector<std::string_view> known_columns() {
    std::vector<std::string_view> known = {kind_column};
    for (const noun_info& n : nouns())
        for (const field_info* f : n.fields)
            if (std::find(known.begin(), known.end(), f->name) == known.end()) known.push_back(f->name);
    return known;
}

std::vector<std::string_view> known_columns(const noun_info& n) {
    std::vector<std::string_view> known = {kind_column};
    for (const field_info* f : n.fields) known.push_back(f->name);
    return known;
}

std::string trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    return first == std::string_view::npos ? std::string() : std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

std::string text_of(const record& r, std::string_view field) {
    const given_value* const given = r.find(field);
    return given == nullptr ? std::string() : to_text(given->value);
}

/// The first character, however many bytes it has.
std::string_view initial_of(std::string_view name) {
    if (name.empty()) return name;
    std::size_t length = 1;
    while (length < name.size() && (static_cast<unsigned char>(name[length]) & 0xC0U) == 0x80U) ++length;
    return name.substr(0, length);
}

std::optional<int> number_at(std::string_view text, std::size_t begin, std::size_t end) {
    const auto digits = text.substr(begin, end - begin);
    int number = 0;
    if (!ascii::is_digits(digits) || std::from_chars(digits.data(), digits.data() + digits.size(), number).ec != std::errc()) return std::nullopt;
    return number;
}

/// "31.3.2027", also with a time behind it, as the other fields of that form have it. What is no day stays, to be refused as it was written.
std::string with_year_first(const std::string& text) {
    const auto first = text.find('.'), second = text.find('.', first + 1), end = std::min(text.find(' '), text.size());
    if (first > 2 || second > first + 3 || end != second + 5) return text;
    const auto d = number_at(text, 0, first), m = number_at(text, first + 1, second), y = number_at(text, second + 1, end);
    if (!d || !m || !y) return text;
    const std::chrono::year_month_day day(std::chrono::year(*y), std::chrono::month(static_cast<unsigned>(*m)), std::chrono::day(static_cast<unsigned>(*d)));
    return day.ok() ? fmt::format("{:04}-{:02}-{:02}{}", *y, *m, *d, text.substr(end)) : text;
}

value value_in(form f, const std::string& cell) {
    if (f == form::paragraph || f == form::text || f == form::hash) return from_text(f, cell);
    return from_text(f, f == form::day || f == form::minute ? with_year_first(trimmed(cell)) : trimmed(cell));
}

} // namespace

csv_records::csv_records(std::istream& in, std::string name, csv_record_options options) : rows_(in, std::move(name), options.format), options_(std::move(options)) { read_header(); }

void csv_records::read_header() {
    const auto row = rows_.next();
    if (!row) refuse(rows_.name(), {}, "it is empty, and a line of headings is expected");
    header_at_ = row->front().at;
    const bool names_kinds = std::any_of(row->begin(), row->end(), [](const csv_cell& c) { return ascii::iequals(trimmed(c.text), kind_column); });
    const auto known = names_kinds ? known_columns() : known_columns(info_of(options_.what.value_or(noun::mailbox)));
    for (const auto& [field, heading] : options_.columns) require_known(field, field, header_at_, known);
    std::set<std::string> seen, headings;
    for (const csv_cell& cell : *row) headings.insert(trimmed(cell.text));
    for (const auto& heading : options_.ignored)
        if (!headings.contains(heading)) refuse(rows_.name(), header_at_, fmt::format("there is no column {} to be ignored", vmail::quoted(heading)));
    for (const csv_cell& cell : *row) {
        const std::string heading = trimmed(cell.text);
        std::string field = field_of(heading);
        if (!field.empty()) {
            require_known(field, heading, cell.at, known);
            if (!seen.insert(field).second) refuse(rows_.name(), cell.at, fmt::format("there are two columns of {}", field));
        }
        header_.push_back({std::move(field)});
    }
    for (const auto& [field, heading] : options_.columns)
        if (!headings.contains(heading)) refuse(rows_.name(), header_at_, fmt::format("there is no column {} for {}", vmail::quoted(heading), field));
}

/// What the column of a heading is read into; nothing: it is ignored.
std::string csv_records::field_of(const std::string& heading) const {
    if (options_.ignored.contains(heading)) return {};
    const auto renamed = std::find_if(options_.columns.begin(), options_.columns.end(), [&](const auto& c) { return c.second == heading; });
    return renamed == options_.columns.end() ? ascii::to_lower(heading) : renamed->first;
}

void csv_records::require_known(const std::string& field, const std::string& said, const position& at, const std::vector<std::string_view>& known) const {
    if (std::find(known.begin(), known.end(), field) != known.end()) return;
    const std::string near = nearest(field, known);
    refuse(rows_.name(), at, fmt::format("{} is no field that a column could have{}", vmail::quoted(said), near.empty() ? "" : fmt::format(", did you mean {}?", near)),
           fmt::format("the fields are {}", fmt::join(known, ", ")));
}

std::optional<record> csv_records::next(std::vector<fault>& faults) {
    while (const auto row = rows_.next()) {
        try {
            if (auto r = record_of(*row)) return r;
        } catch (const invalid_value& e) {
            faults.push_back({row->front().at, e.what(), e.hint()});
        }
    }
    return std::nullopt;
}

noun csv_records::kind_of(const std::vector<csv_cell>& row) const {
    for (std::size_t i = 0; i < header_.size(); ++i)
        if (header_[i].field == kind_column && !trimmed(row[i].text).empty()) return get_noun(trimmed(row[i].text)).what;
    return options_.what.value_or(noun::mailbox);
}

/// Nothing for a row whose cells are all empty, as spreadsheets leave them behind.
std::optional<record> csv_records::record_of(const std::vector<csv_cell>& row) {
    if (row.size() != header_.size()) throw invalid_value(fmt::format("this row has {} {}, and the headings are {}", row.size(), row.size() == 1 ? "cell" : "cells", header_.size()));
    if (std::all_of(row.begin(), row.end(), [](const csv_cell& c) { return trimmed(c.text).empty(); })) return std::nullopt;
    const noun_info& n = info_of(kind_of(row));
    record r{n.what, {}, {}, row.front().at};
    for (std::size_t i = 0; i < row.size(); ++i) {
        const std::string& name = header_[i].field;
        if (name == kind_column || name.empty()) continue;
        const bool is_empty = row[i].text.empty();
        if (is_empty && std::none_of(n.fields.begin(), n.fields.end(), [&](const field_info* f) { return f->name == name; })) continue;
        const field_info& f = get_field(n, name);
        if (&f == n.fields.front()) r.name = trimmed(row[i].text);
        else if (!is_empty) r.values.push_back({&f, value_in(f.form, row[i].text), row[i].at});
        else if (options_.empty_clears && f.form != form::hash) r.values.push_back({&f, null{}, row[i].at});
    }
    if (n.what == noun::mailbox) complete_person(r);
    if (r.name.empty()) throw invalid_value(fmt::format("there is no {}", n.fields.front()->name));
    return r;
}

void csv_records::complete_person(record& r) const {
    const std::string given = text_of(r, "given_name"), surname = text_of(r, "surname");
    if (r.find("name") == nullptr && !given.empty() && !surname.empty())
        r.values.push_back({&get_field(info_of(noun::mailbox), "name"), given + ' ' + surname, r.at});
    if (r.name.empty() && options_.rule) r.name = made_address(r);
}

std::string csv_records::made_address(const record& r) const {
    const std::string full = text_of(r, "name"), given = text_of(r, "given_name"), surname = text_of(r, "surname");
    std::string local;
    if (*options_.rule == address_rule::name_surname) {
        if (!given.empty() && !surname.empty()) local = name_surname(given, surname);
        else append_name_surname(full, local);
    } else local = name_surname(initial_of(given.empty() ? full : given), surname.empty() ? std::string_view(full).substr(full.rfind(' ') + 1) : std::string_view(surname));
    if (local.empty()) throw invalid_value(fmt::format("{} gives no address by the rule", vmail::quoted(full.empty() ? given + surname : full)));
    if (!options_.domain) throw invalid_value("nothing says in which domain the address is to be");
    return address::make(local, *options_.domain).text();
}

} // namespace vmail::exchange
