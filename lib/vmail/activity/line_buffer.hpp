#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/activity/log_positions.hpp>
#include <vmail/activity/log_source.hpp>

namespace vmail::activity {

/// The lines of a source.
class line_buffer {
public:
    static constexpr std::size_t longest_line = 64U << 10U;

    struct line {
        std::string_view text{}; ///< without its line break; it lives until the next one is taken
        bool is_too_long = false; ///< over 64 KiB: the text is not kept
    };

    enum class start { beginning, where_it_was, nothing_left };

    explicit line_buffer(log_source& from);

    /// Another log begins behind the last line that was taken: what follows here is of that one. The first one begins with the source.
    void begin_log();
    /// The first bytes of the log, up to 4 KiB.
    const std::string& head() const noexcept { return head_; }
    /// The first bytes of what is not taken yet, as many. Throws as the source.
    std::string_view next_head();
    /// Goes on where a log was that has this head; at its beginning, where it goes on otherwise. Nothing is left where it ends before. Throws as the source, and invalid_value where one that
    /// goes on otherwise cannot be read twice.
    start resume(const log_position& at);

    /// The next line that has its end, or the rest of a source that is complete. Nothing: there is none. Throws as the source.
    std::optional<line> next();

    /// The line that next() returned last is the next one again.
    void put_back() noexcept { begin_ = line_begin_; }

    /// Behind the last line that was taken.
    std::uint64_t offset() const noexcept { return (skipped_ ? skipped_->place : base_ + begin_) - log_begin_; }
    /// The last bytes before it, up to 64.
    std::string_view tail() const noexcept;

private:
    /// Where a line began that is too long: it counts when its end is there.
    struct skipped_line {
        std::uint64_t place; ///< in the source
        std::string tail;
    };

    bool fill();
    bool skip_to(std::uint64_t place);
    bool seek(std::uint64_t place);
    bool seek_log();
    std::string_view rest() const noexcept { return {bytes_.data() + begin_, end_ - begin_}; }
    line take(std::size_t size, std::size_t with_end);
    std::optional<line> take_rest();
    void skip_rest();

    log_source& from_;
    std::vector<char> bytes_;
    std::size_t begin_ = 0, end_ = 0; // of what is not taken yet
    std::size_t looked_at_ = 0;       // of that, without a line break
    std::size_t line_begin_ = 0;      // of the line that was taken last
    std::uint64_t base_ = 0;          // of the buffer, in the source
    std::uint64_t log_begin_ = 0;     // in the source
    std::optional<skipped_line> skipped_{};
    std::string head_{};
};

} // namespace vmail::activity
