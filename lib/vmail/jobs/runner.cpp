#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/ldap/entry_view.hpp>
#include <vmail/ldap/pipeline.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/printable.hpp>

#include <vmail/claim_keeper.hpp>
#include <vmail/jobs/former_folders.hpp>
#include <vmail/jobs/journal.hpp>
#include <vmail/jobs/passwords.hpp>
#include <vmail/jobs/runner.hpp>
#include <vmail/jobs/versions.hpp>
#include <vmail/naming.hpp>
#include <vmail/rivals.hpp>
#include <vmail/schema.hpp>

namespace vmail {

namespace {

constexpr std::size_t always_allowed = 10;
constexpr std::size_t allowed_share = 100; ///< one in so many mailboxes
constexpr int no_such_object = 32, not_allowed_on_non_leaf = 66, entry_already_exists = 68, assertion_failed = 122;

struct addition {
    ldap::dn name;
    std::string entry_uuid;
};

/// A change under way.
struct track {
    const planned_change& change;
    std::size_t next = 0;                    ///< the request to send, or in flight
    std::optional<change_outcome> outcome{}; ///< when it is known
    std::optional<ldap::entry> entry{};
    std::optional<std::pair<ldap::dn, ldap::precondition>> asserted{}; ///< what the server found otherwise
    std::vector<addition> added{};           ///< what goes again if a later request is refused
    std::optional<change_outcome> refusal{}; ///< what will be said once it is gone
    bool may_be_there = false;               ///< what was refused, made by somebody else: to be looked at before anything goes
    addition withdrawn{};                    ///< the last of those that was sent away again
    bool is_elsewhere = false;               ///< it was not found by its name
    std::optional<ldap::write_request> put_back{}; ///< what makes the entry again what it was before the last request
    std::string said{};                      ///< of it when it is done
};

bool writes_password(const ldap::write_request& request) {
    if (const auto* const add = std::get_if<ldap::add_request>(&request)) return add->entry.has(schema::attr::user_password);
    const auto* const m = std::get_if<ldap::modify_request>(&request);
    return m != nullptr && std::any_of(m->changes.begin(), m->changes.end(), [](const auto& c) { return jobs::is_user_password(c.attribute); });
}

/// slapo-ppolicy(5) with pwdCheckQuality 2: it cannot judge a hash, and calls that a constraint violation.
bool cannot_be_judged(const ldap::write_request& request, const error& e) {
    constexpr int constraint_violation = 19;
    return e.ldap_code() == constraint_violation && e.diagnostic().starts_with("Password") && writes_password(request);
}

error fault_of(const ldap::write_request& request, const ldap::write_result& r) {
    try {
        r.success(ldap::doing(request), ldap::target(request));
    } catch (const error& e) {
        if (!cannot_be_judged(request, e)) return e;
        return error(e.kind(), e.what(), {.dn = e.dn(), .ldap_code = e.ldap_code(), .diagnostic = e.diagnostic(), .hint = e.hint(), .remedy = remedy::let_server_set_password});
    }
    return error(error_kind::internal, "a write that was done is taken for a failure");
}

fate fate_of(const ldap::write_request& request, const ldap::write_result& r) {
    if (r.outcome == ldap::outcome::unknown) return fate::in_doubt;
    const bool removes = std::holds_alternative<ldap::delete_request>(request);
    if (r.result.code == no_such_object && removes) return fate::unchanged;
    if (r.result.code == no_such_object && !std::holds_alternative<ldap::add_request>(request)) return fate::conflict;
    return r.result.code == assertion_failed ? fate::conflict : fate::failed;
}

/// Of an entry that is gone, too, the plan is what is out of date. What was done before stays.
std::string conflict_sentence(const ldap::write_result& r, bool is_begun) {
    const bool is_changed = r.result.code == assertion_failed;
    if (is_begun) return is_changed ? "somebody changed it meanwhile, in the middle of it: the same command, given again, goes on" : "it is gone, in the middle of it: what was done before stays";
    return is_changed ? "somebody changed it meanwhile: it is left as it is" : "it is gone";
}

std::string sentence_of(fate f, const ldap::write_result& r, const error& fault, bool is_begun) {
    if (f == fate::unchanged) return "it is gone already";
    return f == fate::conflict ? conflict_sentence(r, is_begun) : fault.what();
}

error conflict_of(const planned_change& c, const ldap::write_request& request, const ldap::write_result& r, bool is_begun) {
    return conflict(fmt::format("{}: {}", printable(c.subject), conflict_sentence(r, is_begun)), {.dn = ldap::target(request).text(), .ldap_code = r.result.code});
}

template <typename Summary> auto& counter(Summary& s, fate f) {
    switch (f) {
    case fate::done: return s.done;
    case fate::unchanged: return s.unchanged;
    case fate::conflict: return s.conflict;
    case fate::failed: return s.failed;
    case fate::in_doubt: return s.in_doubt;
    case fate::unfinished: return s.unfinished;
    case fate::skipped: break;
    }
    return s.skipped;
}

/// What is said of it with more at the end.
error with_words(const error& e, const std::string& more) {
    return error(e.kind(), e.what() + more, {.dn = e.dn(), .ldap_code = e.ldap_code(), .diagnostic = e.diagnostic(), .hint = e.hint(), .remedy = e.remedy(), .subject = e.subject()});
}

constexpr std::chrono::milliseconds longest_wait{5000};

conflict outdated(const directory& d) {
    const std::string where = d.site().layout.container().text();
    return conflict(fmt::format("others write to {} at once, and are faster", printable(where)), {.dn = where});
}

void wait_a_little(int attempt) {
    static thread_local std::minstd_rand random{std::random_device{}()};
    std::this_thread::sleep_for(std::chrono::milliseconds(std::uniform_int_distribution<int>(1, 5 + std::min(attempt, 20))(random)));
}

/// The first of many are enough to see what it is.
std::string some_of(const std::vector<ldap::entry>& entries) {
    constexpr std::size_t enough = 3;
    std::string text;
    for (std::size_t i = 0; i < std::min(enough, entries.size()); ++i) text += (i > 0 ? ", " : "") + printable(naming::subject_of(entries[i]));
    return entries.size() > enough ? fmt::format("{} and {} more", text, entries.size() - enough) : text;
}

/// An alias that leads where ours would.
bool serves_as(const ldap::entry& there, const ldap::entry& wanted) {
    const auto *const to = there.find(schema::attr::maildrop), *const wanted_to = wanted.find(schema::attr::maildrop);
    return there.has_class(schema::cls::alias) && wanted.has_class(schema::cls::alias) && to != nullptr && wanted_to != nullptr && *to == *wanted_to;
}

/// Who wants it, and what it is.
bool says_all_of(const ldap::entry& there, const ldap::entry& wanted) {
    return std::all_of(wanted.attributes().begin(), wanted.attributes().end(), [&](const ldap::attribute& a) {
        const auto* const values = there.find(a.name);
        const bool is_clocked = ascii::iequals(a.name, schema::attr::last_change) || ascii::iequals(a.name, schema::attr::creation_date);
        return is_clocked || (values != nullptr && std::is_permutation(values->begin(), values->end(), a.values.begin(), a.values.end()));
    });
}

/// Of a domain that was to go, and got something between the plan and the write.
error not_empty(ldap::session& s, const error& refused) {
    const auto name = ldap::dn::parse(refused.dn());
    const auto inside = s.search({name, ldap::scope::children, ldap::filter::present(schema::attr::object_class), {std::string(schema::attr::mail)}}).take();
    const auto domain = s.find(name, {std::string(schema::attr::delete_), std::string(schema::attr::object_class)});
    const bool marked = domain && domain->first(schema::attr::delete_) == "TRUE";
    const std::string subject = naming::subject_of(name);
    return error(refused.kind(), fmt::format("{} is not empty: somebody added {} meanwhile{}", printable(subject), inside.empty() ? "something" : some_of(inside), marked ? "; it stays, marked as removed" : ""),
                 {.dn = refused.dn(), .ldap_code = refused.ldap_code(), .diagnostic = refused.diagnostic(), .hint = marked ? "remove what is in it and then the domain again, or restore the domain" : ""});
}

/// Below what the entry of a request comes to stand, where that is an address.
std::optional<ldap::dn> domain_of_new(const ldap::write_request& request) {
    const auto* const add = std::get_if<ldap::add_request>(&request);
    const auto* const moved = std::get_if<ldap::rename_request>(&request);
    if (!add && !moved) return std::nullopt;
    const ldap::dn& name = add ? add->entry.dn() : moved->new_dn;
    return naming::rdn_value(name, schema::attr::mail) && naming::rdn_value(name.parent(), schema::attr::vd) ? std::optional(name.parent()) : std::nullopt;
}

/// Where the entry that it makes, or moves, is then, unless it makes one that is stopped.
std::optional<ldap::dn> place_in_service(const ldap::write_request& request) {
    if (const auto* const add = std::get_if<ldap::add_request>(&request)) return add->entry.first(schema::attr::account_active) == "FALSE" ? std::nullopt : std::optional(add->entry.dn());
    const auto* const moved = std::get_if<ldap::rename_request>(&request);
    return moved != nullptr ? std::optional(moved->new_dn) : std::nullopt;
}

/// One more than the last of them.
std::size_t end_of_items(const plan& p) {
    const auto last = std::max_element(p.changes.begin(), p.changes.end(), [](const planned_change& a, const planned_change& b) { return a.item < b.item; });
    return last == p.changes.end() ? 0 : last->item + 1;
}

} // namespace

struct runner::state {
    state(vmail::directory& d, run_options o, std::function<void(const change_outcome&)> r)
        : directory(d), options(std::move(o)), report(std::move(r)), pipeline(d.session(), {.window = options.window}), known(d.session()),
          claims(d, [this](const ldap::write_request& request) { return perform(request); }), others(d) {
        pipeline.before_sending([this] {
            if (kept) kept->flush();
        });
    }

