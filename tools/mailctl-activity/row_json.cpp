#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <vmail/activity/account_name.hpp>
#include <vmail/activity/network.hpp>
#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "row_json.hpp"

namespace vmail::tools {

using namespace activity;
using json = nlohmann::ordered_json;

namespace {

constexpr std::int64_t last_second = 253'402'300'799; // of the year 9999
constexpr std::size_t longest_reference = 80;

template <typename Names> std::string name_in(const Names& names, auto kind) { return std::string(names[static_cast<std::size_t>(kind)]); }

json key_of(std::string_view row, const row_key& of) { return {{"row", row}, {"hour", of.hour}, {"account", of.account}, {"host", of.host}}; }

struct writing {
    json operator()(const count_row& r) const {
        json j = key_of("counts", r.of);
        for (std::size_t i = 0; i < measures; ++i)
            if (r.counts.numbers[i] != 0) j[std::string(measure_names[i])] = r.counts.numbers[i];
        return j;
    }
    json operator()(const sighting& s) const {
        json j = key_of("seen", s.of);
        j["kind"] = name_in(sight_names, s.kind);
        if (!s.network.empty()) j["network"] = s.network;
        j["first"] = s.first;
        j["last"] = s.last;
        j["number"] = s.number;
        if (!s.reference.empty()) j["reference"] = s.reference;
        return j;
    }
    json operator()(const last_use& u) const { return {{"row", "last"}, {"account", u.account}, {"host", u.host}, {"kind", name_in(use_names, u.kind)}, {"when", u.when}}; }
};

/// An object of somebody else, as far as it is what it should be.
class row_reader {
public:
    explicit row_reader(const json& j) : j_(j) {}

    std::string text(const char* name) const {
        const auto at = j_.find(name);
        if (at == j_.end()) return {};
        if (!at->is_string()) refuse(name);
        return at->get<std::string>();
    }
    std::uint64_t count(const std::string& name) const {
        const auto at = j_.find(name);
        if (at == j_.end()) return 0;
        if (!at->is_number_unsigned()) refuse(name);
        return std::min(at->get<std::uint64_t>(), most_counted);
    }
    std::int64_t moment(const char* name, std::int64_t most) const {
        const auto at = j_.find(name);
        if (at == j_.end() || !at->is_number_integer() || at->get<std::int64_t>() < 0 || at->get<std::int64_t>() > most) refuse(name);
        return at->get<std::int64_t>();
    }
    template <typename Kind, typename Names> Kind kind(const Names& names) const {
        const auto at = std::find(names.begin(), names.end(), text("kind"));
        if (at == names.end()) refuse("kind");
        return static_cast<Kind>(at - names.begin());
    }
    row_key key() const { return {moment("hour", last_second / 3600), account_name(text("account")), account_name(text("host"))}; }

    [[noreturn]] static void refuse(std::string_view name) { throw invalid_value(fmt::format("its {} makes no sense", printable(name))); }

private:
    const json& j_;
};

/// As network::text() writes one; nothing for anything else.
std::string network_in(const std::string& text) {
    const auto slash = text.find('/');
    const auto n = network::parse(std::string_view(text).substr(0, slash), slash == std::string::npos ? network_form::full : network_form::shortened);
    return n && n->text() == text ? text : std::string();
}

std::string reference_in(const std::string& text) { return text.size() <= longest_reference && !text.empty() && ascii::all_printable(text) ? text : std::string(); }

activity_row read_row(const json& j) {
    const row_reader r(j);
    const auto row = r.text("row");
    if (row == "last") return last_use{account_name(r.text("account")), account_name(r.text("host")), r.kind<use>(use_names), r.moment("when", last_second)};
    if (row == "seen") {
        sighting s{r.key(), r.kind<sight>(sight_names), network_in(r.text("network")), r.moment("first", last_second), r.moment("last", last_second), r.count("number"), reference_in(r.text("reference"))};
        if (hour_of(s.first) != s.of.hour || hour_of(s.last) != s.of.hour || s.first > s.last) row_reader::refuse("hour");
        return s;
    }
    if (row != "counts") row_reader::refuse("row");
    count_row c{r.key(), {}};
    for (std::size_t i = 0; i < measures; ++i) c.counts.numbers[i] = r.count(std::string(measure_names[i]));
    return c;
}

} // namespace

std::string row_to_json(const activity_row& row) { return std::visit(writing{}, row).dump(-1, ' ', true, json::error_handler_t::replace); }

activity_row row_from_json(std::string_view line) {
    const auto j = json::parse(line, nullptr, false);
    if (!j.is_object()) throw invalid_value("it is no object of JSON");
    return read_row(j);
}

} // namespace vmail::tools
