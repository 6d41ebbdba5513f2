#include <algorithm>
#include <deque>
#include <set>
#include <unordered_map>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/ldap/filter.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/printable.hpp>
#include <vmail/timestamp.hpp>

#include <vmail/domain_rooms.hpp>
#include <vmail/draft_state.hpp>
#include <vmail/jobs/goal.hpp>
#include <vmail/jobs/known_tree.hpp>
#include <vmail/jobs/passwords.hpp>
#include <vmail/jobs/undo.hpp>
#include <vmail/naming.hpp>
#include <vmail/references.hpp>
#include <vmail/rivals.hpp>
#include <vmail/password_form.hpp>
#include <vmail/schema.hpp>

namespace vmail {

namespace {

namespace attr = schema::attr;
using ldap::filter;

bool is_version(std::string_view name) { return ascii::iequals(name, attr::entry_uuid) || ascii::iequals(name, attr::entry_csn); }

/// A password in clear text, which is never written: others leave such behind, and the server's record has them.
bool is_clear(std::string_view attribute, const std::string& value) {
    return jobs::is_clear_password(attribute) || (jobs::is_user_password(attribute) && !is_password_hash(value));
}

/// The entry as it can be added again: what the server keeps of it comes anew.
ldap::entry as_new(const ldap::entry& e) {
    ldap::entry fresh(e.dn());
    for (const ldap::attribute& a : e.attributes()) {
        std::vector<std::string> values = a.values;
        std::erase_if(values, [&](const std::string& v) { return is_clear(a.name, v); });
        if (!values.empty() && !is_version(a.name) && !ldap::is_kept_by_server(a.name)) fresh.set(a.name, std::move(values));
    }
    return fresh;
}

/// What our own requests did to set places or numbers aside is no change that anybody asked for.
bool is_bookkeeping(const journal_record& r) {
    const auto* const m = std::get_if<ldap::modify_request>(&r.request);
    return m != nullptr && std::any_of(m->changes.begin(), m->changes.end(), [](const auto& c) { return ascii::iequals(c.attribute, attr::reservation) || ascii::iequals(c.attribute, attr::next_uid_number); });
}

ldap::dn name_after(const journal_record& r) {
    if (const auto* const moved = std::get_if<ldap::rename_request>(&r.request)) return moved->new_dn;
    return ldap::target(r.request);
}

/// The names of the attributes that a modify touched, each once, in their order. Classes come first: what needs them follows.
std::vector<std::string> touched_by(const ldap::modify_request& m) {
    std::vector<std::string> names;
    for (const ldap::modification& c : m.changes)
        if (std::none_of(names.begin(), names.end(), [&](const std::string& n) { return ascii::iequals(n, c.attribute); })) names.push_back(c.attribute);
    std::stable_partition(names.begin(), names.end(), [](const std::string& n) { return ascii::iequals(n, attr::object_class); });
    return names;
}

/// The things that are undone as a whole or not at all: what was a renaming or a removal with what led there, or made several entries.
std::set<std::string> bound_things(const std::vector<const journal_record*>& records) {
    std::set<std::string> bound, makes_one;
    for (const journal_record* const r : records) {
        const bool binds = r->action == "moved" || r->action == "led over" || r->action == "renamed" || std::holds_alternative<ldap::delete_request>(r->request);
        const bool makes_another = std::holds_alternative<ldap::add_request>(r->request) && !makes_one.insert(r->thing).second;
        if ((binds || makes_another) && !r->thing.empty()) bound.insert(r->thing);
    }
    return bound;
}

class planner {
public:
    planner(directory& d, const change_record& what)
        : directory_(d), session_(d.session()), what_(what), tree_(d, 0), rooms_(d, token_of(what), plan_.claims) {}

    plan make() && {
        require_same_directory();
        for (const journal_record& r : what_.records)
            if (counts(r)) done_.push_back(&r);
        find_unanswered_additions();
        fill_in_before();
        join_marks();
        for (const journal_record* const r : done_) {
            ours_.insert(r->entry_uuid);
            const auto* const moved = std::get_if<ldap::rename_request>(&r->request);
            if (moved != nullptr && naming::rdn_value(moved->new_dn, attr::vd)) moved_domains_.push_back(r);
            if (!is_bookkeeping(*r)) histories_[identity_of(*r)].push_back(r);
        }
        ours_.erase("");
        const bool is_servers = what_.identity.empty();
        if (is_servers && !done_.empty() && histories_.empty()) throw invalid_value("that set numbers or places aside, which is never taken back");
        find_chains();
        for (auto it = done_.rbegin(); it != done_.rend(); ++it) undo(**it);
        refuse_broken_chains();
        note_circles();
        note_half_renames();
        return std::move(plan_);
    }

private:
    /// The same when the same is undone again.
    static std::string token_of(const change_record& what) {
        std::string all;
        for (const journal_record& r : what.records) all += r.entry_uuid + ' ' + r.version + ' ';
        return fmt::format("{:016x}", std::hash<std::string>()(all));
    }

