#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/address.hpp>
#include <vmail/directory.hpp>
#include <vmail/domain_name.hpp>
#include <vmail/export.hpp>
#include <vmail/jobs/notice_record.hpp>
#include <vmail/timestamp.hpp>

namespace vmail {

/// Who is to be told, and how long ahead.
struct notice_options {
    timestamp as_of = timestamp::now();
    std::vector<unsigned> days{30, 7, 2};  ///< so many days before the end somebody is told, each once
    bool outside = false;                  ///< also who is forwarded to other domains and keeps no copy
    std::optional<domain_name> domain{};
    std::function<bool()> stop{};          ///< asked between entries: true ends the search
};

/// Why the owner is not told.
enum class untold {
    no,
    is_alias,       ///< whoever gets the mail of an alias need not know of it
    is_forwarded,   ///< the mail goes to other domains, and no copy stays
    takes_no_mail,  ///< switched off, or the state of its forward says so
};

/// Somebody whose time is coming to its end.
struct ending_account {
    notice_key key;
    vmail::address address;
    std::string name{};                   ///< cn, as it is; may be empty
    std::string languages{};              ///< preferredLanguage, as it is: "it, en;q=0.8"
    expiry end;
    unsigned days = 0;                    ///< of notice_options::days, the least that covers the time left
    unsigned days_left = 0;               ///< begun ones count
    untold owner = untold::no;
    bool owner_was_told = false;          ///< by an earlier run that did not get as far as to tell the administrator
    bool admin_was_told = false;
    std::vector<std::string> led_here{};  ///< the names of aliases, forwards and lists that send mail to it, or that it owns
};

/// Whom a run tells. Nobody has been told yet, and nothing is on record.
struct notice_plan {
    std::vector<ending_account> accounts{}; ///< who or whose administrator has to be told, the soonest end first
    std::vector<unreadable_entry> malformed{};
    std::size_t ahead = 0;                  ///< active accounts that end within the longest of the days, told or not
};

/// Whoever is active, ends within the longest of the days, and of whom not both the owner and the administrator have been told at the step that is reached. Of the
/// steps that were missed only the last one is made up for. Changes nothing. Throws as plan_expiry().
VMAIL_EXPORT notice_plan plan_notices(directory& d, const notice_options& options, const notice_record& told);

/// The first of the tags in a preferredLanguage (RFC 2798 section 2.7, by weight) that there are words in, or the first part of one ("de" for "de-AT"); else `otherwise`.
VMAIL_EXPORT std::string choose_language(std::string_view preferred, const std::function<bool(const std::string&)>& is_there, const std::string& otherwise);

} // namespace vmail
