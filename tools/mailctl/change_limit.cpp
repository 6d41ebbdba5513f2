#include <algorithm>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/ldap/filter.hpp>
#include <vmail/schema.hpp>

#include <cli/max_changes.hpp>

#include "change_limit.hpp"

namespace vmail::tools {

namespace {

constexpr std::size_t always_allowed = 10;
constexpr std::size_t allowed_share = 100; ///< one of so many

std::size_t count_all(invocation& run, std::string_view object_class) {
    const auto of_class = ldap::filter::equal(schema::attr::object_class, object_class);
    const auto& base = run.directory().site().layout.container();
    return run.session().for_each({base, ldap::scope::subtree, of_class, {"1.1"}}, [](ldap::entry&&) {});
}

/// All of them are counted only when their number decides.
std::size_t limit_for(invocation& run, const change_limit_flag& flag, std::size_t matched, std::string_view object_class) {
    if (flag) return parse_max_changes(*flag);
    if (matched <= always_allowed) return always_allowed;
    return std::max(always_allowed, count_all(run, object_class) / allowed_share);
}

} // namespace

void add_change_limit_flag(CLI::App& verb, change_limit_flag& flag) {
    verb.add_option("--max-changes", flag, "the most that --filter may match; \"none\": no limit. Without it 10, or 1 % of all if that is more")
        ->type_name("N");
}

void check_change_limit(invocation& run, const change_limit_flag& flag, std::size_t matched, std::string_view object_class, std::string_view plural) {
    const auto limit = limit_for(run, flag, matched, object_class);
    if (matched <= limit) return;
    throw limit_exceeded(fmt::format("the filter matches {} {}, and one command may change {}: nothing was changed", matched, plural, limit),
                         {.hint = fmt::format("if they are meant, give --max-changes {}", matched)});
}

} // namespace vmail::tools