    void require_same_directory() {
        const auto tree = session_.find(directory_.site().layout.container(), {std::string(attr::entry_uuid)});
        // Who does not see the tree knows it by the server's name alone.
        const bool is_known = tree && !what_.directory.empty();
        if (is_known ? tree->first(attr::entry_uuid) == what_.directory : what_.server.empty() || what_.server == session_.uri()) return;
        throw invalid_value(fmt::format("that was done to another directory, at {}, not to the one at {}", printable(what_.server), printable(session_.uri())));
    }

    /// One that lost its answer, or whose run did not live to see it, counts when the entry is no more what it was before it.
    static bool counts(const journal_record& r) { return r.result == "done" || r.result == "unknown" || r.result.empty(); }

    /// What was added, and answered when nobody was there any more, is what it was to be.
    void find_unanswered_additions() {
        for (const journal_record*& r : done_) {
            if (r->result == "done" || !r->entry_uuid.empty() || !std::holds_alternative<ldap::add_request>(r->request)) continue;
            const auto there = session_.find(ldap::target(r->request), ldap::whole_entry());
            if (!there || !holds_goal(r->request, *there)) continue;
            joined_.push_back(*r);
            joined_.back().entry_uuid = there->first(attr::entry_uuid).value_or("");
            r = &joined_.back();
        }
    }

    /// What an entry was before a request that was not answered follows from those before it.
    void fill_in_before() {
        std::unordered_map<std::string, const journal_record*> last;
        for (const journal_record*& r : done_) {
            if (r->entry_uuid.empty() || is_bookkeeping(*r)) continue;
            const journal_record* const earlier = std::exchange(last[r->entry_uuid], nullptr);
            if (!r->before && r->result != "done" && earlier != nullptr) {
                joined_.push_back(*r);
                joined_.back().before = entry_after(*earlier);
                if (joined_.back().before) joined_.back().before->set_dn(ldap::target(r->request)); // what it lies in may have been renamed meanwhile
                r = &joined_.back();
            }
            last[r->entry_uuid] = r;
        }
    }

    /// By the record alone; nothing where it does not say what was there before.
    static std::optional<ldap::entry> entry_after(const journal_record& r) {
        if (const auto* const a = std::get_if<ldap::add_request>(&r.request)) return a->entry;
        if (!r.before) return std::nullopt;
        ldap::entry after = *r.before;
        if (const auto* const moved = std::get_if<ldap::rename_request>(&r.request)) rename(*moved, after);
        if (const auto* const m = std::get_if<ldap::modify_request>(&r.request))
            for (const ldap::modification& c : m->changes) carry_out(c, after);
        return after;
    }

    static void rename(const ldap::rename_request& moved, ldap::entry& e) {
        if (!moved.keep_old_value)
            for (const ldap::attribute_value& old : moved.dn.rdns().front()) take_value(e, old.type, old.value);
        e.set_dn(moved.new_dn);
        naming::settle(e);
    }

    static void take_value(ldap::entry& e, std::string_view attribute, std::string_view value) {
        const auto* const values = e.find(attribute);
        if (values == nullptr) return;
        std::vector<std::string> left = *values;
        std::erase_if(left, [&](const std::string& v) { return ascii::iequals(v, value); });
        if (left.empty()) e.erase(attribute);
        else e.set(attribute, std::move(left));
    }

    static void carry_out(const ldap::modification& c, ldap::entry& e) {
        if (c.values.empty()) return e.erase(c.attribute);
        if (c.what == ldap::change::replace) return e.set(c.attribute, c.values);
        for (const std::string& v : c.values) {
            take_value(e, c.attribute, v);
            if (c.what == ldap::change::add) e.add_value(c.attribute, v);
        }
    }

    /// An entry that was marked and then deleted comes back as it was before the mark, in one step: marked, it is not added by those who have to mark.
    void join_marks() {
        std::unordered_map<std::string, const journal_record**> last;
        for (const journal_record*& r : done_) {
            const journal_record** const before = std::exchange(last[identity_of(*r)], &r);
            if (before == nullptr || !is_mark_of(**before, *r)) continue;
            joined_.push_back(*r);
            joined_.back().before = (*before)->before;
            *before = nullptr;
            r = &joined_.back();
        }
        std::erase(done_, nullptr);
    }

    static bool is_mark_of(const journal_record& mark, const journal_record& removal) {
        return std::holds_alternative<ldap::modify_request>(mark.request) && std::holds_alternative<ldap::delete_request>(removal.request) && !mark.thing.empty() && mark.thing == removal.thing &&
               mark.action == removal.action && mark.before && removal.result == "done";
    }

