#include <vmail/ldap/session.hpp>

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/ldap/session_state.hpp>
#include <vmail/printable.hpp>

namespace vmail::ldap {

namespace {

using wire::broken;

constexpr int no_such_object = 32, already_there = 68;

bool holds_all_values(const entry& there, const std::string& name, const std::vector<std::string>& values) {
    return std::all_of(values.begin(), values.end(), [&](const std::string& v) { return there.has_value(name, v); });
}

bool is_class_or_password(const std::string& name) { return ascii::iequals(name, "objectClass") || ascii::iequals(name, "userPassword"); }

/// Whether the entry has all that an add request wanted. The server adds superior classes and may hide or hash passwords.
bool is_what_was_added(const entry& there, const entry& wanted) {
    const auto& all = wanted.attributes();
    return std::all_of(all.begin(), all.end(),
                       [&](const attribute& a) { return is_class_or_password(a.name) || holds_all_values(there, a.name, a.values); });
}

bool goal_holds(const entry& there, const modification& m) {
    const auto* values = there.find(m.attribute);
    if (is_class_or_password(m.attribute) && !values) return true; // may be hidden from us: the other changes of the request decide
    if (m.what == change::add) return holds_all_values(there, m.attribute, m.values);
    if (m.what == change::replace)
        return values ? values->size() == m.values.size() && holds_all_values(there, m.attribute, m.values) : m.values.empty();
    if (m.values.empty()) return !values;
    return std::none_of(m.values.begin(), m.values.end(), [&](const std::string& v) { return there.has_value(m.attribute, v); });
}

bool is_entry(const entry& there, const std::string& uuid) { return uuid.empty() || there.first("entryUUID") == uuid; }

const precondition& guard_of(const write_request& request) {
    static const precondition nothing;
    return std::visit(
        [](const auto& r) -> const precondition& {
            if constexpr (requires { r.guard; })
                return r.guard;
            else
                return nothing;
        },
        request);
}

std::chrono::milliseconds jitter(int attempt) {
    static thread_local std::minstd_rand random{std::random_device{}()};
    return std::chrono::milliseconds(50 * attempt + std::uniform_int_distribution<int>(0, 50)(random));
}

} // namespace

void session::state::notice(const std::string& sentence) const {
    if (options.on_notice) options.on_notice(sentence);
}

wire::connection& session::state::ready() {
    if (connection && !connection->usable()) connection.reset();
    if (!connection) connect();
    return *connection;
}

void session::state::connect() {
    if (options.uris.empty())
        throw error(error_kind::configuration, "no directory server is named", {.remedy = remedy::name_a_server, .session_usable = false});
    std::optional<unavailable> last;
    for (std::size_t i = 0; i < options.uris.size(); ++i) {
        const std::string& candidate = options.uris[(next_uri + i) % options.uris.size()];
        try {
            connection = std::make_unique<wire::connection>(options, candidate);
            next_uri = (next_uri + i) % options.uris.size();
            uri = candidate;
            identity = connection->identity();
            tls_version = connection->tls_version();
            return;
        } catch (const unavailable& e) {
            last = e;
            if (options.uris.size() > 1) notice(e.what());
        }
    }
    throw unavailable(options.uris.size() == 1 ? last->what()
                                               : fmt::format("none of the {} servers can be reached: {}", options.uris.size(), last->what()),
                      {.ldap_code = last->ldap_code(), .hint = last->hint(), .session_usable = false});
}

/// Reads go to any server. Each is asked once more at most, and one that did not answer in time is not asked again.
template <typename Read>
auto session::state::read(const Read& once) {
    for (std::size_t attempt = 1;; ++attempt) {
        try {
            return once(ready());
        } catch (const broken& b) {
            connection.reset();
            const bool late = b.code == LDAP_TIMEOUT;
            const std::size_t others = options.uris.size() - (late ? 1 : 0);
            if (attempt > others) throw unavailable(b.sentence, {.ldap_code = b.code, .session_usable = false});
            if (options.uris.size() > 1) notice(b.sentence + ": trying the next server");
            next_uri = (next_uri + 1) % options.uris.size();
            std::this_thread::sleep_for(jitter(static_cast<int>(attempt)));
        }
    }
}

std::optional<entry> session::state::find(const dn& name, const std::vector<std::string>& attributes) {
    const search_request request{name, scope::base, filter::present("objectClass"), attributes};
    auto answer = read([&](wire::connection& c) { return c.search(request, 0, {}); });
    if (answer.result.code == no_such_object) return std::nullopt;
    answer.result.success("read", name);
    if (answer.entries.empty()) return std::nullopt; // there, but not for us to see
    return std::move(answer.entries.front());
}

/// A server's contextCSN holds one value for each server that writes; a write is there when the value of its server is no older.
bool session::state::has_our_last_write(wire::connection& c) {
    const auto sid = [](std::string_view csn) { return csn.size() > 28 ? csn.substr(csn.size() - 10, 3) : std::string_view(); };
    const auto root = c.search({dn(), scope::base, filter::present("objectClass"), {"namingContexts"}}, 0, {});
    if (root.entries.empty()) return false;
    const auto* contexts = root.entries.front().find("namingContexts");
    for (const auto& context : contexts ? *contexts : std::vector<std::string>{}) {
        const auto p = c.search({dn::parse(context), scope::base, filter::present("objectClass"), {"contextCSN"}}, 0, {});
        const auto* csns = p.entries.empty() ? nullptr : p.entries.front().find("contextCSN");
        if (csns &&
            std::any_of(csns->begin(), csns->end(), [&](const std::string& csn) { return sid(csn) == sid(last_write_csn) && csn >= last_write_csn; }))
            return true;
    }
    return false;
}

wire::connection& session::state::ready_to_write() {
    wire::connection& c = ready();
    if (write_uri.empty() || write_uri == uri) return c;
    notice(fmt::format("writes go to {} from now on, no more to {}", printable(uri), printable(write_uri)));
    const auto give_up = std::chrono::steady_clock::now() + options.operation_timeout;
    while (!last_write_csn.empty() && !has_our_last_write(c)) {
        if (std::chrono::steady_clock::now() > give_up)
            throw unavailable(fmt::format("{} does not have what was written to {} last", printable(uri), printable(write_uri)),
                              {.hint = "wait for replication, then run again"});
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    write_uri = uri;
    return c;
}

void session::state::written(const ldap::result& r) {
    write_uri = uri;
    if (r.ok() && r.post_read)
        if (const auto csn = r.post_read->first("entryCSN")) last_write_csn = *csn;
}

write_result session::state::perform(wire::connection& c, const write_request& request) {
    const int id = c.send(request);
    for (;;) {
        auto answer = c.receive(true);
        if (answer->message_id != id) continue; // of a request that was given up
        written(answer->result);
        return {answer->result.ok() ? outcome::done : outcome::not_done, std::move(answer->result), false};
    }
}

session::state::seen session::state::look(const write_request& request) {
    if (const auto* r = std::get_if<add_request>(&request)) {
        const auto there = find(r->entry.dn(), {"*", "creatorsName", "entryUUID", "entryCSN"});
        if (!there) return seen::not_applied;
        const auto creator = there->first("creatorsName");
        const bool by_us = creator && identity.starts_with("dn:") && dn::parse(*creator) == dn::parse(identity.substr(3));
        return by_us && is_what_was_added(*there, r->entry) ? seen::applied : seen::something_else;
    }
    if (const auto* r = std::get_if<modify_request>(&request)) {
        const auto there = find(r->dn, {"*", "entryUUID", "entryCSN"});
        if (!there || !is_entry(*there, r->guard.entry_uuid)) return seen::something_else;
        if (!r->guard.entry_csn.empty() && there->first("entryCSN") == r->guard.entry_csn) return seen::not_applied;
        const bool holds = std::all_of(r->changes.begin(), r->changes.end(), [&](const modification& m) { return goal_holds(*there, m); });
        if (holds) return seen::applied;
        return r->guard.entry_csn.empty() ? seen::not_applied : seen::something_else;
    }
    if (const auto* r = std::get_if<delete_request>(&request)) {
        const auto there = find(r->dn, {"entryUUID"});
        return there && is_entry(*there, r->guard.entry_uuid) ? seen::not_applied : seen::applied;
    }
    const auto& r = std::get<rename_request>(request);
    const auto moved = find(r.new_dn, {"entryUUID"});
    if (moved && !r.guard.entry_uuid.empty() && is_entry(*moved, r.guard.entry_uuid)) return seen::applied;
    const auto there = find(r.dn, {"entryUUID"});
    return there && is_entry(*there, r.guard.entry_uuid) ? seen::not_applied : seen::something_else;
}

/// Only what ends in the same state when it is carried out twice may be sent a second time: an add (the second finds the first),
/// and what is guarded by the version that it changes.
static bool may_be_sent_again(const write_request& request) {
    return std::holds_alternative<add_request>(request) || !guard_of(request).entry_csn.empty() ||
           (!std::holds_alternative<modify_request>(request) && !guard_of(request).entry_uuid.empty());
}

write_result session::state::settle(const write_request& request) {
    const write_result unknown{outcome::unknown, {.code = LDAP_SERVER_DOWN}, false};
    const bool is_add = std::holds_alternative<add_request>(request);
    try {
        for (int attempt = 1; attempt <= 2; ++attempt) {
            const seen now = look(request);
            if (now == seen::applied) return {outcome::done, {}, true};
            // Somebody else's entry refused ours. A change that is not there either was refused or came first and was overwritten: not to be told apart.
            if (now == seen::something_else) return is_add ? write_result{outcome::not_done, {.code = already_there}, true} : unknown;
            if (attempt == 2 || !may_be_sent_again(request)) break;
            try {
                auto again = perform(ready_to_write(), request);
                again.settled = true;
                // The lost request may have been carried out between the look and the second one.
                if (again.outcome == outcome::not_done && look(request) == seen::applied) return {outcome::done, {}, true};
                return again;
            } catch (const broken&) {
                continue;
            }
        }
    } catch (const error&) {
        return unknown; // no server to read back from
    }
    return unknown;
}

write_result session::state::write(const write_request& request) {
    wire::connection* c = nullptr;
    try {
        c = &ready_to_write();
    } catch (const broken& b) { // nothing of the request was sent
        throw unavailable(b.sentence, {.ldap_code = b.code, .session_usable = false});
    }
    try {
        return perform(*c, request);
    } catch (const broken& b) {
        notice(b.sentence + ": reading back what became of the last write");
        return settle(request);
    }
}

session::session(session_options options) : state_(std::make_unique<state>(std::move(options))) { state_->ready(); }
session::session(session&&) noexcept = default;
session& session::operator=(session&&) noexcept = default;
session::~session() = default;

std::optional<entry> session::find(const dn& name, const std::vector<std::string>& attributes) { return state_->find(name, attributes); }

entry session::get(const dn& name, const std::vector<std::string>& attributes) {
    auto found = find(name, attributes);
    if (!found) throw not_found(fmt::format("there is no entry {}", name.text()), {.dn = name.text(), .ldap_code = no_such_object});
    return std::move(*found);
}

complete_entries session::search(const search_request& request) {
    std::vector<entry> all;
    for_each(request, [&](entry&& e) { all.push_back(std::move(e)); });
    return complete_entries(std::move(all));
}

std::size_t session::for_each(const search_request& request, const std::function<void(entry&&)>& visit) {
    std::size_t delivered = 0;
    std::string cookie;
    const std::size_t page_size = request.scope == scope::base ? 0 : state_->options.page_size;
    do {
        const auto once = [&](wire::connection& c) { return c.search(request, page_size, cookie); };
        wire::page page;
        if (cookie.empty()) {
            page = state_->read(once);
        } else {
            try {
                page = once(*state_->connection); // a cookie is worth nothing to another connection
            } catch (const broken& b) {
                state_->connection.reset();
                throw unavailable(fmt::format("the list below {} is cut short after {} entries: {}", request.base.text(), delivered, b.sentence),
                                  {.dn = request.base.text(), .ldap_code = b.code, .session_usable = false});
            }
        }
        const bool cut_short = page.result.code == LDAP_SIZELIMIT_EXCEEDED || page.result.code == LDAP_TIMELIMIT_EXCEEDED;
        page.result.success(cut_short ? fmt::format("list all entries (only {} came) below", delivered + page.entries.size()) : "search", request.base);
        delivered += page.entries.size();
        for (auto& e : page.entries) visit(std::move(e));
        cookie = std::move(page.cookie);
        if (!cookie.empty() && !state_->connection) throw unavailable("the connection went away in the middle of a list", {.session_usable = false});
    } while (!cookie.empty());
    return delivered;
}

write_result session::write(const write_request& request) { return state_->write(request); }
write_result session::add(const entry& e) { return write(add_request{e}); }
write_result session::modify(const modify_request& request) { return write(request); }
write_result session::remove(const delete_request& request) { return write(request); }
write_result session::rename(const rename_request& request) { return write(request); }

result session::set_password(const dn& name, const secret& new_password) {
    try {
        return state_->ready_to_write().change_password(name, new_password);
    } catch (const broken& b) {
        throw error(error_kind::in_doubt, fmt::format("the new password of {} may or may not be in force: {}", name.text(), b.sentence),
                    {.dn = name.text(), .ldap_code = b.code, .hint = "set it again", .session_usable = false});
    }
}

const subschema& session::schema() {
    if (!state_->schema) {
        const auto root = find(dn(), {"subschemaSubentry"});
        const auto where = root ? root->first("subschemaSubentry") : std::nullopt;
        state_->schema.emplace(get(dn::parse(where.value_or("cn=Subschema")), {"attributeTypes", "objectClasses"}));
    }
    return *state_->schema;
}

const std::string& session::identity() const noexcept { return state_->identity; }
const std::string& session::uri() const noexcept { return state_->uri; }
const std::string& session::tls_version() const noexcept { return state_->tls_version; }
const session_options& session::options() const noexcept { return state_->options; }

} // namespace vmail::ldap
