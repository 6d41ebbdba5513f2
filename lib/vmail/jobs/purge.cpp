#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/ldap/filter.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/printable.hpp>

#include <vmail/draft.hpp>
#include <vmail/jobs/folder_owners.hpp>
#include <vmail/jobs/purge.hpp>
#include <vmail/mail_store/folder_path.hpp>
#include <vmail/naming.hpp>
#include <vmail/schema.hpp>
#include <vmail/standing.hpp>

namespace vmail {

namespace {

namespace attr = schema::attr;
using ldap::filter;

std::string value_of(const ldap::entry& e, std::string_view name) { return e.first(name).value_or(""); }

/// Where whose mail lies is hidden nobody can tell what is nobody's.
const std::vector<std::string>& folders_of(const ldap::entry& e) {
    const auto* const all = e.find(attr::mailbox);
    if (all == nullptr || !e.has(attr::vd_home)) throw denied(fmt::format("where the mail of {} lies may not be read: nothing can be said of what is nobody's", printable(naming::subject_of(e))), {.dn = e.dn().text()});
    return *all;
}

/// When the server last changed it: whatever was done to it before, it was done by then.
timestamp last_touched(const ldap::entry& e) {
    const std::string csn = value_of(e, attr::entry_csn); // 20261231235959.123456Z#000000#000#000000
    if (csn.size() < 14) throw invalid_value("nothing tells when it was removed", {.dn = e.dn().text()});
    return timestamp::parse_digits(std::string_view(csn).substr(0, 14));
}

/// Where no moment was recorded, or one that is none, the last change of all.
template <typename Entity> timestamp removed_at(const stored<Entity>& e) {
    return e->removed_at && !e->has_problem(attr::removed_at) ? *e->removed_at : last_touched(e.source);
}

/// Whether two entries of one name are the same one.
bool same_version(const ldap::entry& e, const purge_item& item) {
    return value_of(e, attr::entry_uuid) == item.entry_uuid && value_of(e, attr::entry_csn) == item.entry_csn;
}

struct candidate {
    std::optional<stored<mailbox>> box{};
    std::optional<stored<alias>> other{};
    timestamp removed;
    bool marked; ///< itself, and not its domain alone

    const ldap::entry& source() const { return box ? box->source : other->source; }
};

purge_item item_of(const candidate& c, const purge_options& o) {
    const ldap::entry& e = c.source();
    purge_item item{.subject = naming::subject_of(e),
                    .domain = "",
                    .dn = e.dn().text(),
                    .entry_uuid = value_of(e, attr::entry_uuid),
                    .entry_csn = value_of(e, attr::entry_csn),
                    .removed = c.removed};
    if (c.box && !o.other_domains) item.domain = c.box->value.address.domain().text();
    return item;
}

class planner {
public:
    planner(directory& d, const purge_options& o) : directory_(d), options_(o), draft_(d) {}

    purge_plan make() && {
        require_sight(directory_.session(), directory_.site());
        if (options_.domain) directory_.get<domain>(*options_.domain);
        find_domains();
        find_mailboxes();
        find_aliases();
        std::stable_sort(all_.begin(), all_.end(), [](const candidate& a, const candidate& b) { return a.removed < b.removed; });
        if (options_.only) keep_only();
        if (options_.most && all_.size() > *options_.most) {
            made_.waiting += all_.size() - *options_.most;
            all_.erase(all_.begin() + static_cast<std::ptrdiff_t>(*options_.most), all_.end());
        }
        look_at_folders();
        for (const candidate& c : all_) plan_one(c);
        made_.plan = std::move(draft_).take();
        assert_removed();
        return std::move(made_);
    }

    plan make_domains() && {
        require_sight(directory_.session(), directory_.site());
        find_domains();
        for (const auto& [name, found] : domains_) remove_if_empty(found.first);
        plan made = std::move(draft_).take();
        called_purged(made);
        return made;
    }

private:
    /// A removal by hand leaves the mail where it is.
    static void called_purged(plan& p) {
        for (planned_change& c : p.changes)
            if (c.action == "removed") c.action = "purged";
    }

    void require_running() const {
        if (options_.stop && options_.stop()) throw error(error_kind::interrupted, "interrupted: nothing was changed");
    }

    bool is_due(timestamp removed) {
        const bool due = removed <= options_.removed_before;
        if (!due) ++made_.waiting;
        return due;
    }