    /// The same entry or name twice, a renaming, or an entry and what is below it.
    bool builds_on_itself() const {
        std::set<std::string> entries, names;
        for (const journal_record* const r : done_) {
            if (is_bookkeeping(*r)) continue;
            const bool is_new_entry = entries.insert(identity_of(*r)).second, is_new_name = names.insert(ldap::target(r->request).key()).second;
            if (!is_new_entry || !is_new_name || std::holds_alternative<ldap::rename_request>(r->request)) return true;
        }
        return std::any_of(done_.begin(), done_.end(), [&](const journal_record* r) {
            return !std::holds_alternative<ldap::modify_request>(r->request) && names.contains(ldap::target(r->request).parent().key());
        });
    }

    /// All of it where it builds on itself, or else what is bound.
    void find_chains() {
        is_one_chain_ = builds_on_itself();
        chains_ = bound_things(done_);
    }

    bool is_chained(const journal_record& r) const { return is_one_chain_ || chains_.contains(r.thing); }

    std::size_t item_of(const journal_record& r) {
        if (!is_chained(r)) return items_++;
        const auto [it, is_new] = item_of_chain_.try_emplace(is_one_chain_ ? "" : r.thing, items_);
        if (is_new) ++items_;
        return it->second;
    }

    static std::string identity_of(const journal_record& r) { return r.entry_uuid.empty() ? ldap::target(r.request).key() : r.entry_uuid; }

    /// What the record itself put there has left it by the time that this is undone, or has moved on and so keeps all from being undone.
    bool is_strangers(const ldap::entry& e) const { return !ours_.contains(e.first(attr::entry_uuid).value_or("")); }

    // ---- one record

    void undo(const journal_record& r) {
        if (is_bookkeeping(r)) return;
        auto& known = state_of(r);
        if (--known.left >= known.undone_from) known.checked = true;
        const bool is_as_before = known.left >= known.undone_from;
        const auto lost = is_as_before && r.result == "done" ? lost_by(r) : std::nullopt;
        if ((is_as_before && !lost) || was_not_done(r, known)) return;
        planned_change c{.subject = r.subject.empty() ? ldap::target(r.request).text() : r.subject, .action = "undone", .why = word_for(r)};
        c.item = item_of(r);
        c.stage = is_chained(r) ? plan_.changes.size() : 0;
        try {
            if (lost) throw invalid_value(fmt::format("{} of {} was taken away, and what it was is not on record", *lost, printable(c.subject)), {.dn = ldap::target(r.request).text()});
            require_unmoved(r, known);
            c.claim = known.claim;
            c.requests = std::visit([&](const auto& request) { return inverse(request, r, known); }, r.request);
            if (!is_chained(r)) c.alone = sole_values_of(c.requests);
        } catch (const error& e) {
            if (!e.session_usable()) throw;
            c.fault = e;
            if (is_chained(r)) broken_.insert(c.item);
        }
        comes_back_[identity_of(r)].push_back(plan_.changes.size());
        plan_.changes.push_back(std::move(c));
    }

    /// Of a mailbox that comes back by itself; in a chain its own entries have them in turn.
    static std::vector<sole_value> sole_values_of(const std::vector<ldap::write_request>& requests) {
        const auto* const add = requests.size() == 1 ? std::get_if<ldap::add_request>(&requests.front()) : nullptr;
        return add != nullptr ? vmail::sole_values_of({}, add->entry, sole_value::kind::folder) : std::vector<sole_value>{};
    }

    bool will_be_undone(const std::string& identity) const {
        const auto it = comes_back_.find(identity);
        return it != comes_back_.end() && std::none_of(it->second.begin(), it->second.end(), [this](std::size_t i) { return plan_.changes[i].fault.has_value(); });
    }

    /// What others have made since may lead back to what comes back. It is put back all the same, as it was before.
    void note_circles() {
        draft::state after(directory_, {});
        std::vector<ldap::entry> back;
        for (const auto& [identity, all] : histories_) {
            if (!will_be_undone(identity)) continue;
            const journal_record& first = *all.front();
            for (const journal_record* const r : all) after.will_be(naming::subject_of(name_after(*r)), std::nullopt);
            if (first.before && !std::holds_alternative<ldap::add_request>(first.request)) back.push_back(named_as_before(first));
        }
        for (const ldap::entry& e : back) after.will_be(naming::subject_of(e), e);
        for (const ldap::entry& e : back) note_circle(after, e);
        std::move(after.made.notices.begin(), after.made.notices.end(), std::back_inserter(plan_.notices));
    }

    /// Who takes back the end of a rename that was cut before has it half done again.
    void note_half_renames() {
        std::vector<std::string> domains, others;
        for (const auto& [identity, all] : histories_) {
            const auto state = states_.find(identity);
            const auto& before = all.front()->before;
            if (!before || state == states_.end() || !state->second.entry || !will_be_undone(identity)) continue;
            if (gets_another(attr::vd, *before, *state->second.entry)) domains.push_back(naming::subject_of(before->dn()));
            if (gets_another(attr::mail, *before, *state->second.entry)) others.push_back(naming::subject_of(*before));
        }
        for (const std::string& name : domains.empty() ? others : domains)
            plan_.notices.push_back({name, fmt::format("{} is half renamed then, as an earlier run had left it: undo that as well, or give the same rename again", printable(name))});
    }

