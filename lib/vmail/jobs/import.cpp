#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/alias.hpp>
#include <vmail/domain.hpp>
#include <vmail/ldap/ldif_reader.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/printable.hpp>

#include <vmail/jobs/goal.hpp>
#include <vmail/jobs/import.hpp>
#include <vmail/jobs/import_rooms.hpp>
#include <vmail/jobs/input_file.hpp>
#include <vmail/jobs/journal_reader.hpp>
#include <vmail/jobs/known_tree.hpp>
#include <vmail/mailbox.hpp>
#include <vmail/naming.hpp>
#include <vmail/rivals.hpp>
#include <vmail/schema.hpp>

namespace vmail {

namespace {

namespace attr = schema::attr;

/// A plan for so many records at a time: a file may be larger than memory.
constexpr std::size_t records_at_once = 512;

/// RFC 4514 writes the parts of an RDN with "+" between them; dn makes names of one part each.
ldap::dn new_name_of(const ldap::ldif_rename& r) {
    const ldap::dn above = r.new_superior ? *r.new_superior : r.dn.parent();
    const ldap::dn::rdn& parts = r.new_rdn;
    if (parts.size() == 1) return above.child(parts.front().type, parts.front().value);
    std::string text;
    for (const ldap::attribute_value& part : parts) text += (text.empty() ? "" : "+") + ldap::dn().child(part.type, part.value).text();
    return ldap::dn::parse(above.empty() ? text : text + ',' + above.text());
}

/// Tells contents apart, whatever the order of attributes and values.
std::size_t fingerprint(const ldap::entry& e) {
    std::size_t sum = 0;
    for (const ldap::attribute& a : e.attributes())
        for (const std::string& value : a.values) sum += std::hash<std::string>()(ascii::to_lower(a.name) + ':' + value);
    return sum;
}

/// What the server says of a name that it cannot read, or that we may not see: the next record may be another matter.
bool is_of_one_record(const error& e) {
    return e.session_usable() && (e.kind() == error_kind::invalid_value || e.kind() == error_kind::denied);
}

/// Why no list would ever show it.
std::optional<std::string> unreadable(const ldap::entry& e, const site& s) {
    try {
        if (e.has_class(schema::cls::account)) mailbox::from_entry(e, s);
        else if (e.has_class(schema::cls::alias)) alias::from_entry(e, s);
        else if (e.has_class(schema::cls::domain)) domain::from_entry(e, s);
    } catch (const invalid_value& fault) {
        return fault.what();
    }
    return std::nullopt;
}

/// Mail that goes back to where it is. Postfix gives up on it: "mail for ... loops back to myself".
bool leads_to_itself(const ldap::entry& e) {
    const auto mail = naming::rdn_value(e.dn(), attr::mail);
    const auto* const targets = e.has_class(schema::cls::alias) ? e.find(attr::maildrop) : nullptr;
    return mail && targets != nullptr && targets->size() == 1 && ascii::iequals(targets->front(), *mail);
}

is_own_entry is_of(const ldap::dn& name) {
    return [&name](const ldap::entry& e) { return e.dn() == name; };
}

/// Makes plans of records, in the light of what is there and of what was planned before.
class planner {
public:
    planner(directory& d, const import_options& options, const std::string& token, std::size_t records)
        : session_(d.session()), site_(d.site()), options_(options), tree_(d, records), rooms_(d, token, plan_.claims, options.run.dry_run) {}

    /// False when the record is about an entry that is planned already, and the directory has to say what became of that first.
    bool take(const ldap::ldif_record& r) {
        if (!is_dry() && (meets_planned(r) || meets_limits(r))) return false;
        line_ = r.first_line;
        try {
            std::visit([this](const auto& what) { plan_record(what); }, r.what);
        } catch (const error& e) {
            if (!is_of_one_record(e)) throw;
            refuse_add(r.dn(), e);
        }
        return true;
    }

    vmail::plan take_plan() { return std::exchange(plan_, {}); }

    /// After the plan was carried out. In a dry run it counts as done, and stays in view.
    void carried_out() {
        items_.clear();
        rooms_.start_over();
        if (!is_dry()) planned_.clear();
    }

    void not_made(const ldap::dn& name) { missing_.insert(name.key()); }

private:
    struct planned_entry {
        bool is_there = true;
        std::optional<std::size_t> fingerprint{}; ///< of one that the file adds
    };

    bool is_dry() const noexcept { return options_.run.dry_run; }

    bool meets_planned(const ldap::ldif_record& r) const {
        if (const auto* const rename = std::get_if<ldap::ldif_rename>(&r.what); rename != nullptr && planned_.contains(new_name_of(*rename).key())) return true;
        return planned_.contains(r.dn().key());
    }

