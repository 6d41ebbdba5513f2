#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vmail/ascii.hpp>
#include <vmail/ldap/filter.hpp>
#include <vmail/ldap/request.hpp>

#include <vmail/check/rules/table.hpp>
#include <vmail/check/server_sight.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace {

namespace attr = schema::attr;
using ldap::filter;
using namespace std::chrono_literals;

/// What daemons and the tools look up by equality.
constexpr std::array looked_up = {attr::mail, attr::uid, attr::vd, attr::maildrop, attr::mailbox};

/// olcDbIndex: "mail,uid eq,sub"; without a list of kinds it is the default, which is to be told by the database.
bool indexes(const std::string& line, std::string_view name) {
    const std::size_t blank = line.find(' ');
    if (blank == std::string::npos) return false;
    const std::string names = ',' + ascii::to_lower(line.substr(0, blank)) + ',', kinds = ',' + line.substr(blank + 1) + ',';
    return names.find(',' + ascii::to_lower(name) + ',') != std::string::npos && kinds.find(",eq,") != std::string::npos;
}

std::vector<std::string_view> missing_in(const std::vector<ldap::entry>& database) {
    std::vector<std::string_view> missing(looked_up.begin(), looked_up.end());
    for (const ldap::entry& e : database)
        if (const auto* const lines = e.find("olcDbIndex"))
            std::erase_if(missing, [&](std::string_view name) { return std::any_of(lines->begin(), lines->end(), [&](const std::string& l) { return indexes(l, name); }); });
    return missing;
}

std::chrono::steady_clock::duration time_of(server_sight& s, std::string_view name) {
    const auto began = std::chrono::steady_clock::now();
    s.session().search({s.directory.site().layout.container(), ldap::scope::subtree, filter::equal(name, "nobody-has-this@value.invalid"), ldap::no_attributes()});
    return std::chrono::steady_clock::now() - began;
}

/// What comes first may have to be fetched from a disk.
bool is_slow(server_sight& s, std::string_view name, std::chrono::steady_clock::duration limit) { return time_of(s, name) > limit && time_of(s, name) > limit; }

/// By how long a search takes beside one that no index helps.
void ask_by_time(server_sight& s, const telling& tell) {
    const auto slow = time_of(s, attr::description);
    if (slow < 20ms) return tell.unknown(s.uri(), "which indices there are is not shown to us, and the tree is too small to tell by the time that a search takes");
    std::vector<std::string_view> missing;
    for (const auto name : looked_up)
        if (is_slow(s, name, slow / 4)) missing.push_back(name);
    if (!missing.empty()) tell.about(s.uri(), fmt::format("a search by {} takes as long as one without an index", fmt::join(missing, ", ")));
}

void ask(server_sight& s, const telling& tell) {
    const auto& database = s.configuration();
    if (!database) return ask_by_time(s, tell);
    if (const auto missing = missing_in(*database); !missing.empty()) tell.about(s.uri(), fmt::format("there is no index for equality of {}", fmt::join(missing, ", ")));
}

} // namespace

const rule index_missing{{"index-missing", severity::warning, reach::server, repair::none,
                          "The database has no index for what daemons look up: each message and each login takes as long as the tree is large."},
                         nullptr, nullptr, nullptr, ask};

} // namespace vmail::check
