#include <algorithm>
#include <array>
#include <optional>

#include <vmail/ascii.hpp>

#include <vmail/activity/postfix_log.hpp>

namespace vmail::activity {

namespace {

constexpr auto npos = std::string_view::npos;

std::string_view behind_last(std::string_view text, char mark) {
    const auto at = text.rfind(mark);
    return at == npos ? text : text.substr(at + 1);
}

std::string_view up_to(std::string_view text, std::string_view end) { return text.substr(0, text.find(end)); }

/// Digits, capitals and small consonants, as in short and in long queue IDs: no word of a sentence, and "NOQUEUE".
bool is_of_id(char c) { return ascii::is_digit(c) || ascii::is_upper(c) || (ascii::is_lower(c) && std::string_view("aeiou").find(c) == npos); }

/// The ID in front of ": "; empty where the line is about no message.
std::string_view id_of(std::string_view text) {
    const auto end = text.find(':');
    if (end == npos || end < 5 || end > 30 || text.substr(end, 2) != ": ") return {};
    const auto id = text.substr(0, end);
    return std::all_of(id.begin(), id.end(), is_of_id) ? id : std::string_view{};
}

bool starts_with_any(std::string_view text, const auto& beginnings) {
    return std::any_of(std::begin(beginnings), std::end(beginnings), [&](std::string_view b) { return text.starts_with(b); });
}

/// What is said of no message, and is of no use here.
bool is_known(std::string_view text) {
    static constexpr std::array<std::string_view, 32> beginnings = {
        "connect ", "disconnect ", "lost connection ", "timeout ", "too many errors ", "warning: ", "error: ", "fatal: ", "panic: ", "statistics: ", "improper command ",
        "Anonymous TLS ", "Untrusted TLS ", "Trusted TLS ", "Verified TLS ", "setting up TLS ", "SSL_", "TLS ", "initializing ", "table ", "daemon started ", "starting the Postfix ",
        "stopping the Postfix ", "refreshing the Postfix ", "reload ", "terminating on ", "scan ", "cache ", "CONNECT ", "PASS ", "PREGREET ", "DISCONNECT "};
    return starts_with_any(text, beginnings);
}

bool is_agent(std::string_view service) {
    static constexpr std::array<std::string_view, 8> agents = {"smtp", "lmtp", "virtual", "local", "pipe", "error", "retry", "discard"};
    return std::find(agents.begin(), agents.end(), service) != agents.end();
}

std::optional<fate> fate_of(std::string_view status) {
    if (status == "sent") return fate::sent;
    if (status == "deferred") return fate::deferred;
    if (status == "bounced" || status == "expired") return fate::bounced;
    return std::nullopt; // of a question whether it would be
}

/// The user at the end of a line: only the server writes there.
std::string_view user_at_end(std::string_view text) {
    constexpr std::string_view key = " sasl_username=<";
    const auto at = text.rfind(key);
    if (at == npos || !text.ends_with('>')) return {};
    const auto user = text.substr(at + key.size(), text.size() - at - key.size() - 1);
    return user.find_first_of("<> ") == npos ? user : std::string_view{};
}

/// The user in "client=NAME[ADDRESS], sasl_method=..., sasl_username=USER, sasl_sender=..., orig_queue_id=..., orig_client=...".
std::string_view user_of_client(std::string_view text) {
    const auto at = text.find(", sasl_username=");
    if (at == npos) return {};
    std::string_view user = text.substr(at + 16);
    for (const std::string_view next : {", sasl_sender=", ", orig_queue_id=", ", orig_client="}) user = up_to(user, next);
    return user;
}

/// The address in "reject: RCPT from NAME[ADDRESS]: ...".
std::string_view rejected_client(std::string_view text) {
    const auto from = text.find(" from ");
    return from == npos ? std::string_view{} : bracketed_address(text.substr(from, text.find("]: ", from) - from + 1));
}

/// Whether the last hop of a delivery is a mailbox here.
bool is_delivered_here(std::string_view service, std::string_view relay, std::string_view answer) {
    if (service == "virtual") return true;
    if (service == "local") return !answer.starts_with("forwarded as ");
    if (service == "lmtp") return answer.find("queued as ") == npos;
    static constexpr std::array<std::string_view, 4> programs = {"dovecot", "maildrop", "cyrus", "courier"};
    return service == "pipe" && starts_with_any(relay, programs);
}

bool is_of_this_machine(std::string_view relay) {
    const auto address = bracketed_address(relay);
    return address.starts_with("127.") || address == "::1";
}

} // namespace

bool postfix_log::take(const log_line& line) {
    const std::string_view id = id_of(line.text);
    if (!id.empty()) return take_note({line, behind_last(line.program, '/'), id, line.text.substr(id.size() + 2)});
    if (line.text.starts_with("warning: ")) take_failed_login(line);
    else if (line.text.starts_with("connect from ") || line.text.starts_with("disconnect from ")) sessions_.close(line.host, line.tag);
    return is_known(line.text);
}

bool postfix_log::take_note(const note& n) {
    if (n.text == "removed") {
        open_.close(n.line.host, n.id);
    } else if (n.text.starts_with("reject: ") || n.text.starts_with("milter-reject: ")) {
        take_rejection(n);
    } else if (n.service == "smtpd" && n.text.starts_with("client=")) {
        if (n.has_id()) take_client(n);
    } else if (n.service == "qmgr" && n.text.starts_with("from=<")) {
        n.text.ends_with(", returned to sender") ? take_expired(n) : take_queued(n);
    } else if (n.text.starts_with("to=<") && is_agent(n.service)) {
        take_delivery(n);
    }
    return true;
}

void postfix_log::take_client(const note& n) {
    open_message& m = open_.open(n.line.host, n.id);
    m.client = bracketed_address(up_to(n.text, ","));
    m.account = user_of_client(n.text);
    if (!m.account.empty()) {
        sessions_.find_or_open(n.line.host, n.line.tag) = m;
        return tell_({n.line.when, n.line.host, m.account, m.client, n.id, login{protocol::submission, true}});
    }
    constexpr std::string_view key = ", orig_queue_id=";
    const auto earlier = n.text.find(key);
    const open_message* const parent = earlier == npos ? nullptr : open_.find(n.line.host, up_to(n.text.substr(earlier + key.size()), ", "));
    if (parent != nullptr) follow(n.line.host, n.id, *parent);
}

void postfix_log::take_rejection(const note& n) {
    const open_message* const m = n.has_id() ? open_.find(n.line.host, n.id) : sessions_.find(n.line.host, n.line.tag);
    std::string_view account = user_at_end(n.text);
    if (account.empty() && m != nullptr) account = m->account;
    const std::string_view client = m != nullptr ? std::string_view(m->client) : rejected_client(n.text);
    if (!account.empty()) tell_({n.line.when, n.line.host, account, client, n.has_id() ? n.id : n.line.tag, rejection{}});
}

void postfix_log::take_queued(const note& n) {
    const auto recipients = n.text.rfind(", nrcpt=");
    const auto size = n.text.rfind(", size=", recipients);
    if (recipients == npos || size == npos) return;
    open_message& m = open_.find_or_open(n.line.host, n.id);
    m.bytes = number_of(n.text.substr(size + 7));
    if (m.account.empty() || m.is_told) return;
    m.is_told = true;
    tell_({n.line.when, n.line.host, m.account, m.client, n.id, submission{number_of(n.text.substr(recipients + 8)), m.bytes}});
}

void postfix_log::take_expired(const note& n) {
    const open_message* const m = open_.find(n.line.host, n.id);
    if (m != nullptr && !m->account.empty()) tell_({n.line.when, n.line.host, m->account, m->client, n.id, dispatch{fate::bounced}});
}

void postfix_log::take_delivery(const note& n) {
    const auto relay_at = n.text.find(">, relay=");
    if (relay_at == npos) return;
    const std::string_view to = n.text.substr(4, std::min(relay_at, n.text.find(">, orig_to=<")) - 4);
    const std::string_view rest = n.text.substr(relay_at + 9);
    const auto status_at = rest.find(", status=");
    if (status_at == npos) return;
    const std::string_view status = rest.substr(status_at + 9);
    const auto how = fate_of(up_to(status, " "));
    const auto answer = status.find('(');
    if (how) tell_fate(n, *how, to, answer == npos ? std::string_view{} : status.substr(answer + 1), up_to(rest, ", "));
}

void postfix_log::tell_fate(const note& n, fate how, std::string_view to, std::string_view answer, std::string_view relay) {
    const open_message* const m = open_.find(n.line.host, n.id);
    const std::uint64_t bytes = m != nullptr ? m->bytes : 0;
    if (!to.empty() && is_delivered_here(n.service, relay, answer)) tell_({n.line.when, n.line.host, to, {}, n.id, delivery{how, bytes}});
    if (m == nullptr || m->account.empty() || (how == fate::sent && hand_on(n, answer, relay))) return;
    tell_({n.line.when, n.line.host, m->account, m->client, n.id, dispatch{how}});
}

/// Whether it goes on as another message of this host, which is followed.
bool postfix_log::hand_on(const note& n, std::string_view answer, std::string_view relay) {
    const bool is_forwarded = take_prefix(answer, "forwarded as ");
    const auto queued = is_forwarded || !is_of_this_machine(relay) ? npos : answer.rfind("queued as ");
    if (!is_forwarded && queued == npos) return false;
    const std::string_view child = up_to(is_forwarded ? answer : answer.substr(queued + 10), ")");
    if (child.empty() || !std::all_of(child.begin(), child.end(), is_of_id)) return false;
    follow(n.line.host, child, *open_.find(n.line.host, n.id));
    return true;
}

void postfix_log::follow(std::string_view host, std::string_view child, const open_message& parent) {
    const open_message copy = parent; // opening may forget it
    open_message& m = open_.find_or_open(host, child);
    m.account = copy.account;
    m.client = copy.client;
    m.is_told = true;
}

void postfix_log::take_failed_login(const log_line& line) {
    constexpr std::string_view failed = " authentication failed: ", user_key = ", sasl_username=";
    const auto at = line.text.find(failed);
    const auto user = at == npos ? npos : line.text.find(user_key, at);
    const auto method = line.text.find("]: SASL ");
    if (user == npos || method == npos || method > at) return;
    const std::string_view account = line.text.substr(user + user_key.size());
    if (!account.empty() && account != "(unavailable)") tell_({line.when, line.host, account, bracketed_address(line.text.substr(0, method + 1)), line.tag, login{protocol::submission, false}});
}

} // namespace vmail::activity
