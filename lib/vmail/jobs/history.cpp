#include <algorithm>
#include <array>
#include <map>
#include <type_traits>
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

static_assert(std::is_same_v<std::variant_alternative_t<2, ldap::write_request>, ldap::delete_request> && std::is_same_v<std::variant_alternative_t<2, ldap::recorded_request>, ldap::recorded_delete>);

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

std::string up_to(const std::string& text, char end) { return text.substr(0, text.find(end)); }

/// The server's clock comes first: entryCSN begins with it. What leaves no version behind, an entry's end or what was refused, has a moment by ours; where an old
/// journal has none, it is put at the end of its second.
std::string order_of(const journal_record& r) {
    if (!r.version.empty()) return up_to(r.version, '#');
    if (!r.moment.empty()) return r.moment;
    std::string digits;
    for (const char c : r.time)
        if (ascii::is_digit(c)) digits += c;
    return digits + ".999999Z";
}

class collector {
public:
    collector(directory& d, std::filesystem::path folder, const history_query& query) : directory_(d), folder_(std::move(folder)), query_(query) {}

    history collect() && {
        if (query_.name) learn_entries();
        if (query_.journals) each_record([this](const auto& heading, const auto& id, const auto& r) { take(heading, id, r); });
        if (query_.server) each_server_record([this](const auto& r) { take(r); });
        std::stable_sort(all_.events.begin(), all_.events.end(), [](const history_event& a, const history_event& b) { return a.order < b.order; });
        return std::move(all_);
    }

private:
    using record_visitor = std::function<void(const journal_heading&, const std::string&, const journal_record&)>;

    void each_record(const record_visitor& visit) {
        for (const auto& file : list_journals(folder_)) {
            std::error_code ignored; // one that was killed before it had put anything down
            if (std::filesystem::is_empty(file, ignored)) continue;
            try {
                journal_reader reader(file);
                while (const auto r = reader.next()) visit(reader.heading(), journal_id(file), *r);
            } catch (const error& e) {
                add_fault(e.what());
            }
        }
    }

    /// The entry may have had another name, and may be gone.
    void learn_entries() {
        const auto named_so = ldap::filter::any_of({ldap::filter::equal(attr::mail, *query_.name), ldap::filter::equal(attr::vd, *query_.name)});
        learn_present(named_so);
        if (query_.journals)
            each_record([this](const auto&, const auto&, const journal_record& r) {
                if (ascii::iequals(r.subject, *query_.name) || tells_of(ldap::target(r.request), new_name_of(r.request))) entries_.insert(r.entry_uuid);
            });
        if (query_.server)
            each_server_record([this](const ldap::access_record& r) {
                if (tells_of(r.target, new_name_of(r.change))) entries_.insert(r.entry_uuid);
            });
        entries_.erase("");
    }

    /// Whoever may not see the tree may still have journals.
    void learn_present(const ldap::filter& named_so) {
        try {
            for (const auto& e : directory_.session().search({directory_.site().layout.container(), ldap::scope::subtree, named_so, {std::string(attr::entry_uuid)}}))
                entries_.insert(e.first(attr::entry_uuid).value_or(""));
        } catch (const denied&) { // its top is hidden from us
        } catch (const not_found&) {
        }
    }

