#pragma once

#include <string>
#include <utility>
#include <vector>

#include <vmail/activity/finding.hpp>

/// Internal to the rules.
namespace vmail::activity {

/// Where a rule says what it has found.
class telling {
public:
    telling(const rule_info& rule, const outlook& o, const look_visitor& visit) : rule_(rule), outlook_(o), visit_(visit) {}

    /// Of an account, with what was seen of these kinds from an hour on.
    void operator()(const std::string& account, std::string sentence, std::vector<figure> figures, const std::vector<sight>& evidence, hour_span when) const;
    /// That it cannot be asked.
    void skip(const std::string& why) const { visit_.skipped(rule_, why); }

private:
    const rule_info& rule_;
    const outlook& outlook_;
    const look_visitor& visit_;
};

struct rule : rule_info {
    void (*look)(const outlook&, const telling&);
};

std::span<const rule> all_rules();

/// "2026-11-29T14:00:00Z"
std::string moment_of(std::int64_t when);

/// The statement with the span as its first two values.
statement asked(const outlook& o, const std::string& sql);

} // namespace vmail::activity