    static bool gets_another(std::string_view name, const ldap::entry& before, const ldap::entry& now) {
        const auto *const were = before.find(name), *const are = now.find(name);
        return were != nullptr && are != nullptr && were->size() > 1 && were->size() > are->size();
    }

    /// The entry before its first record: where its domain was moved before that, it goes back with it.
    ldap::entry named_as_before(const journal_record& first) const {
        ldap::entry e = *first.before;
        for (auto it = moved_domains_.rbegin(); it != moved_domains_.rend(); ++it) {
            const auto& moved = std::get<ldap::rename_request>((*it)->request);
            if ((*it)->number < first.number && e.dn().parent() == moved.new_dn) e.set_dn(e.dn().renamed_below(moved.dn));
        }
        return e;
    }

    static void note_circle(draft::state& after, const ldap::entry& e) {
        try {
            if (e.has_class(schema::cls::account)) {
                const auto m = mailbox::from_entry(e, after.site());
                if (m.forward.active) after.note_circle(m.address, m.forward.targets);
            } else if (e.has_class(schema::cls::alias)) {
                const auto a = alias::from_entry(e, after.site());
                after.note_circle(a.address, a.targets);
            }
        } catch (const invalid_value&) { // what others made of it is theirs to know
        }
    }

    /// What the server keeps of an entry is not among what was read of it before: without that the entry looks as if all were undone.
    static std::optional<std::string> lost_by(const journal_record& r) {
        const auto* const m = std::get_if<ldap::modify_request>(&r.request);
        if (m == nullptr || !r.before) return std::nullopt;
        const auto it = std::find_if(m->changes.begin(), m->changes.end(), [&](const ldap::modification& c) {
            return c.what != ldap::change::add && c.values.empty() && !ldap::is_kept_by_server(c.attribute) && !ascii::iequals(c.attribute, attr::last_change) && !r.before->has(c.attribute);
        });
        return it == m->changes.end() ? std::nullopt : std::optional(it->attribute);
    }

    static std::string word_for(const journal_record& r) { return r.action.empty() ? "" : fmt::format("was {}", r.action); }

    struct present {
        std::optional<ldap::entry> entry{}; ///< as it is now
        bool checked = false;               ///< that it is as the latest record left it, or an undoing that was cut
        std::size_t left = 0;               ///< records of it that are still to be looked at
        std::size_t undone_from = 0;        ///< from this one on an earlier run has undone them
        std::optional<std::size_t> claim{}; ///< what it takes of its domain's limits when all is undone
    };

    /// Of the latest record of an entry, first.
    present& state_of(const journal_record& latest) {
        const auto [it, is_new] = states_.try_emplace(identity_of(latest));
        present& now = it->second;
        if (!is_new) return now;
        const auto& all = histories_.at(it->first);
        now.left = now.undone_from = all.size();
        now.entry = find(latest);
        const bool removed = std::holds_alternative<ldap::delete_request>(latest.request);
        if (!now.entry && removed) now.entry = find_added_again(all, ldap::target(latest.request));
        if (!now.entry && !removed && is_chained(latest)) now.entry = find_kept_again(latest);
        if (now.entry) now.undone_from = state_among(all, *now.entry);
        else if (!removed && std::holds_alternative<ldap::add_request>(all.front()->request)) now.undone_from = 0;
        return now;
    }

    using history_of_entry = std::vector<const journal_record*>;

    std::optional<ldap::entry> find_added_again(const history_of_entry& all, const ldap::dn& name) {
        auto there = session_.find(name, ldap::whole_entry());
        if (there && state_among(all, *there) < all.size()) return there;
        return std::nullopt;
    }

    /// The same name, or the one that it has, or had, by the renaming of its domain.
    bool is_same_place(const ldap::dn& a, const ldap::dn& b) const {
        return a == b || std::any_of(moved_domains_.begin(), moved_domains_.end(), [&](const journal_record* r) {
            const auto& moved = std::get<ldap::rename_request>(r->request);
            return (a.parent() == moved.new_dn && b == a.renamed_below(moved.dn)) || (a.parent() == moved.dn && b == a.renamed_below(moved.new_dn));
        });
    }

    /// The alias that a rename has kept, made anew by who took the undoing of the rename back.
    std::optional<ldap::entry> find_kept_again(const journal_record& r) {
        auto there = session_.find(name_after(r), ldap::whole_entry());
        if (!there || !there->has_class(schema::cls::alias) || !is_as_left(r, *there)) return std::nullopt;
        ours_.insert(there->first(attr::entry_uuid).value_or(""));
        return there;
    }

    /// The first record before which the entry was what it is now; or how many there are.
    std::size_t state_among(const history_of_entry& all, const ldap::entry& now) const {
        const auto was_so_before = [&](const journal_record* r) {
            return r->before && !std::holds_alternative<ldap::add_request>(r->request) && is_same_place(r->before->dn(), now.dn()) && is_like(*r->before, now) && !sets_unseen(r->request, *r->before);
        };
        const auto it = std::find_if(all.begin(), all.end(), was_so_before);
        return static_cast<std::size_t>(it - all.begin());
    }

