#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

#include <fmt/format.h>

#include <vmail/activity/traffic.hpp>
#include <vmail/ascii.hpp>
#include <vmail/domain_name.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <cli/plain_options.hpp>
#include <cli/prometheus_file.hpp>

#include <mailctl/entity_fields.hpp>

#include "handlers.hpp"
#include "kept.hpp"

namespace vmail::tools {

using namespace activity;

namespace {

constexpr std::array<std::string_view, 4> keys = {"day", "hour", "domain", "account"};
const std::vector<std::string_view> in_lists = {"messages", "recipients", "bytes", "deferred", "bounced", "rejected", "received", "received_bytes", "logins_imap", "logins_pop3", "logins_submission", "failures"};

traffic_key parse_key(const std::string& text) {
    const auto at = std::find(keys.begin(), keys.end(), text);
    if (at == keys.end()) refuse(fmt::format("traffic is counted by day, hour, domain or account, not by {}", vmail::quoted(text)));
    return static_cast<traffic_key>(at - keys.begin());
}

std::size_t parse_top(const std::string& text) {
    std::size_t n = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (fault != std::errc() || end != text.data() + text.size() || n == 0) refuse(fmt::format("--top takes a number of accounts, not {}", vmail::quoted(text)));
    return n;
}

std::int64_t number(std::uint64_t n) { return static_cast<std::int64_t>(n); }

/// Rows of one kind: the key, and what was counted.
class traffic_list {
public:
    traffic_list(invocation& run, std::vector<std::string_view> first) : first_(std::move(first)), out_(make_output(run.format(), table_shape::rows, run.out())) {
        auto all = first_, shown = first_;
        all.insert(all.end(), measure_names.begin(), measure_names.end());
        shown.insert(shown.end(), in_lists.begin(), in_lists.end());
        names_ = choose_fields(all, shown, run.flags().fields, run.format(), table_shape::rows);
        out_->announce(names_);
    }

    void write(const std::vector<std::string>& keys_of_row, const hour_counts& counts) {
        record r;
        for (const auto name : names_) {
            const auto at = std::find(first_.begin(), first_.end(), name);
            if (at != first_.end()) r.push_back({name, keys_of_row[static_cast<std::size_t>(at - first_.begin())]});
            else r.push_back({name, number(counts.numbers[static_cast<std::size_t>(std::find(measure_names.begin(), measure_names.end(), name) - measure_names.begin())])});
        }
        out_->write(r);
    }
    void finish() { out_->finish(); }

private:
    std::vector<std::string_view> first_;
    std::unique_ptr<output> out_;
    std::vector<std::string_view> names_{};
};

void write_accounts(invocation& run, const std::map<std::string, hour_counts>& all, std::size_t top) {
    traffic_list list(run, {"account", "rank", "as"});
    const auto write = [&](measure what, const std::string& as) {
        int rank = 0;
        for (const std::string& name : biggest(all, what, top)) list.write({name, std::to_string(++rank), as}, all.at(name));
    };
    write(measure::recipients, "sender");
    write(measure::received, "receiver");
    list.finish();
}

void write_rows(invocation& run, std::string_view key, const std::map<std::string, hour_counts>& all) {
    traffic_list list(run, {key});
    for (const auto& [name, counts] : all) list.write({name}, counts);
    list.finish();
}

/// By domain: a site has few, and a series for each account would be data about people that is kept elsewhere.
void write_metrics(const std::string& path, const store& kept, traffic_options options, std::int64_t now) {
    options.by = traffic_key::domain;
    const auto all = traffic(kept, options);
    prometheus_file file(path);
    for (std::size_t i = 0; i < measures; ++i) {
        file.begin(fmt::format("traffic_{}", measure_names[i]), fmt::format("Of accounts, {} in the hours that were asked for.", measure_names[i]));
        for (const auto& [domain, counts] : all) file.add(prometheus_file::label("domain", domain), counts.numbers[i]);
    }
    file.add_one("traffic_hours", "How many hours were asked for.", options.span.to - options.span.from);
    file.add_one("traffic_timestamp_seconds", "When this was counted.", now);
    file.commit();
}

} // namespace

int show_traffic(invocation& run, const traffic_flags& flags) {
    const auto now = timestamp::now().epoch();
    traffic_options options{.span = span_since(flags.since, now), .by = parse_key(flags.by), .zone = run.configuration().zone};
    const auto top = parse_top(flags.top);
    if (flags.domain) options.domain = ascii::to_lower(domain_name::parse(*flags.domain).text());
    const store kept = open_store(run);
    if (flags.prometheus) write_metrics(*flags.prometheus, kept, options, now);
    else if (options.by == traffic_key::account) write_accounts(run, traffic(kept, options), top);
    else write_rows(run, keys[static_cast<std::size_t>(options.by)], traffic(kept, options));
    return 0;
}

} // namespace vmail::tools