    vmail::directory& directory;
    run_options options;
    std::function<void(const change_outcome&)> report;
    ldap::pipeline pipeline;
    jobs::versions known;
    claim_keeper claims;
    rivals others;
    std::optional<journal> kept;
    run_summary summary;
    std::deque<track> tracks;       ///< of the present plan, at addresses that stay
    std::deque<track*> ready;       ///< whose next request may go
    std::vector<track*> written;    ///< done, and not yet looked at whether they are alone
    std::vector<track*> finished;   ///< not yet reported
    std::unordered_map<std::size_t, std::size_t> stages; ///< how far each item is
    std::unordered_map<std::size_t, std::size_t> spoilt; ///< items of which a change is not good, and the stage of the first such
    std::unordered_set<std::size_t> touched;             ///< items of which a part was done
    std::unordered_set<std::size_t> lost;                ///< items at which somebody else was faster, and which are planned anew
    bool keeps_lost = false;        ///< and not told
    std::unordered_set<std::string> domains_told_of;     ///< by the plan, of whatever
    std::unordered_set<std::string> told_of;             ///< domains that are being removed, by DN
    struct left_folder {
        std::string home, path, owner;
        auto operator<=>(const left_folder&) const = default;
    };
    std::vector<left_folder> left_folders; ///< of mailboxes that went, to be remembered
    std::set<left_folder> remembered;
    std::unordered_multiset<std::string> in_flight; ///< names of entries that a request is under way to
    std::size_t wave = 0;           ///< of the present plan
    std::size_t reported = 0, expected = 0;
    bool is_outdated = false;       ///< the plan: others were faster
    std::size_t things = 0; ///< that earlier plans of the run were about