    /// A password that nobody could read, so that before and after look alike.
    static bool sets_unseen(const ldap::write_request& request, const ldap::entry& before) {
        const auto* const m = std::get_if<ldap::modify_request>(&request);
        return m != nullptr && std::any_of(m->changes.begin(), m->changes.end(), [&](const ldap::modification& c) { return jobs::is_password(c.attribute) && !before.has(c.attribute); });
    }

    static bool is_like(const ldap::entry& before, const ldap::entry& now) {
        ldap::entry a = as_new(before), b = as_new(now);
        for (ldap::entry* const e : {&a, &b}) e->erase(attr::last_change);
        return ldap::diff(a, b).empty();
    }

    /// By its entryUUID wherever it is now, or else by name. At its name it is seen also by those who do not see the tree.
    std::optional<ldap::entry> find(const journal_record& r) {
        auto there = session_.find(name_after(r), ldap::whole_entry());
        if (there && there->first(attr::entry_uuid) == r.entry_uuid) return there;
        if (!r.entry_uuid.empty()) {
            auto found = session_.search({directory_.site().layout.container(), ldap::scope::subtree, filter::equal(attr::entry_uuid, r.entry_uuid), ldap::whole_entry()});
            if (!found.empty()) return std::move(found).take().front();
        }
        return r.entry_uuid.empty() ? there : std::nullopt;
    }

    /// Of what never was answered.
    static bool was_not_done(const journal_record& r, const present& now) {
        if (r.result == "done") return false;
        const bool removes = std::holds_alternative<ldap::delete_request>(r.request), adds = std::holds_alternative<ldap::add_request>(r.request);
        if (adds) return !now.entry;
        if (removes) return now.entry.has_value();
        return now.entry && now.entry->first(attr::entry_csn) == r.version_before;
    }

    void require_unmoved(const journal_record& r, present& now) {
        if (std::exchange(now.checked, true)) return;
        require_as_left(r, now);
        take_places(*histories_.at(identity_of(r)).front(), now);
    }

    domain_places taken_by(const ldap::entry& e) const { return places_of(e, directory_.site().role_addresses); }

    /// What comes back counts against the limits of its domain like what is new. A domain that comes back itself brings what it had.
    void take_places(const journal_record& first, present& now) {
        if (!first.before || std::holds_alternative<ldap::add_request>(first.request)) return;
        const domain_places more = more_than(now.entry ? taken_by(*now.entry) : domain_places{}, taken_by(*first.before));
        if (more == domain_places{}) return;
        auto* const r = room_of(first.before->dn());
        if (r == nullptr) return;
        rooms_.require(*r, more);
        rooms_.take(*r, more);
        now.claim = r->claim;
    }

    domain_rooms::room* room_of(const ldap::dn& name) {
        const auto text = naming::rdn_value(name.parent(), attr::vd);
        if (!text) return nullptr;
        const auto domain = domain_name::parse(*text);
        if (auto* const r = rooms_.find(domain)) return r;
        auto found = directory_.find<vmail::domain>(domain);
        return found ? &rooms_.enter(std::move(*found)) : nullptr;
    }

    void require_as_left(const journal_record& r, const present& now) const {
        const ldap::dn name = name_after(r);
        const bool removed = std::holds_alternative<ldap::delete_request>(r.request);
        if (removed) return require_no_stranger(name);
        if (!now.entry) throw conflict(fmt::format("{} is gone", name.text()), {.dn = name.text()});
        if (!r.version.empty() && now.entry->first(attr::entry_csn) != r.version && !is_as_left(r, *now.entry))
            throw conflict(fmt::format("{} was changed since", now.entry->dn().text()), {.dn = now.entry->dn().text()});
        if (r.version.empty() && !holds_goal(r.request, *now.entry))
            throw conflict(fmt::format("what became of {} was never known, and it is not as it was before", name.text()), {.dn = name.text(), .hint = hint_for(r)});
    }

    /// What was done to it since was taken back as well. What nobody may have seen of a new mailbox would go with it.
    bool is_as_left(const journal_record& r, const ldap::entry& now) const {
        const auto after = entry_after(r);
        if (!after || !is_same_place(after->dn(), now.dn()) || !is_like(*after, now)) return false;
        if (std::holds_alternative<ldap::add_request>(r.request)) return !now.has_class(schema::cls::account) || now.has(attr::user_password);
        return !sets_unseen(r.request, *r.before);
    }

    static std::string hint_for(const journal_record& r) {
        return r.result.empty() ? "the run was cut: the same command, given again, finishes what it had begun" : "";
    }

    /// Of a request whose answer never came.
    static bool holds_goal(const ldap::write_request& request, const ldap::entry& now) {
        if (const auto* const m = std::get_if<ldap::modify_request>(&request)) return jobs::already_holds(now, m->changes);
        if (const auto* const a = std::get_if<ldap::add_request>(&request)) return is_like(a->entry, now);
        const auto* const moved = std::get_if<ldap::rename_request>(&request);
        return moved != nullptr && now.dn() == moved->new_dn;
    }

