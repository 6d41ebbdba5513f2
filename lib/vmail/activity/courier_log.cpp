#include <algorithm>
#include <array>

#include <vmail/activity/courier_log.hpp>

namespace vmail::activity {

namespace {

constexpr std::array<std::string_view, 4> programs = {"imapd", "imapd-ssl", "pop3d", "pop3d-ssl"};

/// What is of no use here; a LOGIN without a user is one that failed by AUTHENTICATE.
bool is_known(std::string_view text) {
    static constexpr std::array<std::string_view, 12> beginnings = {"Connection, ", "Disconnected", "DISCONNECTED", "LOGOUT", "LOGIN", "TIMEOUT", "EXPUNGED, ", "DELETED, ", "LOCKED, ", "ID, ", "authentication error", "Maximum connection limit"};
    return std::any_of(beginnings.begin(), beginnings.end(), [&](std::string_view b) { return text.starts_with(b); });
}

} // namespace

bool courier_log::is_program(std::string_view program) {
    if (program.starts_with("courier-")) program.remove_prefix(8);
    return std::find(programs.begin(), programs.end(), program) != programs.end();
}

bool courier_log::take(const log_line& line) {
    std::string_view text = line.text;
    take_prefix(text, "INFO: ");
    const bool is_known_text = is_known(text);
    const bool is_good = take_prefix(text, "LOGIN, user=");
    if (!is_good && !take_prefix(text, "LOGIN FAILED, user=")) return is_known_text;
    const auto address = text.rfind(", ip=["); // the name before it is whatever was typed
    if (address == std::string_view::npos || address == 0) return false;
    const auto by = line.program.find("pop3d") != std::string_view::npos ? protocol::pop3 : protocol::imap;
    const auto port = text.find("port=[", address);
    const auto reference = port == std::string_view::npos ? line.tag : text.substr(port, text.find(']', port) - port + 1);
    tell_({line.when, line.host, text.substr(0, address), bracketed_address(text.substr(address, text.find(']', address) - address + 1)), reference, login{by, is_good}});
    return true;
}

} // namespace vmail::activity
