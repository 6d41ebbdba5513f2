#include <algorithm>
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

} // namespace

csv_records::csv_records(std::istream& in, std::string name, csv_record_options options) : rows_(in, std::move(name), options.format), options_(std::move(options)) { read_header(); }

void csv_records::read_header() {
    const auto row = rows_.next();
    if (!row) refuse(rows_.name(), {}, "it is empty, and a line of headings is expected");
    header_at_ = row->front().at;
    const bool names_kinds = std::any_of(row->begin(), row->end(), [](const csv_cell& c) { return ascii::iequals(trimmed(c.text), kind_column); });
    const auto known = names_kinds ? known_columns() : known_columns(info_of(options_.what.value_or(noun::mailbox)));
    std::set<std::string> seen, mapped;
    for (const csv_cell& cell : *row) {
        const std::string heading = trimmed(cell.text);
        const auto renamed = std::find_if(options_.columns.begin(), options_.columns.end(), [&](const auto& c) { return c.second == heading; });
        std::string field = renamed == options_.columns.end() ? ascii::to_lower(heading) : renamed->first;
        if (renamed != options_.columns.end()) mapped.insert(renamed->first);
        if (std::find(known.begin(), known.end(), field) == known.end()) {
            const std::string near = nearest(field, known);
            refuse(rows_.name(), cell.at, fmt::format("{} is no field that a column could have{}", vmail::quoted(heading), near.empty() ? "" : fmt::format(", did you mean {}?", near)),
                   fmt::format("the fields are {}", fmt::join(known, ", ")));
        }
        if (!seen.insert(field).second) refuse(rows_.name(), cell.at, fmt::format("there are two columns of {}", field));
        header_.push_back({std::move(field)});
    }
    for (const auto& [field, heading] : options_.columns)
        if (!mapped.contains(field)) refuse(rows_.name(), header_at_, fmt::format("there is no column {} for {}", vmail::quoted(heading), printable(field)));
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
        if (name == kind_column) continue;
        const bool is_empty = row[i].text.empty();
        if (is_empty && std::none_of(n.fields.begin(), n.fields.end(), [&](const field_info* f) { return f->name == name; })) continue;
        const field_info& f = get_field(n, name);
        if (&f == n.fields.front()) r.name = trimmed(row[i].text);
        else if (!is_empty) r.values.push_back({&f, from_text(f.form, f.form == form::paragraph || f.form == form::text ? row[i].text : trimmed(row[i].text)), row[i].at});
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
