#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <vmail/rule_codes.hpp>
#include <vmail/timestamp.hpp>

#include <vmail/activity/rules/table.hpp>

namespace vmail::activity {

namespace {

constexpr std::size_t most_evidence = 20;

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

std::optional<rule_info> find_rule(std::string_view code) noexcept { return rule_codes::find(rules(), code); }

void look(const outlook& o, const look_options& options, const look_visitor& visit) {
    rule_codes::require_known(rules(), options.only);
    rule_codes::require_known(rules(), options.skip);
    for (const rule& r : all_rules())
        if ((options.only.empty() || rule_codes::names(options.only, r.code)) && !rule_codes::names(options.skip, r.code)) r.look(o, telling(r, o, visit));
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
