#include <algorithm>
#include <map>
#include <set>
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

/// Where no moment was recorded, or one that is none, the last change of all. A page that brings back and removes again knows nothing of our record, and a backup brings
/// back an old one: it was removed no earlier than lastChange says, which all of them write.
template <typename Entity> timestamp removed_at(const stored<Entity>& e) {
    if (!e->removed_at || e->has_problem(attr::removed_at)) return last_touched(e.source);
    return e->changed ? std::max(*e->removed_at, std::min(*e->changed, last_touched(e.source))) : *e->removed_at;
}

/// Whether two entries of one name are the same one.
bool same_version(const ldap::entry& e, const purge_item& item) {
    return value_of(e, attr::entry_uuid) == item.entry_uuid && value_of(e, attr::entry_csn) == item.entry_csn;
}

/// What goes together: a mailbox, or a domain with all that is in it.
struct candidate {
    ldap::entry source;                    ///< of the mailbox, or the domain
    timestamp removed;
    std::optional<stored<domain>> whole{};
    std::vector<ldap::entry> contents{};   ///< of the domain
    std::optional<error> fault{};          ///< known already

    std::size_t size() const noexcept { return contents.size() + 1; }
};

bool is_mailbox(const ldap::entry& e) { return e.has_class(schema::cls::account); }
bool is_marked(const ldap::entry& e) { return e.first(attr::delete_) == "TRUE"; }

purge_item item_of(const ldap::entry& e, timestamp removed) {
    return {.subject = naming::subject_of(e), .domain = "", .dn = e.dn().text(), .entry_uuid = value_of(e, attr::entry_uuid), .entry_csn = value_of(e, attr::entry_csn), .removed = removed};
}

error about(const std::string& subject, const error& why) {
    return error(why.kind(), fmt::format("{}: nothing of it is purged: {}", printable(subject), why.what()), {.dn = why.dn(), .hint = why.hint(), .remedy = why.remedy(), .subject = why.subject()});
}

std::string mark_of(const std::string& folder) { return fmt::format("{:016x}", ascii::ihash(jobs::plain_path(folder))); }

class planner {
public:
    planner(directory& d, const purge_options& o) : directory_(d), options_(o), draft_(d) {}