    /// Limits that the plan itself sets or changes are kept to when it is done, and are not changed while places are set aside under them.
    bool meets_limits(const ldap::ldif_record& r) const {
        if (options_.ignore_limits) return false;
        if (rooms_.is_taken_from(r.dn())) return true;
        const ldap::dn above = r.dn().parent();
        return naming::rdn_value(above, attr::vd) && planned_.contains(above.key()) && !rooms_.is_unlimited(above);
    }

    const planned_entry* planned(const ldap::dn& name) const {
        const auto it = planned_.find(name.key());
        return it == planned_.end() ? nullptr : &it->second;
    }

    bool will_be_gone(const ldap::dn& name) const {
        const auto* const p = planned(name);
        return p != nullptr && !p->is_there;
    }

    // ---- one record each

    void plan_record(const ldap::ldif_add& r) {
        const ldap::dn& name = r.entry.dn();
        if (const auto fault = jobs::fault_of(r.entry)) return refuse_add(name, *fault);
        if (is_below_missing(name)) return skip(name);
        if (const auto* const p = planned(name); p != nullptr && p->is_there) return add_again(r.entry, *p);
        const auto there = planned(name) != nullptr ? std::nullopt : tree_.find(name);
        if (there) return meet(r.entry, *there);
        if (const auto fault = unreadable(r.entry, site_)) return refuse_add(name, *fault);
        if (is_dry() && !exists(name.parent())) return refuse_add(name, "the entry above it is not there", error_kind::not_found);
        if (const auto owner = tree_.owner_of_address(r.entry, [&](const ldap::entry& e) { return e.dn() == name || will_be_gone(e.dn()); }))
            return refuse_add(name, fmt::format("{} exists already: it is {}", printable(naming::subject_of(r.entry)), printable(*owner)), error_kind::already_exists);
        if (const auto owner = tree_.owner_of_folder(r.entry, is_of(name))) return refuse_add(name, fmt::format("its folder is that of {}", printable(*owner)), error_kind::already_exists);
        if (const auto owner = tree_.former_owner_of_folder(r.entry)) return refuse_add(name, fmt::format("its folder is that of {}", printable(*owner)), error_kind::already_exists);
        if (const auto other = tree_.neighbour_of_folder(r.entry, is_of(name))) return refuse_add(name, fmt::format("its folder lies in that of {}, or around it", printable(*other)), error_kind::already_exists);
        if (const auto owner = tree_.owner_of_login(r.entry, is_of(name))) note_login(r.entry, *owner);
        if (leads_to_itself(r.entry)) plan_.notices.push_back({name.text(), fmt::format("{} leads to itself, and its mail arrives nowhere", printable(naming::subject_of(r.entry)))});
        std::optional<std::size_t> claim;
        if (const auto full = shortage_of(nullptr, r.entry, claim)) return refuse_add(name, *full);
        auto& c = add_change(name, "added");
        c.requests = {ldap::add_request{r.entry}};
        c.claim = claim;
        c.alone = folder_of(r.entry);
        rooms_.will_hold(r.entry);
        c.drastic = false;
        tree_.will_hold(r.entry);
        planned_[name.key()] = {.fingerprint = is_dry() ? std::optional(fingerprint(r.entry)) : std::nullopt};
    }

    std::optional<error> shortage_of(const ldap::entry* before, const ldap::entry& after, std::optional<std::size_t>& claim) {
        if (options_.ignore_limits) return std::nullopt;
        try {
            claim = rooms_.take(before, after);
            return std::nullopt;
        } catch (const limit_exceeded& full) {
            return full;
        }
    }

    /// A login that somebody else has is only told of.
    std::vector<sole_value> folder_of(const ldap::entry& e) const {
        if (!e.dn().is_within(site_.layout.container())) return {};
        auto alone = sole_values_of({}, e, sole_value::kind::folder);
        std::erase_if(alone, [](const sole_value& v) { return v.what != sole_value::kind::folder; });
        return alone;
    }

    void note_login(const ldap::entry& e, const std::string& owner) {
        plan_.notices.push_back({e.dn().text(), fmt::format("the login {} of {} is that of {}, too: a daemon that asks for it lets neither in",
                                                            printable(e.first(attr::uid).value_or("")), printable(naming::subject_of(e)), printable(owner))});
    }