    void find_domains() {
        for (auto& d : directory_.list<domain>({.filter = filter::equal(attr::delete_, "TRUE"), .removed = true}).items) {
            if (options_.domain && !(d->name == *options_.domain)) continue;
            const timestamp removed = removed_at(d);
            if (is_due(removed)) domains_.emplace(d->name.text(), std::pair(std::move(d), removed));
        }
    }

    /// What it still holds is not due, or was refused, which is told there.
    void remove_if_empty(const stored<domain>& d) {
        try {
            draft_.remove(d);
        } catch (const error& e) {
            if (e.remedy() != remedy::empty_domain_or_mark_removed) throw;
        }
    }

    template <typename Entity> void each(const list_options& what, const std::function<void(stored<Entity>&&)>& visit) {
        directory_.for_each<Entity>(
            what,
            [&](stored<Entity>&& e) {
                require_running();
                visit(std::move(e));
            },
            [&](unreadable_entry&& bad) { made_.unreadable.push_back(std::move(bad)); });
    }

    void find_mailboxes() {
        each<mailbox>({.domain = options_.domain, .filter = filter::equal(attr::delete_, "TRUE"), .removed = true}, [&](stored<mailbox>&& m) {
            const timestamp removed = removed_at(m);
            if (!is_due(removed)) return;
            all_.push_back({.box = std::move(m), .removed = removed, .marked = true});
        });
        for (const auto& [name, found] : domains_)
            each<mailbox>({.domain = found.first->name}, [&, when = found.second](stored<mailbox>&& m) { all_.push_back({.box = std::move(m), .removed = when, .marked = false}); });
    }

    void find_aliases() {
        for (const auto& [name, found] : domains_)
            each<alias>({.domain = found.first->name, .removed = true}, [&, when = found.second](stored<alias>&& a) {
                if (!directory_.site().role_addresses.has(a->address.local_part())) all_.push_back({.other = std::move(a), .removed = when, .marked = false});
            });
    }

    /// In the order of what was found then; of what is not as it was then, the fault is told.
    void keep_only() {
        std::map<std::string, candidate*> by_uuid;
        for (candidate& c : all_) by_uuid.emplace(value_of(c.source(), attr::entry_uuid), &c);
        std::vector<candidate> kept;
        for (const purge_item& item : *options_.only) {
            const auto it = by_uuid.find(item.entry_uuid);
            if (it != by_uuid.end() && same_version(it->second->source(), item)) kept.push_back(std::move(*it->second));
            else refuse(item, conflict(fmt::format("{}: it is not as it was when the plan was made: it is left as it is", printable(item.subject)), {.dn = item.dn}));
        }
        all_ = std::move(kept);
        made_.waiting = 0;
    }

    void refuse(const purge_item& item, const error& why) {
        made_.items.push_back(item);
        draft_.fail(item.subject, why);
    }

    void look_at_folders() {
        bool any = false;
        for (const candidate& c : all_)
            if (c.box) {
                owners_.ask(jobs::below(c.box->value.home, c.box->value.path), value_of(c.source(), attr::entry_uuid));
                tails_.ask(c.box->value.path, value_of(c.source(), attr::entry_uuid));
                any = true;
            }
        if (!any) return;
        directory_.session().for_each(
            {directory_.site().layout.container(), ldap::scope::subtree, filter::present(attr::mailbox), {std::string(attr::mailbox), std::string(attr::vd_home), std::string(attr::mail), std::string(attr::entry_uuid)}},
            [&](ldap::entry&& e) {
                require_running();
                see(e);
            });
    }

    /// A home that is not below the one of all mail may be another way to it: then the path alone counts.
    void see(const ldap::entry& e) {
        const std::string uuid = value_of(e, attr::entry_uuid), home = value_of(e, attr::vd_home), name = naming::subject_of(e);
        const std::string plain = jobs::plain_path(home), root = jobs::plain_path(options_.mail_home);
        const bool is_below = plain == root || plain.starts_with(root + '/');
        for (const std::string& path : folders_of(e)) {
            owners_.see(jobs::below(home, path), uuid, name);
            if (!is_below) tails_.see(path, uuid, name);
        }
    }

    void plan_one(const candidate& c) {
        purge_item item = item_of(c, options_);
        try {
            if (c.box) item.folder = require_own_folder(*c.box, item);
            const std::size_t number = draft_.items();
            if (c.box) draft_.remove(*c.box);
            else draft_.remove(*c.other);
            if (c.marked) marked_.push_back(number);
            made_.items.push_back(std::move(item));
        } catch (const error& e) {
            if (!e.session_usable()) throw;
            refuse(item, e);
        }
    }

