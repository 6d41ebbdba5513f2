#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <vmail/routing_sources.hpp>
#include <vmail/routing_trace.hpp>

#include <cli/record.hpp>

/// A trace in words, for people and for programs.
namespace vmail::tools {

/// "arrives", "partly", "lost", "refused", "deferred", "outside".
std::string_view word_of(routing::outcome o) noexcept;
/// "mailbox", "list server", "backup", "outside", "server", "hidden", "lost".
std::string_view word_of(routing::ending e) noexcept;

/// What becomes of the mail, in one sentence, safe to print.
std::string sentence_of(const routing::trace& t);

/// The way as lines, each below the one that it comes from. What was shown above is not shown again.
std::string tree_of(const routing::trace& t);

/// What programs read: one row, or with all steps.
record summary_of(const routing::trace& t);
record record_of(const routing::trace& t);

/// The way back: what sends mail to an address, as found by routing::sources_of().
std::string sentence_of(const std::string& address, const std::vector<routing::source>& sources);
std::string tree_of(const std::string& address, const std::vector<routing::source>& sources);
record summary_of(const std::string& address, const std::vector<routing::source>& sources);
record record_of(const std::string& address, const std::vector<routing::source>& sources);

} // namespace vmail::tools