    void require_no_stranger(const ldap::dn& name) const {
        const auto there = session_.find(name, {std::string(attr::entry_uuid)});
        if (there && is_strangers(*there)) throw conflict(fmt::format("{} is there again", name.text()), {.dn = name.text()});
    }

    void require_no_stranger_below(const ldap::dn& name) const {
        for (const ldap::entry& e : session_.search({name, ldap::scope::children, filter::present(attr::object_class), {std::string(attr::entry_uuid)}}))
            if (is_strangers(e)) throw conflict(fmt::format("{} holds {} by now", name.text(), e.dn().text()), {.dn = name.text()});
    }

    ldap::precondition guard(const present& now) const { return now.entry ? ldap::precondition::unchanged_whole(*now.entry) : ldap::precondition{}; }

    // ---- what takes it back

    /// What sends mail to an address that goes, and is no part of what is undone.
    void note_references(std::string_view mail) {
        if (mail.find('@') == 0 || mail.find('@') == std::string_view::npos) return;
        const address gone = address::parse(mail);
        for (const ldap::entry& e : extended_.find_all(gone))
            if (is_strangers(e)) plan_.notices.push_back(notice_of(e, gone));
    }

    std::vector<ldap::write_request> inverse(const ldap::add_request& a, const journal_record&, const present& now) {
        if (!a.entry.has(attr::mail)) require_no_stranger_below(a.entry.dn());
        note_references(a.entry.first(attr::mail).value_or(""));
        std::vector<ldap::write_request> requests;
        if (a.entry.has(attr::mail) && rules_.must_mark()) {
            ldap::entry marked = a.entry;
            rules_.mark_removed(marked);
            requests.emplace_back(ldap::modify_request{a.entry.dn(), ldap::diff(a.entry, marked), guard(now)});
        }
        requests.emplace_back(ldap::delete_request{a.entry.dn(), guard(now)});
        return requests;
    }

    std::vector<ldap::write_request> inverse(const ldap::delete_request& gone, const journal_record& r, const present&) {
        if (!r.before) throw invalid_value(fmt::format("what {} held is not on record", gone.dn.text()), {.dn = gone.dn.text()});
        ldap::entry fresh = as_new(*r.before);
        require_free(fresh);
        if (fresh.has_class(schema::cls::account) && !fresh.has(attr::user_password))
            plan_.notices.push_back({r.subject, fmt::format("{} comes back without a password, as none is on record", printable(r.subject))});
        return {ldap::add_request{std::move(fresh)}};
    }

    /// Neither its address nor its folder, its login or its number may be somebody else's by now.
    void require_free(const ldap::entry& e) {
        const auto* const addresses = naming::rdn_value(e.dn().parent(), attr::vd) ? e.find(attr::mail) : nullptr; // elsewhere it is where somebody is reached
        for (const std::string& mail : addresses != nullptr ? *addresses : std::vector<std::string>{}) {
            for (const ldap::entry& holder : session_.search({directory_.site().layout.container(), ldap::scope::subtree, filter::equal(attr::mail, mail), ldap::whole_entry()}))
                if (is_strangers(holder) && !is_kept_for(holder, e)) throw already_exists(fmt::format("{} is that of {} by now", printable(mail), holder.dn().text()), {.dn = holder.dn().text()});
        }
        const auto is_ours = [this](const ldap::entry& holder) { return !is_strangers(holder); };
        if (const auto owner = tree_.owner_of_folder(e, is_ours)) throw already_exists(fmt::format("the folder of {} is {}'s by now", e.dn().text(), printable(*owner)), {.dn = e.dn().text()});
        if (const auto n = e.first(attr::uid_number))
            for (const ldap::entry& holder : session_.search({directory_.site().layout.base(), ldap::scope::subtree, filter::equal(attr::uid_number, *n), {std::string(attr::entry_uuid)}}))
                if (is_strangers(holder)) throw already_exists(fmt::format("the number {} is that of {} by now", printable(*n), holder.dn().text()), {.dn = e.dn().text()});
        if (const auto owner = tree_.owner_of_login(e, is_ours)) throw already_exists(fmt::format("the login of {} is {}'s by now", e.dn().text(), printable(*owner)), {.dn = e.dn().text()});
    }

    /// The old address of what is being renamed, as an alias to the new one.
    static bool is_kept_for(const ldap::entry& holder, const ldap::entry& e) {
        const auto* const to = holder.find(attr::maildrop);
        return holder.has_class(schema::cls::alias) && to != nullptr && to->size() == 1 && e.find(attr::mail)->size() > 1 && naming::holds(e, attr::mail, to->front());
    }