    purge_plan make() && {
        require_sight(directory_.session(), directory_.site());
        if (options_.domain) directory_.get<domain>(*options_.domain);
        find_domains();
        find_mailboxes();
        std::stable_sort(all_.begin(), all_.end(), [](const candidate& a, const candidate& b) { return a.removed < b.removed; });
        if (options_.only) keep_only();
        look_at_folders();
        for (candidate& c : all_) plan_one(c);
        made_.plan = std::move(draft_).take();
        assert_removed();
        return std::move(made_);
    }

private:
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
            require_running();
            if (options_.domain && !(d->name == *options_.domain)) continue;
            const timestamp removed = removed_at(d);
            if (!is_due(removed)) continue;
            due_domains_.insert(d.source.dn().key());
            ldap::entry source = d.source;
            candidate c{.source = std::move(source), .removed = removed, .whole = std::move(d)};
            if (fill(c)) add(std::move(c));
        }
    }

    /// False: something that was removed in it by itself is to wait, and so is the domain.
    bool fill(candidate& c) {
        c.contents = directory_.session().search({c.source.dn(), ldap::scope::children, filter::present(attr::object_class), ldap::whole_entry()}).take();
        return std::all_of(c.contents.begin(), c.contents.end(), [&](const ldap::entry& e) { return is_due(moment_of(e, c)); });
    }

    /// That of its domain, unless it was removed by itself. What makes no sense is a fault of all.
    timestamp moment_of(const ldap::entry& e, candidate& c) const {
        try {
            if (!is_mailbox(e) && !e.has_class(schema::cls::alias)) throw invalid_value(fmt::format("{} is neither a mailbox nor an alias", printable(naming::subject_of(e))), {.dn = e.dn().text()});
            if (is_mailbox(e) && is_marked(e)) return removed_at(as<mailbox>(e));
        } catch (const invalid_value& why) {
            if (!c.fault) c.fault = why;
        }
        return c.removed;
    }

    template <typename Entity> stored<Entity> as(const ldap::entry& e) const { return {Entity::from_entry(e, directory_.site()), e}; }

    void add(candidate&& c) {
        if (!options_.without.contains(c.source.dn().text())) all_.push_back(std::move(c));
    }

    /// What lies in a domain that is due goes with it, or waits with it.
    void find_mailboxes() {
        directory_.for_each<mailbox>(
            {.domain = options_.domain, .filter = filter::equal(attr::delete_, "TRUE"), .removed = true},
            [&](stored<mailbox>&& m) {
                require_running();
                if (due_domains_.contains(m.source.dn().parent().key())) return;
                const timestamp removed = removed_at(m);
                if (is_due(removed)) add({.source = std::move(m.source), .removed = removed});
            },
            [&](unreadable_entry&& bad) { made_.unreadable.push_back(std::move(bad)); });
    }

    // ---- as it was found then

    /// Of what is gone there is nothing to do; of what is not as it was then, the fault is told.
    void keep_only() {
        std::map<std::string, const purge_item*> written;
        for (const purge_item& item : *options_.only) written.emplace(item.entry_uuid, &item);
        std::set<std::string> found;
        std::vector<candidate> kept;
        for (candidate& c : all_) {
            const bool any = is_written(c, written, found);
            if (any && is_as_written(c, written)) kept.push_back(std::move(c));
            else if (any) refuse({item_of(c.source, c.removed)}, not_as_planned(naming::subject_of(c.source), c.source.dn().text()));
        }
        for (const purge_item& item : *options_.only)
            if (!found.contains(item.entry_uuid)) settle_unfound(item);
        all_ = std::move(kept);
        made_.waiting = 0;
    }

    static conflict not_as_planned(const std::string& subject, const std::string& dn) {
        return conflict(fmt::format("{}: it is not as it was when the plan was made: it is left as it is", printable(subject)), {.dn = dn});
    }

    static bool is_written(const candidate& c, const std::map<std::string, const purge_item*>& written, std::set<std::string>& found) {
        bool any = false;
        const auto look = [&](const ldap::entry& e) {
            const std::string uuid = value_of(e, attr::entry_uuid);
            if (!written.contains(uuid)) return;
            found.insert(uuid);
            any = true;
        };
        look(c.source);
        std::for_each(c.contents.begin(), c.contents.end(), look);
        return any;
    }

    static bool is_as_written(const candidate& c, const std::map<std::string, const purge_item*>& written) {
        const auto same = [&](const ldap::entry& e) {
            const auto it = written.find(value_of(e, attr::entry_uuid));
            return it != written.end() && same_version(e, *it->second);
        };
        return same(c.source) && std::all_of(c.contents.begin(), c.contents.end(), same);
    }

    void settle_unfound(const purge_item& item) {
        if (find_by_uuid(directory_, item.entry_uuid)) return refuse({item}, not_as_planned(item.subject, item.dn));
        draft_.leave(item.subject, "it is gone already");
        keep({item});
    }

    // ---- where its mail lies

    void look_at_folders() {
        bool any = false;
        for (const candidate& c : all_)
            each_entry(c, [&](const ldap::entry& e) {
                if (!is_mailbox(e)) return;
                const auto* const paths = e.find(attr::mailbox);
                for (const std::string& path : paths != nullptr ? *paths : std::vector<std::string>{}) {
                    owners_.ask(jobs::below(value_of(e, attr::vd_home), path), value_of(e, attr::entry_uuid));
                    tails_.ask(path, value_of(e, attr::entry_uuid));
                    any = true;
                }
            });
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

    static void each_entry(const candidate& c, const std::function<void(const ldap::entry&)>& visit) {
        std::for_each(c.contents.begin(), c.contents.end(), visit);
        visit(c.source);
    }

    std::string require_own_folder(const ldap::entry& e, const purge_item& item) const {
        const auto* const all = e.find(attr::mailbox);
        if (all == nullptr || all->size() != 1 || e.find(attr::vd_home) == nullptr) throw invalid_value(fmt::format("{}: it has no folder of mail, or several", printable(item.subject)));
        const std::string home = value_of(e, attr::vd_home), &path = all->front();
        const std::string relative = folder_below(options_.mail_home, home, path);
        mail_store::folder_path::parse(relative, item.domain);
        auto fault = owners_.fault_of(jobs::below(home, path));
        if (!fault) fault = tails_.fault_of(path);
        if (fault) throw invalid_value(fmt::format("{}: nothing is done to the folder {}: {}", printable(item.subject), vmail::quoted(path), *fault), {.dn = item.dn});
        return relative;
    }

    // ---- the plan

    void plan_one(candidate& c) {
        std::vector<purge_item> items;
        try {
            if (c.fault) c.fault->raise();
            each_entry(c, [&](const ldap::entry& e) { items.push_back(c.whole ? named_item(e, c) : complete_item(e, c)); });
            if (!has_room(c)) return;
            if (c.whole) draft_.remove_whole(*c.whole, c.contents);
            else draft_.remove(as<mailbox>(c.source));
            keep(std::move(items));
            planned_ += c.size();
        } catch (const error& e) {
            if (!e.session_usable()) throw;
            refuse({item_of(c.source, c.removed)}, c.whole ? about(c.whole->value.name.text(), e) : e);
        }
    }

    purge_item complete_item(const ldap::entry& e, candidate& c) const {
        purge_item item = item_of(e, c.whole ? moment_of(e, c) : c.removed);
        if (!is_mailbox(e)) return item;
        if (!options_.other_domains) item.domain = as<mailbox>(e).value.address.domain().text();
        item.folder = require_own_folder(e, item);
        return item;
    }

    /// Of a domain it is told which of all it was.
    purge_item named_item(const ldap::entry& e, candidate& c) const {
        try {
            return complete_item(e, c);
        } catch (const error& why) {
            const std::string subject = printable(naming::subject_of(e));
            if (std::string_view(why.what()).starts_with(subject)) throw;
            throw error(why.kind(), fmt::format("{}: {}", subject, why.what()), {.dn = e.dn().text(), .hint = why.hint(), .remedy = why.remedy(), .subject = why.subject()});
        }
    }

    bool has_room(const candidate& c) {
        if (!options_.most) return true;
        const std::size_t left = options_.left.value_or(*options_.most);
        if (planned_ + c.size() <= left) return true;
        if (c.size() > *options_.most && planned_ < left)
            throw limit_exceeded(fmt::format("it is {} entries, and no more than {} are to go", c.size(), *options_.most), {.dn = c.source.dn().text(), .subject = naming::subject_of(c.source)});
        made_.waiting += c.size();
        made_.held_back = true;
        return false;
    }

    void keep(std::vector<purge_item> items) {
        for (std::size_t i = 0; i < items.size(); ++i) made_.places.emplace(items[i].dn, std::pair(made_.items.size(), i));
        made_.items.push_back(std::move(items));
    }

    void refuse(std::vector<purge_item> items, const error& why) {
        draft_.fail(items.back().subject, why);
        keep(std::move(items));
    }

    /// A removal by hand leaves the mail where it is. The version says that it is removed; the mark says it once more, to the server that judges.
    void assert_removed() {
        for (planned_change& c : made_.plan.changes) {
            if (c.action == "removed") c.action = "purged";
            const purge_item* const item = made_.removed_by(c);
            if (item == nullptr || item != &made_.items.at(c.item).back()) continue;
            for (ldap::write_request& r : c.requests)
                if (auto* const removal = std::get_if<ldap::delete_request>(&r); removal != nullptr && removal->dn.text() == item->dn) removal->guard.also.push_back(filter::equal(attr::delete_, "TRUE"));
        }
    }

    directory& directory_;
    const purge_options& options_;
    draft draft_;
    purge_plan made_{};
    std::vector<candidate> all_{};
    std::set<std::string> due_domains_{}; ///< keys of their DNs
    std::size_t planned_ = 0;             ///< entries
    jobs::folder_owners owners_{}, tails_{};
};

} // namespace

const purge_item* purge_plan::removed_by(const planned_change& c) const {
    for (const auto& r : c.requests) {
        if (!std::holds_alternative<ldap::delete_request>(r)) continue;
        const auto it = places.find(ldap::target(r).text());
        if (it != places.end() && it->second.first == c.item) return &items.at(c.item).at(it->second.second);
    }
    return nullptr;
}

purge_plan plan_purge(directory& d, const purge_options& options) { return planner(d, options).make(); }

timestamp moment_of_removal(const stored<domain>& d) { return removed_at(d); }

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

std::string folder_mark(const std::string& mail_home, const std::string& folder) { return mark_of(jobs::below(mail_home, folder)); }

std::optional<std::string> owner_of_marked(directory& d, const std::string& mark) {
    require_sight(d.session(), d.site());
    std::optional<std::string> owner;
    d.session().for_each({d.site().layout.container(), ldap::scope::subtree, filter::present(attr::mailbox), {std::string(attr::mailbox), std::string(attr::vd_home), std::string(attr::mail)}}, [&](ldap::entry&& e) {
        for (const std::string& path : folders_of(e))
            if (mark_of(jobs::below(value_of(e, attr::vd_home), path)) == mark) owner = naming::subject_of(e);
    });
    return owner;
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
