#include <algorithm>
#include <array>
#include <unordered_set>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/ldap/access_log.hpp>
#include <vmail/ldap/filter.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/printable.hpp>
#include <vmail/timestamp.hpp>

#include <vmail/jobs/history.hpp>
#include <vmail/jobs/journal_reader.hpp>
#include <vmail/naming.hpp>
#include <vmail/schema.hpp>

namespace vmail {

namespace {

namespace attr = schema::attr;

std::vector<std::string> attributes_of(const ldap::write_request& request) {
    std::vector<std::string> names;
    const auto* const m = std::get_if<ldap::modify_request>(&request);
    if (m == nullptr) return names;
    for (const auto& c : m->changes)
        if (!ascii::iequals(c.attribute, attr::last_change)) names.push_back(c.attribute);
    return names;
}

std::vector<std::string> attributes_of(const ldap::recorded_request& request) {
    std::vector<std::string> names;
    const auto* const m = std::get_if<ldap::recorded_modify>(&request);
    if (m == nullptr) return names;
    for (const auto& c : m->changes)
        if (!ldap::is_kept_by_server(c.attribute) && !ascii::iequals(c.attribute, attr::last_change)) names.push_back(c.attribute);
    return names;
}

/// "20261231235959.123456Z" as RFC 3339.
std::string rfc3339_of(const std::string& id) {
    try {
        return timestamp::parse_generalized(id).rfc3339();
    } catch (const invalid_value&) {
        return id;
    }
}

class collector {
public:
    collector(directory& d, std::filesystem::path folder, const history_query& query) : directory_(d), folder_(std::move(folder)), query_(query) {}

    history collect() && {
        if (query_.name) learn_entries();
        if (query_.journals) each_record([this](const auto& heading, const auto& id, const auto& r) { take(heading, id, r); });
        if (query_.server) read_server();
        std::stable_sort(all_.events.begin(), all_.events.end(), [](const history_event& a, const history_event& b) { return a.time < b.time; });
        return std::move(all_);
    }

private:
    using record_visitor = std::function<void(const journal_heading&, const std::string&, const journal_record&)>;

    void each_record(const record_visitor& visit) {
        for (const auto& file : list_journals(folder_)) {
            try {
                journal_reader reader(file);
                while (const auto r = reader.next()) visit(reader.heading(), journal_id(file), *r);
            } catch (const error& e) {
                if (std::find(all_.faults.begin(), all_.faults.end(), e.what()) == all_.faults.end()) all_.faults.emplace_back(e.what());
            }
        }
    }

    /// The entry may have had another name, and may be gone.
    void learn_entries() {
        const auto named_so = ldap::filter::any_of({ldap::filter::equal(attr::mail, *query_.name), ldap::filter::equal(attr::vd, *query_.name)});
        const auto present = directory_.session().search({directory_.site().layout.container(), ldap::scope::subtree, named_so, {std::string(attr::entry_uuid)}});
        for (const auto& e : present) entries_.insert(e.first(attr::entry_uuid).value_or(""));
        each_record([this](const auto&, const auto&, const journal_record& r) {
            if (ascii::iequals(r.subject, *query_.name) || ascii::iequals(naming::subject_of(ldap::target(r.request)), *query_.name)) entries_.insert(r.entry_uuid);
        });
        entries_.erase("");
    }

    bool is_wanted(const std::string& time, const std::string& subject, const ldap::dn& name, const std::string& uuid) const {
        if (!query_.since.empty() && time < query_.since) return false;
        if (!query_.name) return true;
        return ascii::iequals(subject, *query_.name) || ascii::iequals(naming::subject_of(name), *query_.name) || (!uuid.empty() && entries_.contains(uuid));
    }

    void take(const journal_heading& heading, const std::string& id, const journal_record& r) {
        if (!r.version.empty()) told_.insert(r.version);
        if (const auto csn = r.before && std::holds_alternative<ldap::delete_request>(r.request) ? r.before->first(attr::entry_uuid) : std::nullopt) removed_.insert(*csn);
        const ldap::dn& name = ldap::target(r.request);
        if (r.subject.empty() || !is_wanted(r.time, r.subject, name, r.entry_uuid)) return; // without a subject: our own bookkeeping
        all_.events.push_back({.time = r.time,
                               .who = author_of(heading.identity),
                               .user = heading.user,
                               .host = heading.host,
                               .job = heading.job,
                               .subject = r.subject,
                               .action = r.action,
                               .attributes = attributes_of(r.request),
                               .result = r.result.empty() ? "no answer" : r.result,
                               .journal = id,
                               .id = id});
    }

    void read_server() {
        const auto log = ldap::find_access_log(directory_.session(), directory_.site().layout.container());
        if (!log) return;
        all_.has_server_record = true;
        ldap::access_log_query asked{.within = directory_.site().layout.container()};
        if (!query_.since.empty()) asked.since = timestamp::parse(query_.since, time_zone::named("UTC")).generalized();
        ldap::for_each_access_record(
            directory_.session(), *log, asked, [this](ldap::access_record&& r) { take(r); },
            [this](ldap::unreadable_record&& bad) { all_.faults.push_back(fmt::format("{}: {}", bad.name.text(), bad.why)); });
    }

    void take(const ldap::access_record& r) {
        constexpr std::array<std::string_view, 4> kinds = {"added", "changed", "removed", "renamed"};
        const bool ours = (!r.csn.empty() && told_.contains(r.csn)) || (std::holds_alternative<ldap::recorded_delete>(r.change) && removed_.contains(r.entry_uuid));
        const std::string time = rfc3339_of(r.id), subject = naming::subject_of(r.target);
        if (ours || is_bookkeeping(r) || !is_wanted(time, subject, r.target, r.entry_uuid)) return;
        all_.events.push_back({.time = time,
                               .who = author_of(r.author),
                               .user = {},
                               .host = {},
                               .job = {},
                               .subject = subject,
                               .action = std::string(kinds[r.change.index()]),
                               .attributes = attributes_of(r.change),
                               .result = r.code == 0 ? "done" : "refused",
                               .journal = {},
                               .id = r.id});
    }

    static bool is_bookkeeping(const ldap::access_record& r) {
        const auto names = attributes_of(r.change);
        return !names.empty() && std::all_of(names.begin(), names.end(), [](const std::string& n) { return ascii::iequals(n, attr::reservation) || ascii::iequals(n, attr::object_class); });
    }

    directory& directory_;
    std::filesystem::path folder_;
    const history_query& query_;
    history all_;
    std::unordered_set<std::string> entries_; ///< entryUUIDs of what has or had the name
    std::unordered_set<std::string> told_;    ///< versions that a journal tells of
    std::unordered_set<std::string> removed_; ///< entryUUIDs of what a journal tells to be gone
};

} // namespace

history read_history(directory& d, const std::filesystem::path& journal_folder, const history_query& query) { return collector(d, journal_folder, query).collect(); }

} // namespace vmail