    void add_again(const ldap::entry& wanted, const planned_entry& before) {
        if (before.fingerprint && *before.fingerprint == fingerprint(wanted)) return leave(wanted.dn());
        const char* const sentence = "an earlier record of this file adds it with other values";
        if (!options_.update) return refuse(wanted.dn(), sentence, error_kind::already_exists);
        auto& c = add_change(wanted.dn(), "changed");
        c.why = sentence;
        for (const ldap::attribute& a : wanted.attributes()) append_replacement(c, wanted.dn(), a);
    }

    static void append_replacement(planned_change& c, const ldap::dn& name, const ldap::attribute& a) {
        if (ascii::iequals(a.name, attr::object_class)) return;
        if (c.requests.empty()) c.requests.emplace_back(ldap::modify_request{name, {}});
        std::get<ldap::modify_request>(c.requests.front()).changes.push_back({ldap::change::replace, a.name, a.values});
    }

    void meet(const ldap::entry& wanted, const ldap::entry& there) {
        auto changes = jobs::changes_to(there, wanted, session_.schema());
        if (changes.empty()) return leave(wanted.dn());
        if (!options_.update) return refuse(wanted.dn(), "it is there with other values of " + jobs::attributes_of(changes), error_kind::already_exists);
        ldap::entry after = there;
        for (const ldap::modification& m : changes)
            if (m.what == ldap::change::replace) after.set(m.attribute, m.values); // what is added are classes
        if (const auto fault = folder_fault(there, after)) return refuse(wanted.dn(), *fault, error_kind::already_exists);
        std::optional<std::size_t> claim;
        if (const auto full = shortage_of(&there, after, claim)) return refuse(wanted.dn(), *full);
        change(wanted.dn(), "changed", ldap::modify_request{wanted.dn(), std::move(changes), ldap::precondition::unchanged_whole(there)}).claim = claim;
    }

    static bool is_of_folder(std::string_view attribute) { return ascii::iequals(attribute, attr::mailbox) || ascii::iequals(attribute, attr::vd_home); }

    /// Of a mailbox that gets another folder: whose that is, or lies in or around it.
    std::optional<std::string> folder_fault(const ldap::entry& before, const ldap::entry& after) {
        if (before.first(attr::mailbox) == after.first(attr::mailbox) && before.first(attr::vd_home) == after.first(attr::vd_home)) return std::nullopt;
        if (const auto owner = tree_.owner_of_folder(after, is_of(after.dn()))) return fmt::format("its folder would be that of {}", printable(*owner));
        if (const auto owner = tree_.former_owner_of_folder(after)) return fmt::format("its folder would be that of {}", printable(*owner));
        if (const auto other = tree_.neighbour_of_folder(after, is_of(after.dn()))) return fmt::format("its folder would lie in that of {}, or around it", printable(*other));
        return std::nullopt;
    }

    void plan_record(const ldap::ldif_modify& r) {
        if (const auto fault = jobs::fault_of(r.changes)) return refuse(r.dn, *fault);
        if (const auto* const p = planned(r.dn)) {
            if (!p->is_there) return refuse(r.dn, "an earlier record of this file removes it", error_kind::not_found);
            change(r.dn, "changed", ldap::modify_request{r.dn, r.changes});
            return;
        }
        const auto there = tree_.find(r.dn);
        if (!there) return absent(r.dn);
        if (jobs::already_holds(*there, r.changes)) return leave(r.dn);
        ldap::entry after = *there;
        for (const ldap::modification& m : r.changes)
            if (is_of_folder(m.attribute) && m.what != ldap::change::remove) after.set(m.attribute, m.values);
        if (const auto fault = folder_fault(*there, after)) return refuse(r.dn, *fault, error_kind::already_exists);
        change(r.dn, "changed", ldap::modify_request{r.dn, r.changes, ldap::precondition::unchanged_whole(*there)});
    }

    void plan_record(const ldap::ldif_delete& r) {
        const auto* const p = planned(r.dn);
        const auto there = p != nullptr ? std::nullopt : tree_.find(r.dn);
        if (p != nullptr ? !p->is_there : !there) return leave(r.dn, "it is not there");
        change(r.dn, "removed", ldap::delete_request{r.dn, there ? ldap::precondition::unchanged_whole(*there) : ldap::precondition{}});
        planned_[r.dn.key()] = {.is_there = false};
        tree_.will_free(r.dn);
    }

    void plan_record(const ldap::ldif_rename& r) {
        if (!r.delete_old_rdn) return refuse(r.dn, "deleteoldrdn: 0 is not supported: an entry goes by one name");
        const ldap::dn to = new_name_of(r);
        const auto* const p = planned(r.dn);
        const auto there = p != nullptr ? std::nullopt : tree_.find(r.dn);
        const bool is_there = p != nullptr ? p->is_there : there.has_value();
        if (!is_there && (planned(to) != nullptr || tree_.find(to))) return leave(r.dn, "it has the new name");
        if (!is_there) return absent(r.dn);
        change(r.dn, "renamed", ldap::rename_request{r.dn, to, there ? ldap::precondition::unchanged_whole(*there) : ldap::precondition{}});
        planned_[r.dn.key()] = {.is_there = false};
        tree_.will_free(r.dn);
        planned_[to.key()] = {};
        tree_.will_hold_name(to);
    }

