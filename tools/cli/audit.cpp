#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <system_error>
#include <variant>

#include <fmt/format.h>

#include <vmail/descriptor.hpp>
#include <vmail/error.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/printable.hpp>
#include <vmail/timestamp.hpp>

#include "audit.hpp"
#include "json.hpp"

namespace vmail::tools {

namespace {

std::string variable(const char* name) {
    const char* const text = std::getenv(name);
    return text != nullptr ? text : "";
}

std::string user() {
    const passwd* const entry = ::getpwuid(::getuid());
    return entry != nullptr ? entry->pw_name : std::to_string(::getuid());
}

/// Whoever came by sshd(8) or sudo(8) is named by them, as far as the environment is believed.
std::string place() {
    const std::string client = variable("SSH_CONNECTION");
    return client.substr(0, client.find(' '));
}

value or_nothing(std::string text) { return text.empty() ? value{} : value{std::move(text)}; }

std::vector<std::string> entries_of(const planned_change& c) {
    std::vector<std::string> names;
    for (const auto& request : c.requests)
        if (auto name = ldap::target(request).text(); std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
    return names;
}

/// What a request is about; never what it writes.
std::vector<std::string> attributes_of(const planned_change& c) {
    std::vector<std::string> names;
    for (const auto& request : c.requests)
        if (const auto* const m = std::get_if<ldap::modify_request>(&request))
            for (const auto& change : m->changes)
                if (std::find(names.begin(), names.end(), change.attribute) == names.end()) names.push_back(change.attribute);
    return names;
}

record record_of(invocation& run, const std::string& job, const change_outcome& o) {
    return {{"time", timestamp::now().rfc3339()},
            {"program", run.err().options().program},
            {"job", job},
            {"subject", o.change.subject},
            {"action", o.change.action},
            {"entries", entries_of(o.change)},
            {"attributes", attributes_of(o.change)},
            {"result", std::string(name(o.fate))},
            {"why", or_nothing(o.fault ? std::string(o.fault->what()) : "")},
            {"identity", run.session().identity()},
            {"server", run.session().uri()},
            {"user", user()},
            {"sudo_user", or_nothing(variable("SUDO_USER"))},
            {"from", or_nothing(place())}};
}

/// Lines of JSON, to syslog or a file.
class trail {
public:
    explicit trail(const std::string& where) {
        if (where == "syslog") return;
        // Non-blocking, or a pipe that nobody reads would hold up all that is to be done.
        file_ = descriptor(::open(where.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600));
        if (file_.get() < 0) throw error(error_kind::configuration, fmt::format("cannot write the audit to {}: {}", printable(where), errno == ENXIO ? "nobody reads there" : std::generic_category().message(errno)));
    }

    /// In one piece, so that several who write at once do not mix theirs. False when it could not be written.
    bool write(std::string line) {
        if (file_.get() < 0) {
            ::syslog(LOG_AUTHPRIV | LOG_INFO, "%s", line.c_str());
            return true;
        }
        line += '\n';
        const auto write = [&] { return ::write(file_.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size()); };
        return write() || (errno == EAGAIN && has_room() && write());
    }

private:
    /// A pipe whose reader does not keep up is waited for, once.
    bool has_room() {
        constexpr int patience = 5000; // ms
        pollfd pipe{.fd = file_.get(), .events = POLLOUT, .revents = 0};
        keeps_up_ = keeps_up_ && ::poll(&pipe, 1, patience) == 1;
        return keeps_up_;
    }

    descriptor file_{-1};
    bool keeps_up_ = true;
};

} // namespace

std::function<void(const change_outcome&)> audit_of(invocation& run, const std::string& job) {
    const std::string& where = run.configuration().audit;
    if (where.empty()) return {};
    return [&run, job, to = std::make_shared<trail>(where), failed = false](const change_outcome& o) mutable {
        if (to->write(json_object(record_of(run, job, o))) || std::exchange(failed, true)) return;
        run.err().warning("the audit is not complete: its file cannot be written");
    };
}

} // namespace vmail::tools
