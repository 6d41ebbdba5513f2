#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/configuration.hpp>
#include <vmail/jobs/notices.hpp>

#include "letter.hpp"

namespace vmail::tools {

/// What became of the notice to an owner.
enum class owner_fate { told, told_before, failed, refused, is_alias, is_forwarded, takes_no_mail, left, due };
std::string_view name(owner_fate f) noexcept;

struct account_news {
    const ending_account* account;
    owner_fate owner;
};

/// Puts what people are told into words: from the site's folder of texts where that has them, else from ours.
///
/// A text is a file LANGUAGE/owner.txt or LANGUAGE/admin.txt in UTF-8: lines "Name: value", an empty line, and what follows. Subject is the one that must be there;
/// admin.txt may have words of its own for what became of the owner's notice (Told, Told-Before, Failed, Refused, Alias, Forwarded, Takes-No-Mail, Left, Led-Here). Names in
/// capitals between "@" stand for values.
class notice_letters {
public:
    /// Throws error(configuration) where the language of the settings has no words.
    notice_letters(const configuration& c, std::string sender);

    /// Throws error(configuration) where the text in the language of that account is none.
    void require_for(const ending_account& a) const;
    letter to_owner(const ending_account& a) const;
    /// All that is new to the administrator.
    letter to_admin(const std::string& admin, const std::vector<account_news>& news) const;
    /// One in each of the languages that there are, to somebody who wants to see them.
    std::vector<letter> samples(const std::string& to) const;

private:
    struct text {
        std::map<std::string, std::string> fields{};
        std::string body{};
    };
    bool has(const std::string& language) const;
    std::string language_of(const ending_account& a) const;
    std::filesystem::path find(const std::string& language, std::string_view file) const;
    const text& get(const std::string& language, std::string_view file) const;
    letter to_owner_in(const std::string& language, const ending_account& a) const;
    std::string line_of(const account_news& n, const text& words) const;

    std::vector<std::filesystem::path> folders_;
    time_zone zone_;
    std::string language_, sender_, admin_;
    mutable std::map<std::string, text> read_{};
};

} // namespace vmail::tools