    // ---- what becomes of it

    /// By itself: nothing waits for it, and what becomes of it stops nothing else.
    planned_change& add_separate(const ldap::dn& name, std::string action) {
        auto& c = plan_.changes.emplace_back(planned_change{.subject = name.text(), .action = std::move(action), .line = line_});
        c.item = plan_.changes.size();
        return c;
    }

    /// What is below an entry that this plan changes belongs to the same thing, and comes after it.
    planned_change& add_change(const ldap::dn& name, std::string action) {
        auto& c = add_separate(name, std::move(action));
        const auto above = items_.find(name.parent().key());
        if (above != items_.end()) {
            c.item = above->second.item;
            c.stage = above->second.stage + 1;
        }
        items_[name.key()] = {c.item, c.stage};
        return c;
    }

    planned_change& change(const ldap::dn& name, std::string action, ldap::write_request request) {
        auto& c = add_change(name, std::move(action));
        c.requests = {std::move(request)};
        planned_.try_emplace(name.key());
        rooms_.will_change(name);
        return c;
    }

    void leave(const ldap::dn& name, std::string why = {}) { add_separate(name, "").why = std::move(why); }

    planned_change& refusal(const ldap::dn& name, const std::string& why, error_kind kind) {
        auto& c = add_separate(name, "");
        c.fault.emplace(kind, why, error_details{.dn = name.text()});
        return c;
    }

    void refuse(const ldap::dn& name, const std::string& why, error_kind kind = error_kind::invalid_value) { refusal(name, why, kind); }

    void refuse_add(const ldap::dn& name, const std::string& why, error_kind kind = error_kind::invalid_value) {
        missing_.insert(name.key());
        refuse(name, why, kind);
    }

    void refuse(const ldap::dn& name, const error& why) { add_separate(name, "").fault = why; }
    void refuse_add(const ldap::dn& name, const error& why) {
        missing_.insert(name.key());
        refuse(name, why);
    }

    void skip(const ldap::dn& name) {
        missing_.insert(name.key());
        refusal(name, "the entry above it could not be made", error_kind::not_found).left_out = true;
    }

    void absent(const ldap::dn& name) {
        const bool never_made = is_below_missing(name) || missing_.contains(name.key());
        refusal(name, never_made ? "the entry could not be made" : "there is no such entry", error_kind::not_found).left_out = never_made;
    }

    /// Below one of this file that could not be made.
    bool is_below_missing(const ldap::dn& name) const {
        if (missing_.empty()) return false;
        for (ldap::dn above = name.parent(); !above.empty(); above = above.parent())
            if (missing_.contains(above.key())) return true;
        return false;
    }

    bool exists(const ldap::dn& name) {
        if (name.empty()) return true;
        if (const auto* const p = planned(name)) return p->is_there;
        return tree_.find(name).has_value();
    }

    struct place {
        std::size_t item, stage;
    };

    ldap::session& session_;
    const site& site_;
    const import_options& options_;
    jobs::known_tree tree_;
    vmail::plan plan_;
    jobs::import_rooms rooms_;
    std::size_t line_ = 0;
    std::unordered_map<std::string, place> items_;           ///< of the present plan
    std::unordered_map<std::string, planned_entry> planned_; ///< by name
    std::unordered_set<std::string> missing_;
};

class importer {
public:
    importer(directory& d, const import_options& options, const std::string& token, std::size_t records, const std::function<void(const change_outcome&)>& report)
        : options_(options), records_(records), planner_(d, options, token, records), report_(report), runner_(d, run_of(options), [this](const change_outcome& o) { heard(o); }) {}

    import_summary run(ldap::ldif_reader& records) {
        std::optional<error> broken;
        try {
            carry_out_all(records);
        } catch (const error& e) { // what was done before must be told
            broken = e;
        }
        import_summary summary{runner_.finish(), records_};
        summary.without_password = without_password_;
        if (broken && !summary.stopped) summary.stopped = broken;
        summary.skipped += records_ - accounted_;
        return summary;
    }

private:
    static run_options run_of(const import_options& options) {
        run_options o = options.run;
        if (o.job.empty()) o.job = "import";
        o.max_changes = unlimited_changes; // it was asked for the whole file
        o.progress = nullptr;              // which knows of one plan only
        return o;
    }

