#include <vmail/ldap/session.hpp>

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/ldap/answerable.hpp>
#include <vmail/ldap/session_state.hpp>
#include <vmail/printable.hpp>

namespace vmail::ldap {

namespace {

using wire::broken;

std::chrono::milliseconds jitter(int attempt) {
    static thread_local std::minstd_rand random{std::random_device{}()};
    return std::chrono::milliseconds(50 * attempt + std::uniform_int_distribution<int>(0, 50)(random));
}

} // namespace

void session::state::notice(const std::string& sentence) const {
    if (options.on_notice) options.on_notice(sentence);
}

bool session::state::is_ours_or_above(const dn& name) const {
    constexpr std::string_view prefix = "dn:"; // RFC 4513 section 5.2.1.8
    if (!identity.starts_with(prefix)) return false;
    try {
        return dn::parse(std::string_view(identity).substr(prefix.size())).is_within(name);
    } catch (const invalid_value&) {
        return false;
    }
}

wire::connection& session::state::ready() {
    if (connection && !connection->usable()) connection.reset();
    if (!connection) connect();
    return *connection;
}

void session::state::connect() {
    if (options.uris.empty())
        throw error(error_kind::configuration, "no directory server is named", {.remedy = remedy::name_a_server, .session_usable = false});
    std::optional<unavailable> last_failure;
    away.clear();
    for (std::size_t i = 0; i < options.uris.size(); ++i) {
        const std::string& candidate = options.uris[(next_uri + i) % options.uris.size()];
        try {
            return use(std::make_unique<wire::connection>(options, candidate));
        } catch (const unavailable& e) {
            last_failure = e;
            away.push_back(candidate);
            if (options.uris.size() > 1) notice(e.what());
        }
    }
    throw unavailable(options.uris.size() == 1 ? last_failure->what()
                                               : fmt::format("none of the {} servers can be reached: {}", options.uris.size(), last_failure->what()),
                      {.ldap_code = last_failure->ldap_code(), .hint = last_failure->hint(), .session_usable = false});
}

void session::state::use(std::unique_ptr<wire::connection> c) {
    connection = std::move(c);
    ++connections_made;
    uri = connection->uri();
    identity = connection->identity();
    tls_version = connection->tls_version();
    next_uri = static_cast<std::size_t>(std::find(options.uris.begin(), options.uris.end(), uri) - options.uris.begin());
}

void session::state::try_another_server(const broken& b, std::size_t attempt) {
    connection.reset();
    const bool late = b.code == LDAP_TIMEOUT;
    const std::size_t others = options.uris.size() - (late ? 1 : 0);
    if (attempt > others) throw unavailable(b.sentence, {.ldap_code = b.code, .session_usable = false});
    if (options.uris.size() > 1) notice(b.sentence + ": trying the next server");
    next_uri = (next_uri + 1) % options.uris.size();
    std::this_thread::sleep_for(jitter(static_cast<int>(attempt)));
}

namespace {

std::string key_of(const search_request& r) {
    std::string key = fmt::format("{}\n{}\n{}", r.base.text(), static_cast<int>(r.scope), r.filter.text());
    for (const std::string& name : r.attributes) key += '\n' + name;
    return key;
}

} // namespace

/// An answer that is no success is left to who asks, and asks again: of a limit that is reached a search by pages knows nothing.
std::vector<bool> session::state::look_ahead(const std::vector<search_request>& requests) {
    std::vector<bool> matches(requests.size());
    if (in_list || requests.empty()) return matches;
    auto answers = read([&](wire::connection& c) { return c.search_all(requests); });
    for (std::size_t i = 0; i < requests.size(); ++i) {
        const int code = answers[i].result.code;
        matches[i] = !answers[i].entries.empty();
        if (code == LDAP_SUCCESS || code == LDAP_NO_SUCH_OBJECT) foreseen.insert_or_assign(key_of(requests[i]), std::move(answers[i]));
    }
    return matches;
}

std::optional<wire::page> session::state::take_foreseen(const search_request& request) {
    if (foreseen.empty()) return std::nullopt;
    auto known = foreseen.extract(key_of(request));
    return known ? std::optional(std::move(known.mapped())) : std::nullopt;
}

std::optional<entry> session::state::find(const dn& name, const std::vector<std::string>& attributes) {
    const search_request request = request_for(name, attributes);
    auto known = take_foreseen(request);
    auto decoded = known ? wire::decoded(*known, options.never_read) : std::nullopt;
    auto answer = decoded ? std::move(*decoded) : read([&](wire::connection& c) { return c.read(request); });
    if (answer.result.code == LDAP_NO_SUCH_OBJECT) return std::nullopt;
    answer.result.success("read", name);
    if (answer.entries.empty()) return std::nullopt; // there, but not for us to see
    return std::move(answer.entries.front());
}

write_result session::state::perform(wire::connection& c, const write_request& request) {
    const int id = c.send(request);
    for (;;) {
        auto answer = c.receive(true);
        if (answer->message_id != id) continue; // of a request that was given up
        written(request, answer->result);
        return {answer->result.ok() ? outcome::done : outcome::not_done, std::move(answer->result), false};
    }
}

write_result session::state::write(const write_request& request) {
    wire::connection& c = ready_to_write(target(request));
    try {
        return perform(c, request);
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

std::vector<bool> session::look_ahead(const std::vector<search_request>& requests) { return state_->look_ahead(requests); }
void session::forget_ahead() noexcept { state_->foreseen.clear(); }
search_request session::request_for(const dn& name, const std::vector<std::string>& attributes) { return {name, scope::base, filter::present("objectClass"), attributes}; }

entry session::get(const dn& name, const std::vector<std::string>& attributes) {
    auto found = find(name, attributes);
    if (!found) throw not_found(fmt::format("there is no entry {}", name.text()), {.dn = name.text(), .ldap_code = LDAP_NO_SUCH_OBJECT});
    return std::move(*found);
}

void session::require_absent(const dn& name) const {
    if (state_->is_ours_or_above(name)) result{.code = LDAP_INSUFFICIENT_ACCESS}.success("read", name);
}

complete_entries session::search(const search_request& request) {
    std::vector<entry> all;
    for_each(request, [&](entry&& e) { all.push_back(std::move(e)); });
    return complete_entries(std::move(all));
}

std::size_t session::for_each(const search_request& request, const std::function<void(entry&&)>& visit) {
    return state_->list(request, [&](entry_view& e) { visit(e.to_entry()); });
}

std::size_t session::for_each_view(const search_request& request, const std::function<void(entry_view&)>& visit) { return state_->list(request, visit); }

write_result session::write(const write_request& request) { return state_->write(request); }
write_result session::add(const entry& e) { return write(add_request{e}); }
write_result session::modify(const modify_request& request) { return write(request); }
write_result session::remove(const delete_request& request) { return write(request); }
write_result session::rename(const rename_request& request) { return write(request); }

result session::set_password(const dn& name, const secret& new_password, const secret* old_password) {
    try {
        return state_->ready_to_write(name).change_password(name, new_password, old_password);
    } catch (const broken& b) {
        throw error(error_kind::in_doubt, fmt::format("the new password of {} may or may not be in force: {}", name.text(), b.sentence),
                    {.dn = name.text(), .ldap_code = b.code, .hint = "set it again", .session_usable = false});
    }
}

void session::never_read(std::string_view attribute) {
    auto& names = state_->options.never_read;
    if (std::find(names.begin(), names.end(), attribute) == names.end()) names.emplace_back(attribute);
}

const subschema& session::schema() {
    if (!state_->schema) {
        const std::vector<std::string> of_root{"subschemaSubentry"}, wanted{"attributeTypes", "objectClasses", "matchingRules", "matchingRuleUse"};
        const dn usual = dn::parse("cn=Subschema"); // slapd's
        look_ahead({request_for(dn(), of_root), request_for(usual, wanted)});
        const auto root = find(dn(), of_root);
        const auto where = root ? root->first("subschemaSubentry") : std::nullopt;
        state_->schema.emplace(get(where ? dn::parse(*where) : usual, wanted));
    }
    return *state_->schema;
}

void session::require_answerable(const filter& typed) {
    const auto unchecked = [&](std::string_view why) {
        state_->notice(fmt::format("the filter {} is sent unchecked: the server's schema cannot be read{}", printable(typed.text()), why));
    };
    try {
        if (schema().empty()) return unchecked("");
    } catch (const unavailable&) {
        throw;
    } catch (const error& e) {
        return unchecked(fmt::format(": {}", e.what()));
    }
    ldap::require_answerable(typed, schema());
}

const std::string& session::identity() const noexcept { return state_->identity; }
const std::string& session::uri() const noexcept { return state_->uri; }
const std::string& session::tls_version() const noexcept { return state_->tls_version; }
const session_options& session::options() const noexcept { return state_->options; }

} // namespace vmail::ldap