    // ---- a plan

    std::vector<std::string> carry_out_but_lost(const plan& p) {
        keeps_lost = true;
        carry_out(p);
        keeps_lost = false;
        std::vector<std::string> subjects;
        for (const planned_change& c : p.changes)
            if (!c.part && (is_outdated || lost.contains(c.item))) subjects.push_back(c.subject);
        return subjects;
    }

    void carry_out(const plan& p) {
        if (summary.stopped || summary.declined) return;
        if (!options.dry_run && p.drastic() > 0) require_within_cap(directory, p.drastic(), options.max_changes);
        if (options.confirm && !options.dry_run && !p.empty() && !options.confirm(p)) {
            summary.declined = true;
            return;
        }
        is_outdated = false;
        lost.clear();
        for (const plan_notice& n : p.notices) domains_told_of.insert(ascii::to_lower(n.subject.substr(n.subject.find('@') + 1)));
        guarded([&] { is_outdated = !holds(p); });
        if (is_outdated) return;
        expected += p.changes.size();
        guarded([&] { begin(p); });
        guarded([&] { finish_all(); });
        guarded([&] { pipeline.drain(); }); // whatever ended it
        end_plan(p);
    }

    /// Makes the plan's premise true. What was settled by reading back may be what somebody else has written.
    bool holds(const plan& p) {
        if (!p.premise) return true;
        if (options.dry_run) {
            if (options.on_write) options.on_write(*p.premise);
            return true;
        }
        const auto r = perform(*p.premise, "what the rest of the run needs");
        if (r.settled || (r.outcome == ldap::outcome::not_done && r.result.code == assertion_failed)) return false;
        r.success(ldap::doing(*p.premise), p.premise->dn);
        return true;
    }

    void begin(const plan& p) {
        if (!options.dry_run)
            for (const place_claim& c : p.claims) claims.take(c);
        for (const planned_change& c : p.changes) {
            if (should_stop()) return;
            start(c);
            send_ready();
            if (written.size() >= looked_at_once) look_whether_alone();
            deliver();
        }
    }

    /// The first reason is the one that counts; whatever goes wrong now, nothing may hide what has been done.
    template <typename Act>
    void guarded(const Act& act) {
        try {
            act();
        } catch (const error& e) {
            stop(e);
        }
    }

    void stop(const error& why) {
        if (!summary.stopped) summary.stopped = why;
    }

    bool should_stop() {
        if (summary.stopped) return true;
        if (options.stop && options.stop()) stop(error(error_kind::interrupted, "interrupted"));
        else if (options.deadline && std::chrono::steady_clock::now() > *options.deadline)
            stop(unavailable("the time that the run was given is up"));
        return summary.stopped.has_value();
    }

    void end_plan(const plan& p) {
        for (const planned_change& c : p.changes)
            if (tracks.size() <= static_cast<std::size_t>(&c - p.changes.data())) tracks.push_back({c});
        for (track* const t : std::exchange(written, {})) conclude(*t, fate::done, "whether somebody else got the same at the same moment could not be looked up", std::nullopt);
        for (track& t : tracks)
            if (!t.outcome) conclude(t, t.next > 0 || t.refusal ? fate::unfinished : fate::skipped, why_not_ended(t), summary.stopped);
        ready.clear();
        guarded([&] { claims.release_all(); });
        look_at_domains();
        deliver();
        things += end_of_items(p);
        tracks.clear();
        spoilt.clear();
        touched.clear();
        stages.clear();
        wave = 0;
    }