    void carry_out_all(ldap::ldif_reader& records) {
        std::size_t pending = 0;
        while (auto record = records.next()) {
            if (runner_.stopped() || should_stop(pending)) break;
            while (!planner_.take(*record)) carry_out(pending);
            if (++pending >= records_at_once) carry_out(pending);
        }
        carry_out(pending);
    }

    /// The runner asks between its changes; this asks between records, so that few are read in vain.
    bool should_stop(std::size_t& pending) {
        if (!options_.run.stop || runner_.stopped()) return false;
        if (!options_.run.stop()) return false;
        carry_out(pending);
        return true;
    }

    void carry_out(std::size_t& pending) {
        if (pending == 0) return;
        pending = 0;
        const plan p = planner_.take_plan();
        if (options_.notice) std::for_each(p.notices.begin(), p.notices.end(), options_.notice);
        runner_.carry_out(p);
        planner_.carried_out();
    }

    void heard(const change_outcome& o) {
        ++accounted_;
        if (options_.run.progress) options_.run.progress(accounted_, records_);
        if (!o.change.requests.empty())
            if (const auto* const add = std::get_if<ldap::add_request>(&o.change.requests.front())) heard_of(add->entry, o.fate);
        if (report_) report_(o);
    }

    void heard_of(const ldap::entry& added, fate f) {
        if (!is_good(f)) planner_.not_made(added.dn());
        else if (added.has_class(schema::cls::account) && !added.has(attr::user_password)) ++without_password_;
    }

    const import_options& options_;
    std::size_t records_, accounted_ = 0, without_password_ = 0;
    planner planner_;
    const std::function<void(const change_outcome&)>& report_;
    runner runner_;
};

struct counts {
    std::size_t records = 0, changes = 0, removals = 0;
};

counts count_records(const jobs::input_file& file, bool update) {
    jobs::input_file::stream in(file);
    ldap::ldif_reader records(in, file.name());
    counts all;
    while (const auto r = records.next()) {
        ++all.records;
        if (update || !std::holds_alternative<ldap::ldif_add>(r->what)) ++all.changes;
        if (std::holds_alternative<ldap::ldif_delete>(r->what)) ++all.removals;
    }
    return all;
}

bool removes(const planned_change& c) { return !c.fault && c.requests.size() == 1 && std::holds_alternative<ldap::delete_request>(c.requests.front()); }

/// How many would really change and go, from a dry run of the plan: only where the number of records alone is over the cap, or somebody is to be asked.
counts count_really(directory& d, const jobs::input_file& file, import_options options, std::size_t records) {
    options.run.dry_run = true;
    planner planned(d, options, "", records);
    jobs::input_file::stream in(file);
    ldap::ldif_reader reader(in, file.name());
    counts all{.records = records};
    while (const auto r = reader.next()) {
        planned.take(*r);
        const plan p = planned.take_plan();
        all.changes += p.drastic();
        all.removals += static_cast<std::size_t>(std::count_if(p.changes.begin(), p.changes.end(), removes));
        planned.carried_out();
    }
    return all;
}

/// The same when the same file is given again.
std::string token_of(const std::filesystem::path& path) { return fmt::format("{:016x}", std::hash<std::string>()("import " + path.native())); }

void refuse_journal(const jobs::input_file& file) {
    jobs::input_file::stream in(file);
    std::string first;
    std::getline(in, first);
    if (is_journal(first)) throw invalid_value(fmt::format("{} is a journal, which tells what was done: it can be undone, not imported", printable(file.name())));
}

import_summary declined(std::size_t records) {
    import_summary sum;
    sum.records = records;
    sum.declined = true;
    return sum;
}

} // namespace

import_summary import_ldif(directory& d, const std::filesystem::path& path, const import_options& options,
                           const std::function<void(const change_outcome&)>& report) {
    const jobs::input_file file(path);
    refuse_journal(file);
    const counts all = count_records(file, options.update);
    const bool may_be_too_many = all.changes > options.run.max_changes.value_or(10), asks = options.confirm_removals && !options.run.dry_run && all.removals > 0;
    const counts really = may_be_too_many || asks ? count_really(d, file, options, all.records) : counts{};
    if (may_be_too_many) require_within_cap(d, really.changes, options.run.max_changes);
    if (asks && really.removals > 0 && !options.confirm_removals(really.removals)) return declined(all.records);
    jobs::input_file::stream in(file);
    ldap::ldif_reader records(in, file.name());
    return importer(d, options, token_of(path), all.records, report).run(records);
}

} // namespace vmail
