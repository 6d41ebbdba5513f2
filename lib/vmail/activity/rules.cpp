#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>
#include <vmail/timestamp.hpp>

#include <vmail/activity/rules/table.hpp>

namespace vmail::activity {

namespace {

constexpr std::size_t most_evidence = 20;

bool has_code(const std::vector<std::string>& codes, std::string_view code) {
    return std::any_of(codes.begin(), codes.end(), [code](const std::string& c) { return ascii::iequals(c, code); });
}

void require_codes(const std::vector<std::string>& codes) {
    for (const std::string& c : codes)
        if (!find_rule(c)) throw invalid_value(fmt::format("there is no rule {}", vmail::quoted(c)));
}

std::vector<sighting> evidence_of(const store& kept, const std::string& account, const std::vector<sight>& kinds, hour_span when) {
    std::vector<sighting> all;
    kept.each_of(account, when.from, {.on_sighting = [&](const sighting& s) {
        if (s.of.hour < when.to && std::find(kinds.begin(), kinds.end(), s.kind) != kinds.end()) all.push_back(s);
    }});
    std::stable_sort(all.begin(), all.end(), [](const sighting& a, const sighting& b) { return a.last > b.last; });
    if (all.size() > most_evidence) all.erase(all.begin() + most_evidence, all.end());
    return all;
}

} // namespace

std::span<const rule> all_rules() {
    static const std::array table = {sends_unread, guessed, many_networks, above_usual, many_bounces, stopped_tries};
    return table;
}

std::span<const rule_info> rules() noexcept {
    static const std::vector<rule_info> table(all_rules().begin(), all_rules().end());
    return table;
}

std::optional<rule_info> find_rule(std::string_view code) noexcept {
    const auto all = rules();
    const auto it = std::find_if(all.begin(), all.end(), [code](const rule_info& r) { return ascii::iequals(r.code, code); });
    return it != all.end() ? std::optional(*it) : std::nullopt;
}

void look(const outlook& o, const look_options& options, const look_visitor& visit) {
    require_codes(options.only);
    require_codes(options.skip);
    for (const rule& r : all_rules())
        if ((options.only.empty() || has_code(options.only, r.code)) && !has_code(options.skip, r.code)) r.look(o, telling(r, o, visit));
}

void telling::operator()(const std::string& account, std::string sentence, std::vector<figure> figures, const std::vector<sight>& evidence, hour_span when) const {
    visit_.found({rule_, account, std::move(sentence), std::move(figures), evidence_of(outlook_.kept, account, evidence, when)});
}

std::string moment_of(std::int64_t when) { return timestamp::from_epoch(when).rfc3339(); }

statement asked(const outlook& o, const std::string& sql) {
    auto s = o.kept.database().prepare(sql);
    s.bind(1, o.span.from).bind(2, o.span.to);
    return s;
}

} // namespace vmail::activity