    std::string why_not_ended(const track& t) const {
        if (t.next > 0) return "the run ended in the middle of it: the same command finishes it";
        return summary.stopped ? summary.stopped->what() : "the run ended before it";
    }

    // ---- a change

    void start(const planned_change& c) {
        enter_wave(c);
        enter_stage(c);
        track& t = tracks.emplace_back(track{c});
        if (c.fault) return conclude(t, c.left_out ? fate::skipped : fate::failed, c.fault->what(), c.fault);
        if (c.wave > 0 && !options.past_failures && !summary.all_good()) return conclude(t, fate::skipped, "something before it was not done", std::nullopt);
        if (const auto bad = spoilt.find(c.item); bad != spoilt.end() && bad->second < c.stage) return conclude(t, fate::skipped, "what has to come before it was not done", std::nullopt);
        if (c.requests.empty()) return conclude(t, touched.contains(c.item) ? fate::done : fate::unchanged, c.why, std::nullopt);
        if (options.dry_run) return show(t); // which sets nothing aside
        if (const auto refused = c.claim ? claims.refusal(*c.claim) : std::nullopt) return conclude(t, fate::failed, refused->what(), refused);
        if (const auto refused = prepare(c)) return conclude(t, refused->kind() == error_kind::conflict ? fate::conflict : fate::failed, refused->what(), refused);
        ready.push_back(&t);
    }

    /// Whoever waits for the outcome of an earlier change has it before.
    std::optional<error> prepare(const planned_change& c) {
        if (!options.before) return std::nullopt;
        pipeline.drain();
        deliver();
        try {
            options.before(c);
            return std::nullopt;
        } catch (const error& e) {
            return e;
        }
    }

    void enter_wave(const planned_change& c) {
        if (c.wave > wave) finish_all();
        wave = c.wave;
    }

    void enter_stage(const planned_change& c) {
        std::size_t& stage = stages[c.item];
        if (c.stage > stage) finish_all();
        stage = c.stage;
    }

    void show(track& t) {
        for (const auto& request : t.change.requests)
            if (options.on_write) options.on_write(request);
        conclude(t, fate::done, {}, std::nullopt);
    }

    void send_ready() {
        while (!ready.empty()) {
            track& t = *ready.front();
            ready.pop_front();
            t.refusal ? send_withdrawal(t) : send(t, t.change.requests[t.next]);
        }
    }

    void finish_all() {
        do {
            send_ready();
            pipeline.drain();
            if (ready.empty()) look_whether_alone();
        } while (!ready.empty());
        deliver();
    }

    void open_journal() {
        if (kept || options.journal_folder.empty()) return;
        kept.emplace(journal::create(options.journal_folder, journal_heading::of(options.job, directory)));
        summary.journal = kept->path();
    }

    /// A request is guarded by the version that the one before it leaves.
    void wait_for_version(const ldap::write_request& request) {
        if (in_flight.contains(ldap::target(request).key())) pipeline.drain();
    }

    void enter(const ldap::write_request& request) {
        in_flight.insert(ldap::target(request).key());
        if (const auto* const moved = std::get_if<ldap::rename_request>(&request)) in_flight.insert(moved->new_dn.key());
    }

    void leave(const ldap::write_request& request) {
        in_flight.erase(in_flight.find(ldap::target(request).key()));
        if (const auto* const moved = std::get_if<ldap::rename_request>(&request)) in_flight.erase(in_flight.find(moved->new_dn.key()));
    }

    void send(track& t, const ldap::write_request& planned) {
        open_journal();
        wait_for_version(planned);
        if (known.must_be_read(planned)) {
            pipeline.drain();
            known.read(planned);
        }
        ldap::write_request request = known.up_to_date(planned);
        if (options.on_write) options.on_write(request);
        if (kept) remember_folder_left_by(request);
        const std::size_t number = kept ? kept->intend(request, t.change, things + t.change.item + 1) : 0;
        enter(request);
        pipeline.submit(std::move(request), [this, &t, number](const ldap::write_request& sent, const ldap::write_result& r) {
            leave(sent);
            if (kept) kept->record(number, r);
            answered(t, sent, r);
        });
    }

    void answered(track& t, const ldap::write_request& sent, const ldap::write_result& r) {
        if (r.outcome == ldap::outcome::not_sent) return; // the run is ending: end_plan() says so
        if (r.outcome == ldap::outcome::done) {
            known.learn(sent, r);
            remember_folder(r);
        }
        if (t.refusal) return withdrawn(t, r);
        if (r.outcome == ldap::outcome::done) return advance(t, sent, r);
        if (is_made_by_others(t, r)) return leave_to_others(t, sent);
        if (r.result.code == assertion_failed) t.asserted.emplace(ldap::target(sent), *ldap::guard_of(sent));
        const fate f = fate_of(sent, r);
        const error fault = f == fate::conflict ? conflict_of(t.change, sent, r, is_begun(t)) : fault_of(sent, r);
        if (f == fate::unchanged) return advance(t, sent, r);
        if (f == fate::in_doubt || !must_withdraw(t)) return conclude(t, f, sentence_of(f, r, fault, is_begun(t)), fault);
        t.may_be_there = r.result.code == entry_already_exists;
        t.refusal.emplace(change_outcome{t.change, f, sentence_of(f, r, fault, is_begun(t)), fault, std::nullopt});
        ready.push_back(&t);
    }