    static bool touches_what_one_alone_has(const ldap::modify_request& m) {
        return std::any_of(m.changes.begin(), m.changes.end(), [](const ldap::modification& c) {
            return ascii::iequals(c.attribute, attr::mail) || ascii::iequals(c.attribute, attr::mailbox) || ascii::iequals(c.attribute, attr::uid) || ascii::iequals(c.attribute, attr::uid_number);
        });
    }

    std::vector<ldap::write_request> inverse(const ldap::modify_request& m, const journal_record& r, const present& now) {
        if (!r.before) throw invalid_value(fmt::format("what {} held is not on record", m.dn.text()), {.dn = m.dn.text(), .hint = hint_for(r)});
        if (touches_what_one_alone_has(m)) require_free(*r.before);
        ldap::modify_request back{m.dn, {}, guard(now)};
        for (const std::string& name : touched_by(m)) {
            if (ldap::is_kept_by_server(name) || ascii::iequals(name, attr::last_change)) continue;
            if (ascii::iequals(name, attr::object_class)) {
                take_classes_back(m, *r.before, back.changes);
                continue;
            }
            const auto* const values = r.before->find(name);
            if (values != nullptr && std::any_of(values->begin(), values->end(), [&](const std::string& v) { return is_clear(name, v); }))
                throw invalid_value(fmt::format("the old password of {} was in clear text, which is not written", printable(r.subject)), {.dn = m.dn.text()});
            if (values == nullptr && jobs::is_password(name) && !had_none(name, now))
                throw invalid_value(fmt::format("the old password of {} is not on record: who did it may not read passwords", printable(r.subject)), {.dn = m.dn.text()});
            back.changes.push_back({ldap::change::replace, name, values == nullptr ? std::vector<std::string>{} : *values});
        }
        back.changes.push_back({ldap::change::replace, std::string(attr::last_change), {std::to_string(timestamp::now().epoch())}});
        return {std::move(back)};
    }

    /// Each by itself: who may give and take some classes may not put others in the place of all.
    static void take_classes_back(const ldap::modify_request& m, const ldap::entry& before, std::vector<ldap::modification>& back) {
        ldap::entry after = before;
        for (const ldap::modification& c : m.changes)
            if (ascii::iequals(c.attribute, attr::object_class)) carry_out(c, after);
        for (const ldap::modification& c : ldap::diff(after, before)) back.push_back(c);
    }

    /// Whether there was no password, or there is none on record because it could not be read.
    bool had_none(const std::string& name, const present& now) const {
        if (what_.identity.empty()) return true;
        return what_.identity == session_.identity() && now.entry && now.entry->has(name);
    }

    /// What was made there since would be left in a domain of another name.
    void require_no_new_address_in(const std::string& domain) const {
        const auto& tree = directory_.site().layout.container();
        for (const ldap::entry& e : session_.search({tree, ldap::scope::subtree, filter::ends_with(attr::mail, '@' + domain), {std::string(attr::entry_uuid)}}))
            if (is_strangers(e)) throw conflict(fmt::format("{} holds {} by now", printable(domain), e.dn().text()), {.dn = e.dn().text()});
    }

    /// The value in the name goes again, unless the entry had it before.
    std::vector<ldap::write_request> inverse(const ldap::rename_request& moved, const journal_record& r, const present& now) {
        if (const auto domain = naming::rdn_value(moved.new_dn, attr::vd)) require_no_new_address_in(*domain);
        if (const auto mail = naming::rdn_value(moved.new_dn, attr::mail); mail && !(moved.new_dn == moved.dn)) note_references(*mail);
        const bool is_spelling = moved.new_dn == moved.dn; // of the same name, which the server takes for one value
        const ldap::attribute_value& named = moved.new_dn.rdns().front().front();
        const bool stays = !is_spelling && r.before && naming::holds(*r.before, named.type, named.value);
        return {ldap::rename_request{moved.new_dn, moved.dn, guard(now), stays}};
    }

    /// Half of a chain would be worse than none.
    void refuse_broken_chains() {
        for (planned_change& c : plan_.changes)
            if (!c.fault && broken_.contains(c.item)) {
                c.fault = conflict("it belongs to what cannot be undone as a whole");
                c.left_out = true;
            }
    }

