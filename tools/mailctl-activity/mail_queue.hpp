#pragma once

#include <set>
#include <string>
#include <vector>

namespace vmail::tools {

/// A message in Postfix' queue. What others wrote is raw.
struct queued_mail {
    std::string id{}, sender{};
};

/// Those whose sender is one of these, in lower case, by postqueue -j. Throws error(configuration) where there is no such program, unavailable where it fails.
std::vector<queued_mail> mail_queue(const std::set<std::string>& senders);

} // namespace vmail::tools