    /// Something of it is done, and stays.
    bool is_begun(const track& t) const { return !must_withdraw(t) && (t.next > 0 || touched.contains(t.change.item)); }

    static bool leaves_folder(const ldap::write_request& request) {
        const auto* const modify = std::get_if<ldap::modify_request>(&request);
        if (modify == nullptr) return std::holds_alternative<ldap::delete_request>(request);
        return std::any_of(modify->changes.begin(), modify->changes.end(), [](const ldap::modification& m) {
            return ascii::iequals(m.attribute, schema::attr::mailbox) || ascii::iequals(m.attribute, schema::attr::vd_home);
        });
    }

    /// Before it is left: whoever makes a mailbox after a run that was cut here would have it. Throws where that cannot be written, and then nothing is sent.
    void remember_folder_left_by(const ldap::write_request& request) {
        const auto* const guard = leaves_folder(request) ? ldap::guard_of(request) : nullptr;
        const auto before = guard != nullptr ? guard->entry_before() : std::nullopt;
        const auto folder = before ? folder_of(*before) : std::nullopt;
        if (folder && remembered.insert(*folder).second) remember(*folder);
    }

    /// Only a delete is answered with the entry before it and none after.
    void remember_folder(const ldap::write_result& r) {
        if (!kept || !r.result.pre_read || r.result.post_read) return;
        if (auto folder = folder_of(*r.result.pre_read); folder && remembered.insert(*folder).second) left_folders.push_back(std::move(*folder));
    }

    void remember(const left_folder& f) const { former_folders::append(options.journal_folder, f.home, f.path, f.owner); }

    static std::optional<left_folder> folder_of(const ldap::entry& e) {
        auto path = e.first(schema::attr::mailbox), home = e.first(schema::attr::vd_home);
        if (!path || !home) return std::nullopt;
        return left_folder{std::move(*home), std::move(*path), naming::subject_of(e)};
    }

    void advance(track& t, const ldap::write_request& sent, const ldap::write_result& r) {
        if (std::holds_alternative<ldap::add_request>(sent)) t.added.push_back({ldap::target(sent), r.result.post_read ? r.result.post_read->first(schema::attr::entry_uuid).value_or("") : ""});
        if (r.result.post_read) t.entry = r.result.post_read;
        const bool was_gone = r.outcome != ldap::outcome::done && t.change.requests.size() == 1;
        if (was_gone) return conclude(t, fate::unchanged, "it is gone already", std::nullopt);
        if (!t.change.alone.empty() && !std::holds_alternative<ldap::add_request>(sent)) t.put_back = inverse_of(sent, r);
        if (r.settled) t.said = "the answer was lost; the entry shows that it was done";
        go_on(t);
    }

    static bool is_made_by_others(const track& t, const ldap::write_result& r) {
        return t.change.keeps_others && t.next > 0 && r.outcome == ldap::outcome::not_done && r.result.code == entry_already_exists;
    }

    void leave_to_others(track& t, const ldap::write_request& sent) {
        t.said = fmt::format("{} is there already, and is left as it is", printable(naming::subject_of(ldap::target(sent))));
        go_on(t);
    }

    void go_on(track& t) {
        if (++t.next < t.change.requests.size()) return ready.push_back(&t);
        if (!t.change.alone.empty() || !t.change.whole.empty()) return written.push_back(&t);
        conclude(t, fate::done, t.said, std::nullopt);
    }

    // ---- what one alone may have

    /// One search for so many.
    static constexpr std::size_t looked_at_once = 32;
    /// Those who are stay in `written` until that is known.
    void look_whether_alone() {
        if (written.empty()) return;
        pipeline.drain();
        const auto give_up = std::chrono::steady_clock::now() + rivals::longest_wait;
        for (int attempt = 1; !written.empty(); ++attempt) {
            if (attempt > 1) wait_a_little(attempt);
            look_once(std::chrono::steady_clock::now() < give_up);
        }
    }

    void look_once(bool may_wait) {
        std::vector<rivals::claimant> all;
        for (const track* const t : written) all.push_back({ldap::target(t->change.requests.back()), &t->change.alone});
        const auto seen = others.of(all);
        const auto looked_at = std::exchange(written, {});
        for (std::size_t i = 0; i < looked_at.size(); ++i) {
            track& t = *looked_at[i];
            if (const auto missing = first_missing(t)) take_back(t, *missing);
            else if (!seen[i]) conclude(t, fate::done, t.said, std::nullopt);
            else if (may_wait && seen[i]->may_yield) written.push_back(&t);
            else take_back(t, *seen[i]);
        }
    }

    void take_back(track& t, const rival& other) {
        const error fault = already_exists(fmt::format("{}: {}; it was taken back", printable(t.change.subject), other.sentence), {.dn = ldap::target(t.change.requests.back()).text()});
        t.refusal.emplace(change_outcome{t.change, fate::failed, fault.what(), fault, std::nullopt});
        if (!t.put_back && t.added.empty()) stays(t);
        ready.push_back(&t);
    }

