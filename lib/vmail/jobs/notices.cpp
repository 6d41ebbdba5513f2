#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <utility>

#include <fmt/format.h>

#include <vmail/alias.hpp>
#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/extension.hpp>
#include <vmail/ldap/filter.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/mailbox.hpp>
#include <vmail/naming.hpp>
#include <vmail/printable.hpp>
#include <vmail/references.hpp>
#include <vmail/routing_targets.hpp>
#include <vmail/schema.hpp>

#include <vmail/jobs/notices.hpp>
#include <vmail/jobs/stored_end.hpp>

namespace vmail {

namespace {

namespace attr = schema::attr;
using ldap::filter;
using who = notice_record::who;

constexpr std::string_view preferred_language = "preferredLanguage";
constexpr unsigned day = 24 * 3600;

unsigned days_until(timestamp end, timestamp now) { return static_cast<unsigned>((end.epoch() - now.epoch() + day - 1) / day); }

/// Of the days that people are told ahead, the least that covers what is left; nothing: it is too early.
std::optional<unsigned> step_of(unsigned days_left, const std::vector<unsigned>& days) {
    std::optional<unsigned> least;
    for (const unsigned d : days)
        if (d >= days_left && (!least || d < *least)) least = d;
    return least;
}

/// The domains whose mail stays here.
class served_domains {
public:
    explicit served_domains(directory& d) : directory_(d) {}

    /// In lower case.
    bool contains(const std::string& name) {
        if (!read_) {
            const filter what = filter::equal(attr::object_class, schema::cls::domain);
            directory_.session().for_each({directory_.site().layout.container(), ldap::scope::one, what, {std::string(attr::vd)}},
                                          [this](ldap::entry&& e) { all_.insert(ascii::to_lower(e.first(attr::vd).value_or(""))); });
            read_ = true;
        }
        return all_.contains(name);
    }

private:
    directory& directory_;
    bool read_ = false;
    std::set<std::string> all_{};
};

class planner {
public:
    planner(directory& d, const notice_options& o, const notice_record& told)
        : directory_(d), options_(o), told_(told), base_(o.domain ? d.site().layout.domain(*o.domain) : d.site().layout.container()),
          end_(d.site()), domains_(d) {}

    notice_plan make() && {
        end_.require_in(session().schema());
        if (options_.domain) directory_.get<domain>(*options_.domain);
        // Whole, or nobody is told anything: what comes last would never be told.
        for (const ldap::entry& e : session().search({base_, ldap::scope::subtree, ending(), needed_attributes()})) look_at(e);
        std::stable_sort(plan_.accounts.begin(), plan_.accounts.end(), [](const auto& a, const auto& b) { return a.end < b.end; });
        for (auto& a : plan_.accounts) a.led_here = led_to(a.address);
        return std::move(plan_);
    }

private:
    ldap::session& session() { return directory_.session(); }

    filter ending() {
        return filter::all_of({naming::mailbox_or_alias(), filter::equal(attr::account_active, "TRUE"), dated()});
    }

    /// Where the server cannot compare, all that have an end.
    filter dated() {
        if (!end_.is_ordered_by(session().schema())) return filter::present(end_.attribute());
        return end_.ended_by(timestamp(options_.as_of.instant() + std::chrono::seconds(std::int64_t{day} * options_.days.front())));
    }

    std::vector<std::string> needed_attributes() const {
        constexpr std::array names = {attr::object_class, attr::mail, attr::cn, attr::account_active, attr::delete_, attr::forward_active, attr::maildrop, attr::may_receive, attr::entry_uuid};
        std::vector<std::string> all(names.begin(), names.end());
        all.emplace_back(end_.attribute());
        all.emplace_back(preferred_language);
        return all;
    }

    void look_at(const ldap::entry& e) {
        if (options_.stop && options_.stop()) throw error(error_kind::interrupted, "interrupted: nobody was told");
        try {
            const auto end = end_.read(e);
            if (end.passed(options_.as_of) || ascii::iequals(e.first(attr::delete_).value_or(""), "TRUE")) return;
            const unsigned left = days_until(end.at(), options_.as_of);
            if (const auto step = step_of(left, options_.days)) meet(e, end, *step, left);
        } catch (const invalid_value& fault) {
            plan_.malformed.push_back({e.dn(), fmt::format("{}: {}", printable(naming::subject_of(e)), fault.what())});
        }
    }

    void meet(const ldap::entry& e, expiry end, unsigned step, unsigned left) {
        ++plan_.ahead;
        ending_account a{.key = {e.first(attr::entry_uuid).value_or(e.dn().key()), end.at()},
                         .address = address::parse(naming::address_text(e)),
                         .name = e.first(attr::cn).value_or(""),
                         .languages = e.first(preferred_language).value_or(""),
                         .end = end,
                         .days = step,
                         .days_left = left,
                         .owner = whether_told(e)};
        a.owner_was_told = told_.was_told(a.key, step, who::owner);
        a.admin_was_told = told_.was_told(a.key, step, who::admin);
        if (!a.admin_was_told || (a.owner == untold::no && !a.owner_was_told)) plan_.accounts.push_back(std::move(a));
    }

