#include <algorithm>
#include <string_view>
#include <variant>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>

#include <vmail/ldap/session_state.hpp>

/// What became of a write whose answer was lost, found out by reading back.
///
/// The CSN of such a write is not known. So only the server that it was sent to can show that it did not happen: any other one may just be late.
/// What another server shows counts where it cannot be older than the write: it has all that was known before, and the effect is there.
namespace vmail::ldap {

namespace {

const write_result in_doubt{outcome::unknown, {.code = LDAP_SERVER_DOWN}, false};
const write_result found_done{outcome::done, {}, true};
const write_result found_refused{outcome::not_done, {.code = LDAP_ALREADY_EXISTS}, true};

/// Completed by the server, hidden from us perhaps, or not read since it is operational.
bool may_look_otherwise(const std::string& name) {
    return ascii::iequals(name, "objectClass") || ascii::iequals(name, "userPassword") || ascii::iequals(name, "pwdReset");
}

bool holds_all_values(const entry& there, const std::string& name, const std::vector<std::string>& values) {
    return std::all_of(values.begin(), values.end(), [&](const std::string& v) { return there.has_value(name, v); });
}

enum class likeness { same, partly_hidden, other };

/// Whether the entry has all that an add request wanted. The server adds superior classes and may hide or hash passwords; an attribute that is
/// not there at all may be one that we must not read.
likeness compare(const entry& there, const entry& wanted) {
    likeness result = likeness::same;
    for (const attribute& a : wanted.attributes()) {
        if (may_look_otherwise(a.name)) continue;
        if (!there.has(a.name))
            result = likeness::partly_hidden;
        else if (!holds_all_values(there, a.name, a.values))
            return likeness::other;
    }
    return result;
}

bool goal_holds(const entry& there, const modification& m) {
    const auto* values = there.find(m.attribute);
    if (may_look_otherwise(m.attribute) && !values) return true; // may be hidden from us: the other changes of the request decide
    if (m.what == change::add) return holds_all_values(there, m.attribute, m.values);
    if (m.what == change::replace)
        return values ? values->size() == m.values.size() && holds_all_values(there, m.attribute, m.values) : m.values.empty();
    if (m.values.empty()) return !values;
    return std::none_of(m.values.begin(), m.values.end(), [&](const std::string& v) { return there.has_value(m.attribute, v); });
}

bool goal_holds(const entry& there, const std::vector<modification>& changes) {
    return std::all_of(changes.begin(), changes.end(), [&](const modification& m) { return goal_holds(there, m); });
}

enum class creator { we, somebody_else, not_known };

/// Where the server did not tell who we are, we know only how we spelled it.
creator creator_of(const entry& there, std::string_view identity, bool is_told) {
    const auto name = there.first("creatorsName");
    if (!name || name->empty() || !identity.starts_with("dn:")) return creator::not_known;
    if (dn::parse(*name) == dn::parse(identity.substr(3))) return creator::we;
    return is_told ? creator::somebody_else : creator::not_known;
}

/// Only what ends in the same state when it is carried out twice may be sent a second time: an add (the second finds the first),
/// and what is guarded by the version that it changes.
struct may_be_sent_again {
    bool operator()(const add_request&) const { return true; }
    bool operator()(const modify_request& r) const { return !r.guard.entry_csn.empty(); }
    bool operator()(const delete_request& r) const { return !r.guard.entry_csn.empty() || !r.guard.entry_uuid.empty(); }
    bool operator()(const rename_request& r) const { return !r.guard.entry_csn.empty() || !r.guard.entry_uuid.empty(); }
};

} // namespace

/// Says what is to be seen of a request: one overload for each.
class session::state::witness {
public:
    explicit witness(state& s) : s_(s) {}

    seen operator()(const add_request& r) const {
        const sighting there = s_.look_at(r.entry.dn());
        if (!there.found) return missing(there);
        const creator by = creator_of(*there.found, s_.identity, s_.connection->identity_is_told());
        const likeness is = compare(*there.found, r.entry);
        if (by == creator::we && is == likeness::same) return there.caught_up ? seen::applied : seen::uncertain;
        const bool not_ours = by == creator::somebody_else || (by == creator::we && is == likeness::other);
        return not_ours && there.where_written ? seen::somebody_elses : seen::uncertain;
    }

    seen operator()(const modify_request& r) const {
        const sighting there = s_.look_at(r.dn);
        if (!there.found || is_other_entry(*there.found, r.guard)) return seen::uncertain;
        const auto version = there.found->first("entryCSN");
        if (there.where_written && version && *version == r.guard.entry_csn) return seen::not_applied;
        if (goal_holds(*there.found, r.changes)) return there.where_written || is_newer(there, r.guard) ? seen::applied : seen::uncertain;
        return there.where_written && r.guard.entry_csn.empty() ? seen::not_applied : seen::uncertain;
    }

