#include <algorithm>
#include <chrono>
#include <thread>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/ldap/session_state.hpp>

/// Several servers with one tree: which of them a write may go to.
namespace vmail::ldap {

namespace {

std::vector<std::string> values_at(wire::connection& c, const dn& name, const std::string& attribute) {
    const auto answer = c.read({name, scope::base, filter::present("objectClass"), {attribute}});
    const auto* values = answer.entries.empty() ? nullptr : answer.entries.front().find(attribute);
    return values ? *values : std::vector<std::string>();
}

/// The top of the tree that the entry is in, by the server's own list.
std::optional<dn> naming_context_of(wire::connection& c, const dn& name) {
    std::optional<dn> top;
    for (const auto& text : values_at(c, dn(), "namingContexts")) {
        auto context = dn::parse(text);
        if (name.is_within(context) && (!top || context.depth() > top->depth())) top = std::move(context);
    }
    return top;
}

bool has_top_of(wire::connection& c, const dn& name) {
    const auto top = naming_context_of(c, name);
    return top && c.read({*top, scope::base, filter::present("objectClass"), no_attributes()}).result.ok();
}

bool is_gone(wire::connection& c, const dn& name, const std::string& uuid) {
    const auto answer = c.read({name, scope::base, filter::present("objectClass"), {"entryUUID"}});
    if (answer.result.code == LDAP_NO_SUCH_OBJECT) return true;
    const auto there = answer.entries.empty() ? std::nullopt : answer.entries.front().first("entryUUID");
    return there && *there != uuid;
}

} // namespace

context_csn session::state::context_of(wire::connection& c, const dn& name) {
    const auto top = naming_context_of(c, name);
    return top ? context_csn(values_at(c, *top, "contextCSN")) : context_csn();
}

/// Whether the server has all that we know to have been written before.
bool session::state::is_caught_up(wire::connection& c, const dn& name) {
    if (!context_of(c, name).covers(known_at_start)) return false;
    if (!last) return true;
    if (!last->csn.empty() && !context_of(c, last->name).holds(last->csn)) return false;
    return last->gone_uuid.empty() || is_gone(c, last->name, last->gone_uuid);
}

void session::state::written(const write_request& request, const ldap::result& r) {
    if (!r.ok()) return;
    const auto& now = r.post_read ? r.post_read : r.pre_read;
    const auto csn = now ? now->first("entryCSN") : std::nullopt;
    if (!csn) return;
    const auto* moved = std::get_if<rename_request>(&request);
    last = {moved ? moved->new_dn : target(request), *csn, r.post_read ? std::string() : now->first("entryUUID").value_or("")};
}

void session::state::wait_until(const std::function<bool()>& there, const std::string& otherwise) {
    const auto give_up = std::chrono::steady_clock::now() + options.operation_timeout;
    while (!there()) {
        if (std::chrono::steady_clock::now() > give_up) throw unavailable(otherwise, {.hint = "wait for replication, then run again"});
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
}

/// An earlier run may have written to another server than the one that is tried first today, and that one may not have it all yet.
void session::state::find_newest_server(const dn& name) {
    const context_csn here = context_of(*connection, name);
    // An empty database has none either, and is behind.
    const bool here_is_silent = here.empty() && has_top_of(*connection, name);
    context_csn best = known_at_start = here;
    std::unique_ptr<wire::connection> ahead;
    std::string silent;
    for (const auto& candidate : options.uris) {
        auto other = connection_to_compare(candidate);
        if (!other) continue;
        const context_csn there = context_of(*other, name);
        if (there.empty()) silent = candidate;
        if (here_is_silent && !there.empty()) return tell_silent(uri);
        known_at_start.join(there);
        if (best.covers(there) || !there.covers(best)) continue;
        best = there;
        ahead = std::move(other);
    }
    if (!silent.empty() && !here.empty()) tell_silent(silent);
    if (here.covers(known_at_start)) return;
    if (ahead && best.covers(known_at_start)) {
        notice(fmt::format("writes go to {}, which is ahead of {}", printable(ahead->uri()), printable(uri)));
        return use(std::move(ahead));
    }
    wait_until([&] { return context_of(*connection, name).covers(known_at_start); },
               fmt::format("{} does not have all that the other servers have", printable(uri)));
}

/// One of the servers tells nothing of what it has, and others do.
void session::state::tell_silent(const std::string& candidate) const {
    notice(fmt::format("whether {} is ahead of the others cannot be told: it shows no contextCSN", printable(candidate)));
}

/// None when it is the one in use, and when that server is away or not to be used: what it has cannot be told then, which is said once.
std::unique_ptr<wire::connection> session::state::connection_to_compare(const std::string& candidate) {
    if (candidate == uri || std::find(away.begin(), away.end(), candidate) != away.end()) return nullptr;
    try {
        return std::make_unique<wire::connection>(options, candidate);
    } catch (const error& e) {
        notice(fmt::format("whether {} is ahead of the others cannot be told: {}", printable(candidate), e.what()));
        return nullptr;
    }
}

void session::state::follow_to_another_server(const dn& name) {
    notice(fmt::format("writes go to {} from now on, no more to {}", printable(uri), printable(write_uri)));
    wait_until([&] { return is_caught_up(*connection, name); },
               fmt::format("{} does not have what was written to {} last", printable(uri), printable(write_uri)));
}

wire::connection& session::state::ready_to_write(const dn& name) {
    foreseen.clear();
    ready();
    if (write_uri == uri) return *connection;
    try {
        if (!write_uri.empty())
            follow_to_another_server(name);
        else if (options.uris.size() > 1)
            find_newest_server(name);
    } catch (const wire::broken& b) {
        throw unavailable(b.sentence, {.ldap_code = b.code, .session_usable = false});
    }
    write_uri = uri;
    return *connection;
}

} // namespace vmail::ldap
