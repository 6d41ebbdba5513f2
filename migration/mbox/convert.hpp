#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <vmail/quota.hpp>

#include "account.hpp"
#include "message.hpp"
#include "report.hpp"

namespace vmail::mbox {

struct options {
    std::vector<std::string> sources{};         ///< mboxes and folder trees
    std::vector<std::string> inboxes{};         ///< mboxes that go to INBOX, whatever the sources are
    std::optional<folder_name> folder{};        ///< where sources that are files go; nothing: INBOX
    std::optional<std::string> subscriptions{}; ///< a list of subscribed folders; nothing: the one that lies with the tree
    std::string maildir{};
    message_options messages{};
    std::optional<vmail::quota> quota{}; ///< for the file maildirsize
    std::optional<account> owner{};      ///< of the Maildir; nothing: who runs the program
    std::chrono::seconds lock_timeout{30};
    bool sync = true; ///< have everything on disk at the end
    bool dry_run = false;
    const std::atomic<bool>* stop = nullptr; ///< when it becomes true, the run ends with error(interrupted)
    /// Told now and then: the mbox, the bytes of it that were read, and its size.
    std::function<void(const std::string&, std::uint64_t, std::uint64_t)> progress{};
};

/// Converts mboxes into a Maildir++. What could not be converted becomes findings. Throws invalid_value or error(input_missing) when a source that was named is no mbox or
/// cannot be read: then nothing was written.
///
/// A message is converted once, also by several runs: what the ledger of the Maildir knows, in that folder, is there already. Nothing is in its place before
/// all of its mbox was read and the mbox was the same at the end. When the run returns, everything is on disk (unless options.sync is false), and the
/// ledger says so.
report convert(const options& o);

} // namespace vmail::mbox