    seen operator()(const delete_request& r) const {
        const sighting there = s_.look_at(r.dn);
        if (there.absent || (there.found && is_other_entry(*there.found, r.guard))) {
            if (!there.where_written && !had_version(there, r.guard)) return seen::uncertain;
            s_.last = {r.dn, r.guard.entry_csn, r.guard.entry_uuid};
            return seen::applied;
        }
        return there.found && is_entry(*there.found, r.guard) && there.where_written ? seen::not_applied : seen::uncertain;
    }

    seen operator()(const rename_request& r) const {
        const sighting moved = s_.look_at(r.new_dn);
        if (moved.found && !r.guard.entry_uuid.empty() && is_entry(*moved.found, r.guard))
            return moved.where_written || is_newer(moved, r.guard) ? seen::applied : seen::uncertain;
        const sighting there = s_.look_at(r.dn);
        return there.found && is_entry(*there.found, r.guard) && there.where_written ? seen::not_applied : seen::uncertain;
    }

private:
    static seen missing(const sighting& there) { return there.absent && there.where_written ? seen::not_applied : seen::uncertain; }

    static bool is_entry(const entry& there, const precondition& guard) {
        return guard.entry_uuid.empty() || there.first("entryUUID") == guard.entry_uuid;
    }

    /// An entryUUID that may not be read says nothing.
    static bool is_other_entry(const entry& there, const precondition& guard) { return there.has("entryUUID") && !is_entry(there, guard); }

    /// A late server may show an older version, in which the goal held as well.
    static bool is_newer(const sighting& there, const precondition& guard) {
        const auto version = there.found->first("entryCSN");
        return there.caught_up && !guard.entry_csn.empty() && version && *version > guard.entry_csn;
    }

    /// Whether that server once had the very version that was to be deleted, so that its absence is no lateness.
    static bool had_version(const sighting& there, const precondition& guard) {
        return there.caught_up && !guard.entry_csn.empty() && there.has.holds(guard.entry_csn);
    }

    state& s_;
};

session::state::sighting session::state::look_at(const dn& name) {
    return read([&](wire::connection& c) {
        sighting there;
        there.where_written = c.uri() == write_uri;
        // What a server has is asked before the entry: the other way round, the entry could be older.
        there.caught_up = there.where_written || is_caught_up(c, name);
        if (!there.where_written) there.has = context_of(c, name);
        auto answer = c.read({name, scope::base, filter::present("objectClass"), {"*", "creatorsName", "entryUUID", "entryCSN"}});
        there.absent = answer.result.code == LDAP_NO_SUCH_OBJECT;
        if (!there.absent) answer.result.success("read back", name);
        if (!answer.entries.empty()) there.found = std::move(answer.entries.front());
        if (there.where_written && there.found) remember(*there.found);
        return there;
    });
}

/// A server that writes move to has to have what we saw on the one before.
void session::state::remember(const entry& seen_there) {
    const auto csn = seen_there.first("entryCSN");
    if (csn && (!last || *csn > last->csn)) last = {seen_there.dn(), *csn, {}};
}

session::state::seen session::state::look(const write_request& request) { return std::visit(witness(*this), request); }

write_result session::state::settle(const write_request& request) {
    try {
        return settle_by_reading(request);
    } catch (const error&) {
        return in_doubt; // no server to read back from
    }
}

write_result session::state::settle_by_reading(const write_request& request) {
    for (const bool again : {true, false}) {
        const seen now = look(request);
        if (now == seen::applied) return found_done;
        if (now == seen::somebody_elses) return found_refused;
        if (now == seen::uncertain || !again || !std::visit(may_be_sent_again{}, request)) break;
        if (auto answered = send_again(request)) return *answered;
    }
    return in_doubt;
}

/// To the same server only. Nothing when the answer was lost again.
std::optional<write_result> session::state::send_again(const write_request& request) {
    wire::connection& c = ready();
    if (c.uri() != write_uri) return in_doubt;
    try {
        auto answered = perform(c, request);
        answered.settled = true;
        if (answered.outcome == outcome::done) return answered;
        // The lost request may have been carried out between the look and the second one.
        const seen now = look(request);
        return now == seen::applied ? found_done : now == seen::uncertain ? in_doubt : answered;
    } catch (const wire::broken&) {
        return std::nullopt;
    }
}

} // namespace vmail::ldap
