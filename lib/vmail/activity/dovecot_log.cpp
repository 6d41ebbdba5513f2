#include <algorithm>
#include <array>
#include <optional>

#include <vmail/ascii.hpp>

#include <vmail/activity/dovecot_log.hpp>

namespace vmail::activity {

namespace {

constexpr auto npos = std::string_view::npos;

constexpr std::array<std::string_view, 28> services = {"imap-login", "pop3-login", "managesieve-login", "submission-login", "imap", "pop3", "managesieve", "submission", "lmtp", "lda",
                                                       "auth", "auth-worker", "master", "config", "log", "anvil", "stats", "dict", "doveadm", "indexer", "indexer-worker", "imap-hibernate",
                                                       "imap-urlauth", "ssl-params", "director", "replicator", "dsync-local", "dsync-remote"};

bool is_service(std::string_view name) { return std::find(services.begin(), services.end(), name) != services.end(); }

std::optional<protocol> protocol_of(std::string_view service) {
    if (service == "imap-login") return protocol::imap;
    if (service == "pop3-login") return protocol::pop3;
    if (service == "managesieve-login") return protocol::sieve;
    if (service == "submission-login") return protocol::submission;
    return std::nullopt;
}

struct said {
    std::string_view service{}, text{};
};

/// By what process, and what: without the level.
said parse(const log_line& line) {
    said s{line.program, line.text};
    if (line.program.starts_with("dovecot")) {
        const auto end = line.text.find(": ");
        s.service = line.text.substr(0, std::min(end, line.text.find_first_of("(<")));
        s.text.remove_prefix(end == npos ? line.text.size() : end + 2);
    }
    for (const std::string_view level : {"Info: ", "Warning: ", "Error: ", "Debug: "})
        if (take_prefix(s.text, level)) break;
    return s;
}

/// How often a password was wrong: "(auth failed, 3 attempts in 9 secs)".
std::uint64_t attempts_in(std::string_view reason) {
    constexpr std::string_view key = "(auth failed, ";
    constexpr std::uint64_t most = 100; // Dovecot hangs up long before
    const auto at = reason.find(key);
    return at == npos ? 0 : std::clamp<std::uint64_t>(number_of(reason.substr(at + key.size())), 1, most);
}

/// The name in "NAME>, method=PLAIN, rip=192.0.2.1, ...". It is whatever was typed, so its end is looked for from behind.
std::string_view user_in(std::string_view behind_user) {
    const std::string_view before_address = behind_user.substr(0, behind_user.rfind(", rip="));
    const auto method = before_address.rfind(">, method=");
    return before_address.substr(0, method != npos ? method : before_address.rfind('>'));
}

std::string_view last_field(std::string_view text, std::string_view key, std::string_view end) {
    const auto at = text.rfind(key);
    if (at == npos) return {};
    text.remove_prefix(at + key.size());
    return text.substr(0, text.find_first_of(end));
}

} // namespace

bool dovecot_log::is_program(const log_line& line) { return line.program.starts_with("dovecot") || (line.host.empty() && is_service(line.program)); }

bool dovecot_log::take(const log_line& line) {
    const said s = parse(line);
    const auto by = protocol_of(s.service);
    if (by) take_login(line, *by, s.text);
    return is_service(s.service);
}

void dovecot_log::take_login(const log_line& line, protocol by, std::string_view text) {
    for (const std::string_view good : {"Login: user=<", "Logged in: user=<"})
        if (take_prefix(text, good)) return tell(line, text, {by, true});
    constexpr std::string_view user_key = ": user=<";
    const auto user = text.find(user_key);
    if (user == npos) return;
    for (auto left = attempts_in(text.substr(0, user)); left > 0; --left) tell(line, text.substr(user + user_key.size()), {by, false});
}

void dovecot_log::tell(const log_line& line, std::string_view behind_user, const login& what) {
    const auto account = user_in(behind_user);
    const auto session = last_field(behind_user, ", session=<", ">");
    if (!account.empty()) tell_({line.when, line.host, account, last_field(behind_user, ", rip=", ","), session.empty() ? line.tag : session, what});
}

} // namespace vmail::activity
