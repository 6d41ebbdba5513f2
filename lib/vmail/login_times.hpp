#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/address.hpp>
#include <vmail/export.hpp>
#include <vmail/timestamp.hpp>

namespace vmail {

/// When mailboxes were last logged in to, by the file that Dovecot's plugin last_login keeps (last_login_dict = file:PATH): a line "shared/KEY", then one with
/// the seconds, or parts of them, since 1970. The last part of a key is the login, in any case of its letters; of several keys of one, the newest counts, and
/// none that a delivery wrote (a part "lmtp" or "lda"). In memory is the file, and three numbers for each login.
class VMAIL_EXPORT login_times {
public:
    /// The name stands in errors. Throws invalid_value, naming the line, for what is no such file.
    login_times(std::string text, const std::string& name);
    /// Throws error(input_missing).
    static login_times read(const std::filesystem::path& file);

    /// Nothing: it has none.
    std::optional<timestamp> of(const address& a) const;

private:
    struct login {
        std::size_t at, size; // of its name in the text
        std::int64_t seconds;
    };
    std::string_view name_of(const login& l) const { return std::string_view(text_).substr(l.at, l.size); }
    void take(std::string_view key, std::string_view value, std::size_t key_at, const std::string& place);

    std::string text_;
    std::vector<login> logins_{}; // by name, and of one name the newest first
};

} // namespace vmail
