#include <algorithm>
#include <cstdint>
#include <functional>
#include <iterator>
#include <vector>

#include <fmt/format.h>

#include <vmail/quota.hpp>

#include <vmail/jobs/page/markup.hpp>
#include <vmail/jobs/page/plot.hpp>
#include <vmail/jobs/page/style.hpp>
#include <vmail/jobs/report_page.hpp>

namespace vmail {

namespace {

using namespace page;

std::string plural(std::uint64_t n, std::string_view one, std::string_view several) { return fmt::format("{} {}", grouped(n), n == 1 ? one : several); }

// ---- what a column shows of a domain

using number_of = std::uint64_t (*)(const domain_report&);

struct column {
    std::string_view head;
    number_of get;
    std::string (*shown)(std::uint64_t) = grouped;
};

std::uint64_t mailboxes(const domain_report& d) { return d.mailboxes; }
std::uint64_t active(const domain_report& d) { return d.active(); }
std::uint64_t stopped(const domain_report& d) { return d.stopped(); }
std::uint64_t expired(const domain_report& d) { return d.in_state(service_word::expired); }
std::uint64_t removed(const domain_report& d) { return d.in_state(service_word::removed); }
std::uint64_t ending_soon(const domain_report& d) { return d.ending_soon; }
std::uint64_t aliases(const domain_report& d) { return d.aliases; }
std::uint64_t lists(const domain_report& d) { return d.lists; }
std::uint64_t forwards(const domain_report& d) { return d.forwards; }
std::uint64_t forwards_outside(const domain_report& d) { return d.forwards_outside; }
std::uint64_t quota_bytes(const domain_report& d) { return d.quota_bytes; }
std::uint64_t without_quota(const domain_report& d) { return d.without_quota; }
std::uint64_t used_bytes(const domain_report& d) { return d.mail.used_bytes; }
std::uint64_t not_measured(const domain_report& d) { return d.mail.not_measured; }
std::uint64_t never_used(const domain_report& d) { return d.mail.never_used; }
std::uint64_t idle(const domain_report& d) { return d.mail.idle; }
std::uint64_t use_unknown(const domain_report& d) { return d.mail.use_unknown; }

// ---- rows: the domains that matter most, and the others

struct row {
    std::string name{};
    std::string_view status{};
    std::vector<std::uint64_t> values{};
};

row row_of(const domain_report& d, const std::vector<column>& columns) {
    row r{d.name, d.status};
    for (const column& c : columns) r.values.push_back(c.get(d));
    return r;
}

void add(row& sum, const row& r) {
    for (std::size_t i = 0; i < r.values.size(); ++i) sum.values[i] = add_saturating(sum.values[i], r.values[i]);
}

struct ranking {
    std::vector<row> rows{}; ///< the last one may be of the others
    row total{};
};

/// By the first columns, the greatest first; of what is alike, by name, as the report has them.
ranking rank(const site_report& r, const std::vector<column>& columns, std::size_t most) {
    std::vector<const domain_report*> by_rank;
    for (const auto& d : r.domains) by_rank.push_back(&d);
    std::stable_sort(by_rank.begin(), by_rank.end(), [&](const auto* a, const auto* b) { return columns.front().get(*a) > columns.front().get(*b); });
    const row nothing{.values = std::vector<std::uint64_t>(columns.size(), 0)};
    ranking found{.total = nothing};
    row others = nothing;
    const std::size_t named = by_rank.size() <= most + 1 ? by_rank.size() : most; // one other is no others
    for (std::size_t i = 0; i < by_rank.size(); ++i) {
        row one = row_of(*by_rank[i], columns);
        add(found.total, one);
        if (i < named) found.rows.push_back(std::move(one));
        else add(others, one);
    }
    others.name = plural(by_rank.size() - named, "other domain", "other domains");
    if (named < by_rank.size()) found.rows.push_back(std::move(others));
    found.total.name = "all";
    return found;
}

// ---- tables

std::string cells(const row& r, const std::vector<column>& columns, bool has_status) {
    std::string out = fmt::format("<th scope=\"row\">{}</th>", escaped(r.name));
    if (has_status) out += fmt::format("<td class=\"word\">{}</td>", escaped(r.status));
    for (std::size_t i = 0; i < columns.size(); ++i) out += fmt::format("<td>{}</td>", datum(r.values[i], columns[i].shown(r.values[i])));
    return fmt::format("<tr>{}</tr>\n", out);
}

std::string heads(std::string_view first, const std::vector<column>& columns, bool has_status) {
    std::string out = fmt::format("<th scope=\"col\">{}</th>", first);
    if (has_status) out += "<th scope=\"col\" class=\"word\">status</th>";
    for (const column& c : columns) out += fmt::format("<th scope=\"col\">{}</th>", c.head);
    return out;
}

std::string table(std::string_view id, std::string_view caption, std::string_view first, const std::vector<column>& columns, const ranking& rows, bool has_status = false) {
    std::string out = fmt::format("<div class=\"wide\">\n<table id=\"{}\">\n<caption>{}</caption>\n<thead><tr>{}</tr></thead>\n<tbody>\n", id, caption, heads(first, columns, has_status));
    for (const row& r : rows.rows) out += cells(r, columns, has_status);
    return out + fmt::format("</tbody>\n<tfoot>\n{}</tfoot>\n</table>\n</div>\n", cells(rows.total, columns, has_status));
}

// ---- plots

/// Of the columns from `first`, so many.
plot plot_of(std::string id, std::string title, const ranking& rows, const std::vector<column>& columns, std::size_t first, std::size_t count) {
    plot p{.id = std::move(id), .title = std::move(title), .shown = columns[first].shown};
    for (std::size_t i = first; i < first + count; ++i) p.series.emplace_back(columns[i].head);
    for (const row& r : rows.rows) p.rows.push_back({r.name, {r.values.begin() + static_cast<std::ptrdiff_t>(first), r.values.begin() + static_cast<std::ptrdiff_t>(first + count)}});
    return p;
}

std::string all_in_words(const plot& p, const row& total, std::size_t first) {
    std::string out;
    for (std::size_t i = 0; i < p.series.size(); ++i) out += fmt::format("{}{} {}", i == 0 ? "" : ", ", p.shown(total.values[first + i]), p.series[i]);
    return out;
}

std::string figure(const std::string& svg) { return fmt::format("<figure>\n{}</figure>\n", svg); }

struct chosen_series {
    std::size_t first, count;
    bool stacked = false;
};

/// A plot, where there is something to see, and its table.
std::string shown(const std::string& id, const std::string& title, const std::vector<column>& columns, const ranking& rows, chosen_series series, bool has_status = false) {
    plot p = plot_of(id + "-plot", title, rows, columns, series.first, series.count);
    p.stacked = series.stacked;
    p.description = fmt::format("A bar for each domain; all together: {}. The table below has the numbers.", all_in_words(p, rows.total, series.first));
    return figure(bars(p)) + table(id, title, "domain", columns, rows, has_status);
}

std::string section(std::string_view head, std::string_view about, const std::string& body) { return fmt::format("<section>\n<h2>{}</h2>\n<p>{}</p>\n{}</section>\n", head, about, body); }

std::string of_domains(const site_report& r, const std::string& body) { return r.domains.empty() ? "<p class=\"note\">There is no domain.</p>\n" : body; }

// ---- the sections

std::string states_section(const site_report& r, const page_options& o) {
    const std::vector<column> columns = {{"mailboxes", mailboxes}, {"active", active}, {"stopped", stopped}, {"expired", expired}, {"removed", removed},
                                         {"ending soon", ending_soon}, {"aliases", aliases}, {"lists", lists}};
    const auto about = fmt::format("Stopped: by a person, or with the domain. Expired: disabled as their time was up. Removed: only marked so far; they are no longer counted as mailboxes, and no part of the bars. "
                                   "Ending soon: active, with an end within {}.", plural(static_cast<std::uint64_t>(o.soon.count()), "day", "days"));
    return section("Mailboxes by domain", about, of_domains(r, shown("states", "Mailboxes by how they stand", columns, rank(r, columns, o.most_domains), {1, 3, true}, true)));
}

std::string quota_section(const site_report& r, const page_options& o) {
    std::vector<column> columns = {{"promised", quota_bytes, approximate_size}};
    if (r.has_mail) columns.push_back({"used", used_bytes, approximate_size});
    columns.push_back({"without a quota", without_quota});
    if (r.has_mail) columns.push_back({"not measured", not_measured});
    const std::string_view about = r.has_mail ? "The quotas of mailboxes together, and the mail in them. Mailboxes that have no folder yet, or could not be looked at, are not measured and in no sum."
                                              : "The quotas of mailboxes together. What they use was not looked at.";
    return section("Quota", about, of_domains(r, shown("quota", "Bytes promised and used", columns, rank(r, columns, o.most_domains), {0, r.has_mail ? std::size_t{2} : std::size_t{1}})));
}

std::string forwards_section(const site_report& r, const page_options& o) {
    const std::vector<column> columns = {{"to the outside", forwards_outside}, {"all forwards", forwards}};
    return section("Forwards", "Mailboxes that send their mail on; to the outside: to a domain that is not here.",
                   of_domains(r, shown("forwards", "Mailboxes that forward", columns, rank(r, columns, o.most_domains), {0, 2})));
}

std::string use_section(const site_report& r, const page_options& o) {
    const auto head = "Never used";
    if (!r.has_mail) return section(head, "The mail was not looked at, so nothing tells which mailboxes are used.", {});
    const std::vector<column> columns = {{"never used", never_used}, {"idle", idle}, {"unknown", use_unknown}};
    const auto days = plural(static_cast<std::uint64_t>(o.idle.count()), "day", "days");
    const auto about = fmt::format("Never used: older than {0}, and there is no sign that anybody ever opened them. Idle: not opened for {0}. Unknown: they could not be looked at.", days);
    return section(head, about, of_domains(r, shown("use", "Mailboxes that nobody opens", columns, rank(r, columns, o.most_domains), {0, 2})));
}

// ---- by month

std::string month_before_or_after(const std::string& month, int by) {
    const int count = std::stoi(month.substr(0, 4)) * 12 + std::stoi(month.substr(5, 2)) - 1 + by;
    return count < 0 ? "0000-01" : fmt::format("{:04}-{:02}", count / 12, count % 12 + 1);
}

row row_of(const std::string& name, const month_report& m) { return {.name = name, .values = {m.created, m.ends, m.expired, m.removed}}; }

/// Each month from the first to the last that has something, as far as they have rows of their own; those before and after are one row each.
struct month_rows {
    row before{}, after{};
    ranking own{};
};

month_rows months_of(const site_report& r, const page_options& o, const std::string& now) {
    const std::string first = month_before_or_after(now, -o.months_back), last = month_before_or_after(now, o.months_ahead);
    month_rows found{row_of("before", {}), row_of("later", {}), {.total = row_of("all", {})}};
    for (const auto& [month, m] : r.months) {
        const row one = row_of(month, m);
        add(found.own.total, one);
        if (month < first) add(found.before, one);
        else if (month > last) add(found.after, one);
        else {
            for (auto& rows = found.own.rows; !rows.empty() && month_before_or_after(rows.back().name, 1) < month;) rows.push_back(row_of(month_before_or_after(rows.back().name, 1), {}));
            found.own.rows.push_back(one);
        }
    }
    return found;
}

bool has_something(const row& r) { return std::any_of(r.values.begin(), r.values.end(), [](std::uint64_t n) { return n > 0; }); }

/// The columns' functions are those of domains: here the rows have their values already.
std::string months_section(const site_report& r, const page_options& o) {
    const std::string now = month_of(o.now, o.zone);
    auto [before, after, own] = months_of(r, o, now);
    const std::string about = fmt::format("By month of {}, as far as the entries that are there tell: made, will end or has ended, disabled as its time was up, marked as removed.", o.zone.name());
    if (!has_something(own.total)) return section("Month by month", about, "<p class=\"note\">No mailbox has a date.</p>\n");
    const std::vector<column> columns = {{"made", nullptr}, {"ends", nullptr}, {"expired", nullptr}, {"removed", nullptr}};
    plot p = plot_of("months-plot", "Mailboxes by month", own, columns, 0, columns.size());
    p.description = fmt::format("Columns for each month; all together: {}. The table below has the numbers.", all_in_words(p, own.total, 0));
    const std::string svg = own.rows.empty() ? std::string() : figure(page::columns(p, now));
    if (has_something(before)) own.rows.insert(own.rows.begin(), before);
    if (has_something(after)) own.rows.push_back(after);
    return section("Month by month", about, svg + table("months", "Mailboxes by month", "month", columns, own));
}

// ---- day by day

std::string traffic_section(const page_options& o) {
    if (o.traffic.empty()) return {};
    const std::vector<column> columns = {{"received", nullptr}, {"sent to", nullptr}, {"deferred", nullptr}, {"bounced", nullptr}, {"logins", nullptr}};
    const row nothing{.values = std::vector<std::uint64_t>(columns.size(), 0)};
    ranking days{.total = nothing};
    days.total.name = "all";
    for (const traffic_day& d : o.traffic) {
        days.rows.push_back({.name = d.day, .values = {d.received, d.recipients, d.deferred, d.bounced, d.logins}});
        add(days.total, days.rows.back());
    }
    plot p = plot_of("traffic-plot", "Mail by day", days, columns, 0, 4);
    p.description = fmt::format("Columns for each day; all together: {}. The table below has the numbers.", all_in_words(p, days.total, 0));
    return section("Traffic", fmt::format("By day of {}, as the daemons log it: messages that came, recipients of those that were sent by who had logged in, times that one of them was put off, those that were not "
                                          "reached, and logins by IMAP and POP3.", o.zone.name()),
                   figure(page::columns(p, {})) + table("traffic", "Mail by day", "day", columns, days));
}

// ---- the page

std::string tile(std::string_view name, const std::string& number) { return fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", name, number); }

std::string tiles(const site_report& r) {
    domain_report sum;
    std::uint64_t in_service = 0, promised = 0, used = 0;
    for (const auto& d : r.domains) {
        in_service += d.active();
        sum.mailboxes += d.mailboxes;
        sum.ending_soon += d.ending_soon;
        sum.aliases += d.aliases;
        sum.lists += d.lists;
        sum.forwards_outside += d.forwards_outside;
        sum.mail.never_used += d.mail.never_used;
        promised = add_saturating(promised, d.quota_bytes);
        used = add_saturating(used, d.mail.used_bytes);
    }
    std::string out = tile("domains", datum(r.domains.size())) + tile("mailboxes", datum(sum.mailboxes)) + tile("of them active", datum(in_service)) +
                      tile("ending soon", datum(sum.ending_soon)) + tile("aliases", datum(sum.aliases)) + tile("mailing lists", datum(sum.lists)) +
                      tile("forwards to the outside", datum(sum.forwards_outside)) + tile("quota promised", datum(promised, approximate_size(promised)));
    if (r.has_mail) out += tile("used", datum(used, approximate_size(used))) + tile("never used", datum(sum.mail.never_used));
    return fmt::format("<dl id=\"sum\">\n{}</dl>\n", out);
}

std::string unreadable_note(const site_report& r) {
    if (r.unreadable.empty()) return {};
    return fmt::format("<p class=\"note\">{} could not be read, and {} not counted.</p>\n", plural(r.unreadable.size(), "entry", "entries"), r.unreadable.size() == 1 ? "is" : "are");
}

std::string when(timestamp now) {
    const std::string text = now.rfc3339();
    return fmt::format("<time datetime=\"{}\">{} {} UTC</time>", text, text.substr(0, 10), text.substr(11, 5));
}

/// A browser that is handed the page over the network is told, too, that nothing belongs to it.
std::string head(const page_options& o) {
    return fmt::format("<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\" xml:lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
                       "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n"
                       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<meta name=\"color-scheme\" content=\"light dark\"/>\n<title>{}</title>\n<style>{}</style>\n</head>\n",
                       escaped(o.title), style);
}

} // namespace

std::string report_page(const site_report& r, const page_options& options) {
    return head(options) + fmt::format("<body>\n<header>\n<h1>{}</h1>\n<p class=\"about\">Counted at {}</p>\n</header>\n<main>\n", escaped(options.title), when(options.now)) + tiles(r) +
           unreadable_note(r) + states_section(r, options) + months_section(r, options) + quota_section(r, options) + forwards_section(r, options) + use_section(r, options) + traffic_section(options) +
           "</main>\n</body>\n</html>\n";
}

} // namespace vmail
