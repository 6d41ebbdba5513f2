#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <vmail/activity/database.hpp>
#include <vmail/activity/rows.hpp>
#include <vmail/activity/tally.hpp>

namespace vmail::activity {

/// From an hour to one that does not belong to it any more.
struct hour_span {
    std::int64_t from = 0, to = 0;
};

/// What was counted, in one file of SQLite: one writer at a time, any number of readers. A cut of the program or of the power leaves what was committed before.
class store {
public:
    /// To be read. Throws error(input_missing) where there is none, error(configuration) for the store of a program of another version, and as database.
    static store open(const std::filesystem::path& file);
    /// To be written to; made where there is none, with mode 0640 and the folder above it for its owner alone. Nobody but its owner writes to it.
    static store open_to_write(const std::filesystem::path& file);

    // ---- what the reader of logs remembers

    /// Empty: nothing yet.
    std::string memory() const;
    /// What was counted since memory() was as it was taken, and what the reader remembers now: both or none. Throws conflict where another program has done so since.
    void take(const tally& t, std::string_view memory);

    // ---- what is kept

    /// Begins where the first hour was that was ever counted; nothing: nothing was.
    std::optional<std::int64_t> begin() const;
    /// When prune() was last called.
    std::optional<std::int64_t> pruned_at() const;
    /// Takes away the hours before this one, and what was for the last time before that moment. Returns how many rows.
    std::size_t prune(std::int64_t first_hour, std::int64_t first_use, std::int64_t now);
    /// All of these accounts goes at once, from the disk as well, and what other hosts or a second reading of a log bring of the time until now does not come back: of each name a
    /// salted hash stays, until prune() has taken away all that is as old. Returns of how many there was anything. Throws conflict while somebody reads for longer than anybody waits.
    std::size_t forget(std::span<const std::string> accounts, std::int64_t now);

    // ---- rows

    /// All, in the order of hours; of last uses those that are as late.
    void each(std::int64_t first_hour, const row_visitor& visit) const;
    /// Of one account alone.
    void each_of(std::string_view account, std::int64_t first_hour, const row_visitor& visit) const;

    /// For queries of their own.
    const activity::database& database() const noexcept { return *database_; }

    /// Rows of other hosts. Of two that are the same, the greater numbers count: in whatever order and how often they come, it is the same in the end. Some thousand of
    /// them are committed together, the rest by finish().
    class merging {
    public:
        explicit merging(store& s);
        ~merging();
        void add(const count_row& r);
        void add(const sighting& r);
        void add(const last_use& r);
        void finish();

    private:
        struct state;
        void step();
        std::unique_ptr<state> state_;
    };

private:
    struct writing;
    explicit store(std::unique_ptr<activity::database> d);
    std::int64_t noted(std::string_view key, std::int64_t otherwise) const;
    void note(std::string_view key, std::int64_t value) const;
    void note_begin(std::int64_t hour) const;
    std::unique_ptr<activity::database> database_;
    mutable std::int64_t revision_ = 0; ///< of the memory, as it was read
};

} // namespace vmail::activity