    /// Of an entry that is more than one.
    std::optional<ldap::dn> first_missing(const track& t) {
        for (const ldap::dn& name : t.change.whole)
            if (!directory.session().find(name, ldap::no_attributes())) return name;
        return std::nullopt;
    }

    void take_back(track& t, const ldap::dn& missing) {
        const std::string sentence = fmt::format("somebody takes {} away again: what was added is taken back", printable(naming::subject_of(missing)));
        t.refusal.emplace(change_outcome{t.change, fate::conflict, sentence, conflict(fmt::format("{}: {}", printable(t.change.subject), sentence), {.dn = missing.text()}), std::nullopt});
        ready.push_back(&t);
    }

    static void stays(track& t) {
        constexpr const char* words = ", as far as that could be done: what is written stays";
        t.refusal->sentence += words;
        t.refusal->fault = with_words(*t.refusal->fault, words);
    }

    // ---- all or none

    static bool must_withdraw(const track& t) { return t.change.all_or_none && !t.added.empty(); }

    /// Where somebody else completes what we began, what we added is part of that.
    bool is_completed_by_others(track& t) {
        if (!std::exchange(t.may_be_there, false)) return false;
        const auto* const add = std::get_if<ldap::add_request>(&t.change.requests[t.next]);
        if (add == nullptr) return false;
        pipeline.drain();
        const auto there = directory.session().find(add->entry.dn(), ldap::whole_entry());
        if (!there || !serves_as(*there, add->entry)) return false;
        const bool is_ours = says_all_of(*there, add->entry);
        if (!is_ours) t.added.clear(); // it leads where ours would: it is theirs, with what we have added for it
        return is_ours;
    }

    /// What it lies in may have got another name meanwhile.
    void look_for_withdrawn(track& t) {
        const addition gone = std::exchange(t.withdrawn, {});
        if (!std::exchange(t.is_elsewhere, false) || gone.entry_uuid.empty()) return;
        pipeline.drain();
        for (const ldap::entry& e : directory.session().search({directory.site().layout.container(), ldap::scope::subtree, ldap::filter::equal(schema::attr::entry_uuid, gone.entry_uuid), ldap::no_attributes()}))
            if (e.dn() != gone.name) t.added.push_back({e.dn(), gone.entry_uuid});
    }

    void send_withdrawal(track& t) {
        look_for_withdrawn(t);
        if (is_completed_by_others(t)) {
            t.refusal.reset();
            return go_on(t);
        }
        if (t.put_back) return send(t, *std::exchange(t.put_back, std::nullopt));
        if (t.added.empty()) return conclude(t, t.refusal->fate, t.refusal->sentence, t.refusal->fault);
        t.withdrawn = std::move(t.added.back());
        t.added.pop_back();
        const ldap::write_request goes{ldap::delete_request{t.withdrawn.name}};
        send(t, goes);
    }

    void withdrawn(track& t, const ldap::write_result& r) {
        t.is_elsewhere = r.outcome != ldap::outcome::done && r.result.code == no_such_object;
        if (r.outcome != ldap::outcome::done && !t.is_elsewhere) stays(t);
        ready.push_back(&t);
    }

    // ---- what is said about it

    void conclude(track& t, fate f, std::string sentence, std::optional<error> fault) {
        t.outcome.emplace(change_outcome{t.change, f, std::move(sentence), std::move(fault), std::move(t.entry)});
        if (!is_good(f)) spoilt.try_emplace(t.change.item, t.change.stage);
        if (f == fate::done && t.change.part) touched.insert(t.change.item);
        finished.push_back(&t);
    }

    /// A part that went well is no number of its own.
    void count(const change_outcome& o) {
        if (o.change.part && is_good(o.fate)) {
            if (o.fate == fate::done) ++summary.parts;
            return;
        }
        ++summary.changes;
        ++counter(summary, o.fate);
        if (o.fate == fate::done) ++summary.actions[o.change.action];
    }

    /// Who adds to a domain while somebody else removes or disables it is told. Here a look before the write cannot do, and one that fails takes nothing back.
    void look_at_domains() {
        std::map<std::string, ldap::dn> domains;
        for (const track& t : tracks)
            if (t.outcome->fate == fate::done && t.change.subject.find('@') != std::string::npos && !options.dry_run)
                for (const auto& request : t.change.requests)
                    if (auto name = domain_of_new(request)) domains.emplace(name->key(), *name);
        for (const track& t : tracks) // what we ourselves have given another name, or taken away, is no news
            for (const auto& request : t.change.requests)
                if (!std::holds_alternative<ldap::modify_request>(request)) domains.erase(ldap::target(request).key());
        for (const auto& [key, name] : domains) try {
            if (told_of.contains(key) || summary.stopped) continue;
            const auto domain = directory.session().find(name, {std::string(schema::attr::delete_), std::string(schema::attr::account_active)});
            const std::string subject = naming::subject_of(name);
            const bool is_removed = !domain || domain->first(schema::attr::delete_) == "TRUE";
            if (!is_removed && (domain->first(schema::attr::account_active) != "FALSE" || domains_told_of.contains(ascii::to_lower(subject)))) continue;
            told_of.insert(key);
            if (!is_removed) {
                if (!puts_into_service(name)) continue;
                summary.notices.push_back({subject, fmt::format("{} is disabled by now: what was added there works all the same", printable(subject))});
                continue;
            }
            summary.notices.push_back({subject, fmt::format("{} is {}: what was added there is out of service with it", printable(subject), domain ? "marked as removed by now" : "gone by now")});
        } catch (const error&) {
            return;
        }
    }

