#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/address.hpp>
#include <vmail/directory.hpp>
#include <vmail/service.hpp>
#include <vmail/timestamp.hpp>

namespace vmail::activity {

/// Whom a log means by a login: a mailbox by its address, or by its uid.
struct person {
    vmail::address who;
    std::vector<std::string> names{}; ///< account_name() of all that it may log in with
    service_state service{};

    /// Neither reads nor sends.
    bool is_stopped() const noexcept { return !service.logs_in && !service.sends; }
};

/// The mailboxes of the directory, asked for by what a log calls them. Each is looked up once.
class roster {
public:
    /// The directory must outlive it.
    explicit roster(vmail::directory& d, timestamp now = timestamp::now()) : directory_(d), now_(now) {}

    /// Asks for all of them together, a hundred at a time.
    void expect(std::span<const std::string> accounts);
    /// Nothing: there is none, or two have the login. Until the next call of expect() or find().
    const person* find(const std::string& account);

private:
    void expect_some(std::span<const std::string> accounts);
    void resolve_logins(const std::vector<std::string>& logins);
    std::optional<person> look_up(const std::string& account);

    vmail::directory& directory_;
    timestamp now_;
    std::map<std::string, std::vector<std::string>> by_login_{}; ///< addresses of those that have it
    std::map<std::string, std::optional<person>> known_{};
};

} // namespace vmail::activity