    untold whether_told(const ldap::entry& e) {
        if (!e.has_class(schema::cls::account)) return untold::is_alias;
        const auto m = mailbox::from_entry(e, directory_.site());
        if (!m.may_receive) return untold::takes_no_mail;
        if (!m.forward.active || m.forward.targets.empty() || m.forward.keeps_copy(m.address) || options_.outside) return untold::no;
        const auto& all = m.forward.targets;
        const bool stays = std::any_of(all.begin(), all.end(), [this](const maildrop& t) { return is_here(t.text()); });
        return stays ? untold::no : untold::is_forwarded;
    }

    /// Whether any mail to it stays here, however often it is sent on. What nobody takes goes nowhere else.
    bool is_here(const std::string& target, int steps = 10) {
        const auto name = routing::domain_of(target);
        if (!name) return true;
        if (!domains_.contains(*name)) return false;
        const auto e = steps > 0 ? bearer_of(target) : std::nullopt;
        if (!e || (e->has_class(schema::cls::account) && !ascii::iequals(e->first(attr::forward_active).value_or(""), "TRUE"))) return true;
        const auto* const further = e->find(attr::maildrop);
        if (further == nullptr) return true;
        const auto ends_here = [&](const std::string& t) { return ascii::iequals(t, naming::address_text(*e)) || is_here(t, steps - 1); };
        return std::any_of(further->begin(), further->end(), ends_here);
    }

    /// What takes the mail to an address here, or to what is before its extension.
    std::optional<ldap::entry> bearer_of(const std::string& target) {
        try {
            const auto a = address::parse(target);
            auto e = entry_with(a);
            if (const auto shorter = e ? std::nullopt : without_extension(a, directory_.site())) e = entry_with(*shorter);
            return e;
        } catch (const invalid_value&) {
            return std::nullopt;
        }
    }

    std::optional<ldap::entry> entry_with(const address& a) {
        auto found = session().search({directory_.site().layout.container(), ldap::scope::subtree, filter::equal(attr::mail, a.text()),
                                       {std::string(attr::object_class), std::string(attr::mail), std::string(attr::forward_active), std::string(attr::maildrop)}});
        return found.empty() ? std::nullopt : std::optional(std::move(std::move(found).take().front()));
    }

    std::vector<std::string> led_to(const address& a) {
        std::vector<std::string> names;
        for (const auto& e : find_references(session(), directory_.site().layout, a)) {
            auto name = printable(naming::subject_of(e));
            if (!ascii::iequals(name, a.text())) names.push_back(std::move(name));
        }
        std::sort(names.begin(), names.end());
        names.erase(std::unique(names.begin(), names.end()), names.end());
        return names;
    }

    directory& directory_;
    const notice_options& options_;
    const notice_record& told_;
    ldap::dn base_;
    jobs::stored_end end_;
    served_domains domains_;
    notice_plan plan_;
};

/// "it" and its weight of "it;q=0.8", with what stands around it taken away.
std::pair<std::string, double> weighted(std::string_view item) {
    const auto mark = item.find(';');
    std::string tag;
    for (const char c : item.substr(0, mark))
        if (ascii::is_alnum(c) || c == '-') tag += c;
    double weight = 1;
    if (const auto q = mark == std::string_view::npos ? mark : item.find("q=", mark); q != std::string_view::npos) {
        weight = 0;
        std::from_chars(item.data() + q + 2, item.data() + item.size(), weight);
    }
    return {tag, weight};
}

} // namespace

notice_plan plan_notices(directory& d, const notice_options& options, const notice_record& told) { return planner(d, options, told).make(); }

std::string choose_language(std::string_view preferred, const std::function<bool(const std::string&)>& is_there, const std::string& otherwise) {
    std::vector<std::pair<std::string, double>> wanted;
    while (!preferred.empty()) {
        const auto end = std::min(preferred.find(','), preferred.size());
        wanted.push_back(weighted(preferred.substr(0, end)));
        preferred.remove_prefix(std::min(end + 1, preferred.size()));
    }
    std::stable_sort(wanted.begin(), wanted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    for (const auto& [tag, weight] : wanted) {
        if (tag.empty() || tag.size() > 35 || weight <= 0) continue;
        const std::string whole = ascii::to_lower(tag), first = whole.substr(0, whole.find('-'));
        for (const auto& t : {tag, whole, first})
            if (!t.empty() && is_there(t)) return t;
    }
    return otherwise;
}

} // namespace vmail
