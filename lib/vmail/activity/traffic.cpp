#include <algorithm>
#include <limits>

#include <vmail/activity/traffic.hpp>

namespace vmail::activity {

namespace {

/// What hours are called: each is asked for as often as there are accounts.
class hour_names {
public:
    explicit hour_names(const traffic_options& o) : zone_(o.zone), length_(o.by == traffic_key::day ? 10 : 16) {}

    const std::string& of(std::int64_t hour) {
        auto at = known_.find(hour);
        if (at == known_.end()) at = known_.emplace(hour, timestamp::from_epoch(hour * 3600).local_text(zone_).substr(0, length_)).first;
        return at->second;
    }

private:
    const time_zone& zone_;
    std::size_t length_;
    std::map<std::int64_t, std::string> known_{};
};

bool is_by_time(traffic_key k) noexcept { return k == traffic_key::day || k == traffic_key::hour; }

} // namespace

std::string_view domain_of(std::string_view account) noexcept {
    const auto at = account.rfind('@');
    return at == std::string_view::npos ? std::string_view() : account.substr(at + 1);
}

std::map<std::string, hour_counts> traffic(const store& kept, const traffic_options& options) {
    std::map<std::string, hour_counts> all;
    hour_names names(options);
    std::int64_t first = std::numeric_limits<std::int64_t>::max(), last = std::numeric_limits<std::int64_t>::min();
    kept.each(options.span.from, {.on_counts = [&](const count_row& r) {
        if (r.of.hour >= options.span.to || (options.domain && domain_of(r.of.account) != *options.domain)) return;
        first = std::min(first, r.of.hour);
        last = std::max(last, r.of.hour);
        const auto name = is_by_time(options.by) ? names.of(r.of.hour) : options.by == traffic_key::domain ? std::string(domain_of(r.of.account)) : r.of.account;
        all[name].add(r.counts);
    }});
    if (is_by_time(options.by))
        for (auto hour = first; hour <= last; ++hour) all[names.of(hour)];
    return all;
}

std::vector<std::string> biggest(const std::map<std::string, hour_counts>& all, measure what, std::size_t most) {
    std::vector<std::string> names;
    for (const auto& [name, counts] : all)
        if (counts[what] > 0) names.push_back(name);
    std::stable_sort(names.begin(), names.end(), [&](const std::string& a, const std::string& b) { return all.at(a)[what] > all.at(b)[what]; });
    if (names.size() > most) names.resize(most);
    return names;
}

} // namespace vmail::activity
