#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include <vmail/activity/database.hpp>
#include <vmail/activity/rows.hpp>

/// Internal to the store.
namespace vmail::activity {

/// What becomes of a row that is there.
enum class joining {
    added,  ///< it grows by as much
    raised, ///< it becomes the greater of the two
};

/// Writes rows within a transaction. What was forgotten is passed over.
class row_writer {
public:
    /// The database must outlive it.
    row_writer(const database& d, joining how);

    void write(const count_row& r);
    void write(const sighting& r);
    void write(const last_use& r);

    /// The first hour of all that was written; nothing was: the greatest number.
    std::int64_t first_hour() const noexcept { return first_hour_; }

private:
    struct names {
        statement insert, select;
        std::unordered_map<std::string, std::int64_t> known{};
        std::int64_t number_of(const std::string& name);
    };
    bool is_forgotten(const std::string& account, std::int64_t hour);

    const database& database_;
    names accounts_, hosts_;
    statement counts_, sighting_, use_;
    std::unordered_map<std::string, std::int64_t> forgotten_{}; ///< until which hour, by hash
    std::unordered_map<std::string, std::int64_t> until_{};     ///< the same, by name: of those that were looked up
    std::int64_t first_hour_;
};

/// What stays of a name that is forgotten.
std::string hash_of(const database& d, std::string_view account);

} // namespace vmail::activity