    std::string require_own_folder(const stored<mailbox>& m, const purge_item& item) const {
        const auto* const all = m.source.find(attr::mailbox);
        if (all == nullptr || all->size() != 1 || m.source.find(attr::vd_home) == nullptr) throw invalid_value(fmt::format("{}: it has no folder of mail, or several", printable(item.subject)));
        const std::string relative = folder_below(options_.mail_home, m->home, m->path);
        mail_store::folder_path::parse(relative, item.domain);
        const std::string whole = jobs::below(m->home, m->path);
        auto fault = owners_.fault_of(whole);
        if (!fault) fault = tails_.fault_of(m->path);
        if (fault) throw invalid_value(fmt::format("{}: nothing is done to the folder {}: {}", printable(item.subject), vmail::quoted(m->path), *fault), {.dn = item.dn});
        return relative;
    }

    /// The version says it all; the mark says it once more, to the server that judges.
    void assert_removed() {
        called_purged(made_.plan);
        for (planned_change& c : made_.plan.changes)
            if (std::find(marked_.begin(), marked_.end(), c.item) != marked_.end())
                for (ldap::write_request& r : c.requests)
                    if (auto* const removal = std::get_if<ldap::delete_request>(&r); removal != nullptr && removal->dn.text() == made_.items.at(c.item).dn)
                        removal->guard.also.push_back(filter::equal(attr::delete_, "TRUE"));
    }

    directory& directory_;
    const purge_options& options_;
    draft draft_;
    purge_plan made_{};
    std::map<std::string, std::pair<stored<domain>, timestamp>> domains_{};
    std::vector<candidate> all_{};
    std::vector<std::size_t> marked_{};
    jobs::folder_owners owners_{}, tails_{};
};

bool is_marked(const ldap::entry& e) { return e.first(attr::delete_) == "TRUE"; }

} // namespace

purge_plan plan_purge(directory& d, const purge_options& options) { return planner(d, options).make(); }

plan plan_domain_purge(directory& d, const purge_options& options) { return planner(d, options).make_domains(); }

ldap::entry require_still_removed(directory& d, const purge_item& item) {
    const auto name = ldap::dn::parse(item.dn);
    const auto there = d.session().find(name, ldap::whole_entry());
    const auto above = d.session().find(name.parent(), {std::string(attr::delete_)});
    const bool removed = there && (is_marked(*there) || (above && is_marked(*above)));
    if (!removed || !same_version(*there, item))
        throw conflict(fmt::format("{}: somebody changed it meanwhile: it is left as it is", printable(item.subject)), {.dn = item.dn});
    return *there;
}

std::optional<ldap::entry> find_by_uuid(directory& d, const std::string& entry_uuid) {
    auto found = d.session().search({d.site().layout.container(), ldap::scope::subtree, filter::equal(attr::entry_uuid, entry_uuid), ldap::whole_entry()});
    return found.empty() ? std::nullopt : std::optional(std::move(std::move(found).take().front()));
}

std::string folder_below(const std::string& mail_home, const std::string& home, const std::string& path) {
    const auto bare = [](std::string_view text) {
        while (text.size() > 1 && text.ends_with('/')) text.remove_suffix(1);
        return std::string(text);
    };
    const std::string root = bare(mail_home), whole = bare(home);
    if (whole == root) return path;
    if (!whole.starts_with(root == "/" ? root : root + '/')) throw invalid_value(fmt::format("its mail lies below {}, which is not below {}", vmail::quoted(home), printable(root)));
    return whole.substr(root == "/" ? 1 : root.size() + 1) + '/' + path;
}

std::vector<std::string> without_owner(directory& d, const std::string& mail_home, std::vector<std::string> folders) {
    require_sight(d.session(), d.site());
    jobs::folder_owners owners;
    for (const std::string& f : folders) owners.ask(jobs::below(mail_home, f), "");
    d.session().for_each({d.site().layout.container(), ldap::scope::subtree, filter::present(attr::mailbox), {std::string(attr::mailbox), std::string(attr::vd_home)}}, [&](ldap::entry&& e) {
        for (const std::string& path : folders_of(e)) owners.see(jobs::below(value_of(e, attr::vd_home), path), "", "");
    });
    std::erase_if(folders, [&](const std::string& f) { return owners.is_known(jobs::below(mail_home, f)); });
    return folders;
}

} // namespace vmail
