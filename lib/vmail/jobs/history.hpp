#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <vmail/address.hpp>
#include <vmail/directory.hpp>
#include <vmail/export.hpp>

namespace vmail {

/// One change that is on record, in a journal or by the server itself.
struct history_event {
    std::string time;    ///< RFC 3339, UTC
    std::string who;     ///< the identity that the server knew
    std::string user;    ///< the user of the machine who was at the keyboard; empty: the server does not know
    std::string host;
    std::string job;     ///< "mailbox disable"; empty: done by something else
    std::string subject; ///< an address or a DN; raw
    std::string action;  ///< "disabled", or of the server's record "add", "modify", "delete", "rename"
    std::vector<std::string> attributes; ///< that a modify touched
    std::string result;  ///< "done", "refused", "unknown", "not-sent", "no answer"
    std::string journal; ///< its id, "20261231T235959Z-4711"; empty: the server's record
    std::string id;      ///< what undo takes: that of the journal, or of the server's record
    std::string order;   ///< sorts as they happened, finer than the time
};

/// Which events, and of which records.
struct history_query {
    std::optional<std::string> name{};  ///< an address or domain: what happened to the entry that has it, or had it
    std::string since{};                ///< RFC 3339, UTC; empty: from the beginning
    bool journals = true, server = true;
};

/// What is known of what happened. Where a record could not be read it is not all: `faults` says so.
struct history {
    std::vector<history_event> events{}; ///< the oldest first
    std::vector<std::string> faults{};   ///< journals and records that could not be read, in sentences
    bool has_server_record = false;
};

/// What the journals of the folder and, where it is there and may be read, the server's own record tell. What both have is told once, by the journal.
VMAIL_EXPORT history read_history(directory& d, const std::filesystem::path& journal_folder, const history_query& query);

} // namespace vmail
