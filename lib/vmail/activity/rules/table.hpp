#pragma once

#include <vmail/activity/rule.hpp>

/// Internal to the rules: all of them, one in each file of this folder.
namespace vmail::activity {

extern const rule sends_unread, guessed, many_networks, above_usual, many_bounces, stopped_tries;

} // namespace vmail::activity
