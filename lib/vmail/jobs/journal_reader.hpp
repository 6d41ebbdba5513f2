#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/export.hpp>
#include <vmail/jobs/journal.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/ldap/request.hpp>

namespace vmail {

/// One request of a journal with what became of it.
struct journal_record {
    std::size_t number = 0;
    std::string time{}, subject{}, action{}, why{}; ///< as they were put down, raw
    std::string thing{};                     ///< the same in all requests of one thing that was asked for; empty: not known
    ldap::write_request request{ldap::delete_request{}};
    std::string entry_uuid{};                ///< of the entry
    std::string version_before{}, version{}; ///< entryCSN before and after; empty: not known
    std::string moment{};                    ///< when the answer came, "20261231235959.123456Z": of an entry that is gone; empty: not known
    std::string result{};                    ///< "done", "refused", "unknown", "not-sent"; empty: the run did not live to see it
    std::string code{}, words{};             ///< of a refusal
    std::optional<ldap::entry> before{};     ///< the entry as it was
};

/// Reads a journal. Throws error(input_missing) when it cannot be read, error(configuration) when it belongs to neither root nor us or others may write it,
/// invalid_value "FILE:LINE: ..." when it is none or broken; a last record that was cut off by a full disk or a power failure is left out.
class VMAIL_EXPORT journal_reader {
public:
    explicit journal_reader(const std::filesystem::path& file);
    journal_reader(journal_reader&&) noexcept;
    ~journal_reader();

    const journal_heading& heading() const noexcept;
    /// In the order of the requests.
    std::optional<journal_record> next();

private:
    struct state;
    std::unique_ptr<state> state_;
};

/// The journals of a folder, the oldest first. A folder that is not there has none.
VMAIL_EXPORT std::vector<std::filesystem::path> list_journals(const std::filesystem::path& folder);

/// What names a journal: its file name up to the job, "20261231T235959Z-4711".
VMAIL_EXPORT std::string journal_id(const std::filesystem::path& file);

/// Whether a file begins as a journal does.
VMAIL_EXPORT bool is_journal(std::string_view beginning) noexcept;

} // namespace vmail