    /// Whether anything works that was added to the domain, or moved there; the first few tell.
    bool puts_into_service(const ldap::dn& domain) {
        std::size_t left = 20;
        for (const track& t : tracks)
            for (const auto& request : t.change.requests) {
                const auto place = t.outcome->fate == fate::done ? place_in_service(request) : std::nullopt;
                if (!place || !(place->parent() == domain)) continue;
                const auto there = directory.session().find(*place, {std::string(schema::attr::account_active)});
                if (there && there->first(schema::attr::account_active) != "FALSE") return true;
                if (--left == 0) return false;
            }
        return false;
    }

    /// A delete that found nothing: the entry may have got another name since it was read, and then it is not gone (its entryUUID stays).
    void look_for_it(change_outcome& o) {
        if (o.fate != fate::unchanged || o.change.requests.size() != 1) return;
        const auto* const removal = std::get_if<ldap::delete_request>(&o.change.requests.front());
        if (removal == nullptr || removal->guard.entry_uuid.empty()) return;
        try {
            const auto here = directory.session().search({directory.site().layout.container(), ldap::scope::subtree, ldap::filter::equal("entryUUID", removal->guard.entry_uuid), ldap::no_attributes()});
            if (here.empty()) return;
            o.fate = fate::conflict;
            spoilt.try_emplace(o.change.item, o.change.stage);
            o.sentence = fmt::format("somebody gave it another name meanwhile, {}: it is left as it is", printable(naming::subject_of(here[0].dn())));
            o.fault = conflict(fmt::format("{}: {}", printable(o.change.subject), o.sentence), {.dn = here[0].dn().text()});
        } catch (const error&) { // what it was told has to do
        }
    }

    /// An assertion that did not hold, of an entry that is as it was: the overlay looked at another one by it.
    void look_whether_changed(change_outcome& o, const track& t) {
        if (o.fate != fate::conflict || !t.asserted) return;
        try {
            const auto& [name, guard] = *t.asserted;
            const auto there = directory.session().find(name, {std::string(schema::attr::entry_uuid), std::string(schema::attr::entry_csn)});
            if (!there || guard.entry_csn.empty() || there->first(schema::attr::entry_csn) != guard.entry_csn || there->first(schema::attr::entry_uuid) != guard.entry_uuid) return;
            o.fate = fate::failed;
            o.fault = error(error_kind::configuration, fmt::format("the server takes no such change of {}, although nobody else has changed it", printable(o.change.subject)),
                            {.dn = name.text(), .ldap_code = assertion_failed, .hint = "slapo-unique may be watching over what is to be changed"});
            o.sentence = o.fault->what();
        } catch (const error&) { // what it was told has to do
        }
    }

    /// Whatever is said instead of the server's words keeps its kind.
    void explain(change_outcome& o) {
        if (!o.fault || o.fault->ldap_code() != not_allowed_on_non_leaf || o.change.subject.find('@') != std::string::npos) return;
        try {
            o.fault = not_empty(directory.session(), *o.fault);
            o.sentence = o.fault->what();
        } catch (const error&) { // the server's words have to do
        }
    }

    /// Or had been, while the plan was made; with what was left out because of it.
    bool is_lost(const change_outcome& o) {
        if (!keeps_lost || options.dry_run) return false;
        const bool is_faster = o.fate == fate::conflict || (o.fate == fate::failed && o.fault && o.fault->kind() == error_kind::already_exists);
        if (is_faster) lost.insert(o.change.item);
        return is_faster || (o.fate == fate::skipped && !o.fault && lost.contains(o.change.item));
    }

    bool was_sent(const change_outcome& o) const noexcept {
        return !options.dry_run && !o.change.requests.empty() && o.fate != fate::skipped && o.fate != fate::unchanged;
    }

    /// Outside of the pipeline: what the caller does with it must not come between a request and its answer.
    void deliver() {
        for (const auto& left : std::exchange(left_folders, {})) guarded([&] { remember(left); });
        for (track* t : std::exchange(finished, {})) {
            look_for_it(*t->outcome);
            look_whether_changed(*t->outcome, *t);
            explain(*t->outcome);
            const change_outcome& o = *t->outcome;
            if (is_lost(o)) continue;
            count(o);
            if (!is_good(o.fate) && o.fault && !summary.first_fault) summary.first_fault = o.fault;
            if (options.audit && was_sent(o)) guarded([&] { options.audit(o); });
            if (report) guarded([&] { report(o); }); // what nobody hears of is counted all the same
            if (options.progress) options.progress(++reported, expected);
        }
    }