    directory& directory_;
    ldap::session& session_;
    extension_references extended_{session_, directory_.site()};
    draft::state rules_{directory_, {}};
    std::map<std::string, std::vector<std::size_t>> comes_back_; ///< the changes of each entry, in the plan
    const change_record& what_;
    jobs::known_tree tree_;
    plan plan_;
    domain_rooms rooms_;
    bool is_one_chain_ = false;
    std::set<std::string> chains_; ///< things
    std::unordered_map<std::string, std::size_t> item_of_chain_;
    std::size_t items_ = 0;
    std::set<std::size_t> broken_; ///< items of which one thing has moved on
    std::vector<const journal_record*> done_;
    std::deque<journal_record> joined_; ///< removals with the marks before them
    std::unordered_map<std::string, history_of_entry> histories_; ///< the records of each entry, in their order
    std::vector<const journal_record*> moved_domains_;
    std::set<std::string> ours_; ///< entryUUIDs of all that the record tells of
    std::unordered_map<std::string, present> states_; ///< of each entry
};

bool is_name_of(const ldap::dn& entry, std::string_view name) { return !entry.empty() && ascii::iequals(entry.rdns().front().front().value, name); }

/// By the old name or by a new one.
bool tells_of(const journal_record& r, std::string_view name) {
    return ascii::iequals(r.subject, name) || is_name_of(ldap::target(r.request), name) || is_name_of(name_after(r), name);
}

/// What was done to one name alone, out of a record of many things.
class selection {
public:
    selection(const change_record& all, std::string_view name) : all_(all), name_(name) {
        std::vector<const journal_record*> records;
        for (const journal_record& r : all.records) {
            records.push_back(&r);
            if (tells_of(r, name)) entries_.insert(r.entry_uuid);
        }
        entries_.erase("");
        for (const std::string& thing : bound_things(records)) take(thing);
    }

    bool holds(const journal_record& r) const { return is_named(r) || things_.contains(r.thing); }

private:
    bool is_named(const journal_record& r) const { return tells_of(r, name_) || entries_.contains(r.entry_uuid); }

    void take(const std::string& thing) {
        bool is_concerned = false, is_main = false;
        for (const journal_record& r : all_.records) {
            if (r.thing != thing) continue;
            is_concerned = is_concerned || is_named(r);
            is_main = is_main || (is_named(r) && r.action != "led over" && r.action != "changed");
        }
        if (!is_concerned) return;
        const auto* const of = domain_of(thing);
        if (!is_main || (of != nullptr && !is_named(*of)))
            throw invalid_value(fmt::format("what was done to {} belongs to {}, which is undone as a whole or not at all", printable(name_), printable(of != nullptr ? of->subject : first_of(thing))));
        things_.insert(thing);
    }

    /// The domain that the thing was done to, if it was one: what else is in it is a part.
    const journal_record* domain_of(const std::string& thing) const {
        const auto it = std::find_if(all_.records.begin(), all_.records.end(), [&](const journal_record& r) {
            return r.thing == thing && !is_bookkeeping(r) && naming::rdn_value(ldap::target(r.request), attr::vd);
        });
        return it == all_.records.end() ? nullptr : &*it;
    }

    std::string first_of(const std::string& thing) const {
        for (const journal_record& r : all_.records)
            if (r.thing == thing && r.action != "led over" && r.action != "changed") return r.subject;
        return "another change";
    }

    const change_record& all_;
    std::string_view name_;
    std::set<std::string> entries_; ///< entryUUIDs of those of that name
    std::set<std::string> things_;  ///< all of which belongs to it
};

ldap::write_request request_of(const ldap::access_record& r) {
    struct maker {
        const ldap::access_record& r;
        ldap::write_request operator()(const ldap::recorded_add& a) const { return ldap::add_request{a.entry}; }
        ldap::write_request operator()(const ldap::recorded_delete&) const { return ldap::delete_request{r.target}; }
        ldap::write_request operator()(const ldap::recorded_rename& m) const { return ldap::rename_request{r.target, m.new_dn, {}, m.keep_old_value}; }
        ldap::write_request operator()(const ldap::recorded_modify& m) const {
            ldap::modify_request request{r.target, {}};
            for (const auto& c : m.changes)
                if (!ldap::is_kept_by_server(c.attribute)) request.changes.push_back({kind_of(c.what), c.attribute, c.values});
            return request;
        }
        /// Which it was does not matter for taking it back: the old values are put in the place of all.
        static ldap::change kind_of(ldap::recorded_change c) {
            return c == ldap::recorded_change::add ? ldap::change::add : c == ldap::recorded_change::remove ? ldap::change::remove : ldap::change::replace;
        }
    };
    return std::visit(maker{r}, r.change);
}

} // namespace

change_record read_journal(const std::filesystem::path& file) {
    journal_reader reader(file);
    change_record all{.directory = reader.heading().directory, .server = reader.heading().server, .job = reader.heading().job, .identity = reader.heading().identity};
    while (auto r = reader.next()) all.records.push_back(std::move(*r));
    return all;
}

change_record as_change_record(const ldap::access_record& r) {
    journal_record one{.number = 1, .time = r.id, .subject = naming::subject_of(r.target), .request = request_of(r), .entry_uuid = r.entry_uuid, .version = r.csn, .result = r.code == 0 ? "done" : "refused"};
    if (!r.old.attributes().empty()) one.before = r.old; // at least the versions are in it, where the server keeps what was before
    return {.records = {std::move(one)}};
}

void keep_only(change_record& all, std::string_view name) {
    const change_record whole = all;
    const selection wanted(whole, name);
    std::erase_if(all.records, [&](const journal_record& r) { return !wanted.holds(r); });
    if (all.records.empty()) throw not_found(fmt::format("it tells of no change of {}", printable(name)));
}

plan plan_undo(directory& d, const change_record& what) { return planner(d, what).make(); }

} // namespace vmail