    static const ldap::dn* new_name_of(const ldap::write_request& request) {
        const auto* const moved = std::get_if<ldap::rename_request>(&request);
        return moved == nullptr ? nullptr : &moved->new_dn;
    }
    static const ldap::dn* new_name_of(const ldap::recorded_request& request) {
        const auto* const moved = std::get_if<ldap::recorded_rename>(&request);
        return moved == nullptr ? nullptr : &moved->new_dn;
    }
    bool tells_of(const ldap::dn& before, const ldap::dn* after) const {
        return ascii::iequals(naming::subject_of(before), *query_.name) || (after != nullptr && ascii::iequals(naming::subject_of(*after), *query_.name));
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
        if (is_open(r)) open_.emplace(key_of(r.request.index(), author_of(heading.identity), name), unanswered{all_.events.size(), r.version_before, r.time});
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
                               .id = id,
                               .order = order_of(r)});
    }

    void each_server_record(const std::function<void(const ldap::access_record&)>& visit) {
        const auto log = ldap::find_access_log(directory_.session(), directory_.site().layout.container());
        all_.has_server_record = log.has_value();
        if (!log) return;
        ldap::access_log_query asked{.within = directory_.site().layout.container()};
        if (!query_.since.empty()) asked.since = timestamp::parse(query_.since, time_zone::named("UTC")).generalized();
        ldap::for_each_access_record(
            directory_.session(), *log, asked, [&](ldap::access_record&& r) { visit(r); },
            [this](ldap::unreadable_record&& bad) { add_fault(fmt::format("{}: {}", bad.name.text(), bad.why)); });
    }

    /// Once, though all is read twice for a name.
    void add_fault(const std::string& sentence) {
        if (std::find(all_.faults.begin(), all_.faults.end(), sentence) == all_.faults.end()) all_.faults.push_back(sentence);
    }

    void take(const ldap::access_record& r) {
        constexpr std::array<std::string_view, 4> kinds = {"added", "changed", "removed", "renamed"};
        const bool ours = (!r.csn.empty() && told_.contains(r.csn)) || (std::holds_alternative<ldap::recorded_delete>(r.change) && removed_.contains(r.entry_uuid));
        const std::string time = rfc3339_of(r.id), subject = naming::subject_of(r.target);
        const std::string order = place_of(r);
        if (answers(r, time, order)) return;
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
                               .id = r.id,
                               .order = order});
    }

    /// What a run that was cut did not live to hear, or never heard.
    static bool is_open(const journal_record& r) { return r.result.empty() || r.result == "unknown"; }

    /// The kinds of a journal's requests and of the server's records are in one order.
    static std::string key_of(std::size_t kind, const std::string& author, const ldap::dn& name) { return fmt::format("{} {} {}", kind, ascii::to_lower(author), name.key()); }

    struct unanswered {
        std::size_t event;
        std::string version_before, time;
    };

    /// Whether it is one of those: the first of its kind that the same identity did to the entry since. It is told there, with what the server says.
    bool answers(const ldap::access_record& r, const std::string& time, const std::string& order) {
        const auto [first, last] = open_.equal_range(key_of(r.change.index(), author_of(r.author), r.target));
        const auto it = std::find_if(first, last, [&](const auto& o) {
            const unanswered& u = o.second;
            const bool is_later = !u.version_before.empty() && !r.csn.empty() ? r.csn > u.version_before : time >= u.time;
            return is_later && all_.events[u.event].attributes == attributes_of(r.change);
        });
        if (it == last) return false;
        history_event& e = all_.events[it->second.event];
        e.result = r.code == 0 ? "done" : "refused";
        e.order = order;
        open_.erase(it);
        return true;
    }

    /// What was refused has no version, and the fractions of the server's names for records count operations, not time: it comes right after the one before it.
    std::string place_of(const ldap::access_record& r) {
        std::string place = r.csn.empty() ? std::max(latest_, r.id) : up_to(r.csn, '#');
        latest_ = std::max(latest_, place);
        return place;
    }

    static bool is_bookkeeping(const ldap::access_record& r) {
        const auto names = attributes_of(r.change);
        return !names.empty() && std::all_of(names.begin(), names.end(), [](const std::string& n) { return ascii::iequals(n, attr::reservation) || ascii::iequals(n, attr::next_uid_number) || ascii::iequals(n, attr::object_class); });
    }

    directory& directory_;
    std::filesystem::path folder_;
    const history_query& query_;
    history all_;
    std::unordered_set<std::string> entries_; ///< entryUUIDs of what has or had the name
    std::unordered_set<std::string> told_;    ///< versions that a journal tells of
    std::unordered_set<std::string> removed_; ///< entryUUIDs of what a journal tells to be gone
    std::multimap<std::string, unanswered> open_; ///< of the journals, by what the server tells of them
    std::string latest_;                      ///< where the server's records have come to
};

} // namespace

history read_history(directory& d, const std::filesystem::path& journal_folder, const history_query& query) { return collector(d, journal_folder, query).collect(); }

} // namespace vmail