    /// A request of our own bookkeeping, which is on record like any other. Only while nothing else is in flight.
    ldap::write_result perform(const ldap::write_request& request, const std::string& why = "places under the limits of a domain") {
        open_journal();
        const planned_change bookkeeping{.subject = {}, .action = "set aside", .why = why};
        const std::size_t number = kept ? kept->intend(request, bookkeeping) : 0;
        if (kept) kept->flush();
        const auto r = directory.session().write(request);
        if (kept) kept->record(number, r);
        if (r.outcome == ldap::outcome::done) known.learn(request, r);
        return r;
    }

    void carry_out(const plan& p, const second_look& again) {
        constexpr int most_looks = 5;
        const auto give_up = std::chrono::steady_clock::now() + longest_wait;
        auto subjects = carry_out_but_lost(p);
        for (int attempt = 1; !subjects.empty() && !stopped(); ++attempt) {
            const bool is_last = attempt >= most_looks && !(is_outdated && std::chrono::steady_clock::now() < give_up);
            wait_a_little(attempt);
            const plan& anew = again(subjects);
            subjects.clear();
            if (is_last) carry_out(anew);
            else subjects = carry_out_but_lost(anew);
        }
    }

    bool stopped() const noexcept { return summary.stopped || summary.declined; }

    run_summary finish() {
        if (is_outdated) throw outdated(directory);
        if (kept) guarded([&] { kept->close(); });
        return std::move(summary);
    }
};

namespace {

/// Who said yes is not asked again.
run_options asking_once(run_options options) {
    if (options.confirm) options.confirm = [ask = options.confirm, said_yes = false](const plan& p) mutable { return said_yes || (said_yes = ask(p)); };
    return options;
}

} // namespace

runner::runner(directory& d, run_options options, std::function<void(const change_outcome&)> report)
    : state_(std::make_unique<state>(d, asking_once(std::move(options)), std::move(report))) {}
runner::~runner() = default;

void runner::carry_out(const plan& p) { state_->carry_out(p); }
void runner::carry_out(const plan& p, const second_look& again) { state_->carry_out(p, again); }
bool runner::stopped() const noexcept { return state_->stopped(); }
bool runner::is_outdated() const noexcept { return state_->is_outdated; }
run_summary runner::finish() { return state_->finish(); }

run_summary run(directory& d, const plan& p, const run_options& options, const std::function<void(const change_outcome&)>& report) {
    runner r(d, options, report);
    r.carry_out(p);
    return r.finish();
}

run_summary run(directory& d, const std::function<const plan&()>& make, const run_options& options, const std::function<void(const change_outcome&)>& report) {
    runner r(d, options, report);
    const auto give_up = std::chrono::steady_clock::now() + longest_wait;
    for (int attempt = 1;; ++attempt) {
        r.carry_out(make());
        if (!r.is_outdated() || std::chrono::steady_clock::now() > give_up) return r.finish();
        wait_a_little(attempt);
    }
}

run_summary run(directory& d, const plan& p, const second_look& again, const run_options& options, const std::function<void(const change_outcome&)>& report) {
    runner r(d, options, report);
    r.carry_out(p, again);
    return r.finish();
}

namespace {

struct counted_enough {};

/// All mailboxes, or so many: of a million nobody needs to know more than that there are enough.
std::size_t mailboxes_up_to(directory& d, std::size_t most) {
    std::size_t count = 0;
    const auto accounts = ldap::filter::equal(schema::attr::object_class, schema::cls::account);
    try {
        d.session().for_each_view({d.site().layout.container(), ldap::scope::subtree, accounts, ldap::no_attributes()}, [&](ldap::entry_view&) {
            if (++count == most) throw counted_enough();
        });
    } catch (const counted_enough&) { // the rest is given up
    }
    return count;
}

} // namespace

std::size_t cap_for(directory& d, std::size_t changes, const std::optional<std::size_t>& max_changes) {
    if (max_changes) return *max_changes;
    if (changes <= always_allowed) return always_allowed;
    return std::max(always_allowed, mailboxes_up_to(d, changes * allowed_share) / allowed_share);
}

void require_within_cap(directory& d, std::size_t changes, const std::optional<std::size_t>& max_changes) {
    if (const std::size_t cap = cap_for(d, changes, max_changes); changes > cap)
        throw limit_exceeded(fmt::format("that would change {} {}, and one run may change {}: nothing was changed", changes, changes == 1 ? "entry" : "entries", cap),
                             {.remedy = remedy::look_then_allow_changes, .subject = std::to_string(changes)});
}

std::size_t run_summary::count(fate f) const noexcept { return counter(*this, f); }

bool run_summary::all_good() const noexcept { return !stopped && !declined && conflict + failed + in_doubt + unfinished + skipped == 0; }

void run_summary::success() const {
    if (stopped) stopped->raise();
    if (first_fault) first_fault->raise();
}

} // namespace vmail
