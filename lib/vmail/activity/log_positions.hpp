#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/activity/memory_text.hpp>

namespace vmail::activity {

/// Some bytes of a log, by their number and what they are.
struct fingerprint {
    std::size_t size = 0;
    std::string digest{}; ///< SHA-256, in hexadecimal digits

    static fingerprint of(std::string_view bytes);
    bool operator==(const fingerprint&) const = default;
};

/// How far a log was read.
struct log_position {
    static constexpr std::size_t longest_head = 4096, longest_tail = 64;

    fingerprint head{};        ///< of its first bytes, up to the offset
    std::uint64_t offset = 0;  ///< of the first byte that was not read; uncompressed
    fingerprint tail{};        ///< of the last bytes before the offset
    std::optional<std::int64_t> last{}; ///< the time of the last line that had one
    std::string host{};        ///< that wrote it
};

/// The logs that were read lately, up to a number.
class log_positions {
public:
    explicit log_positions(std::size_t most = 1000) : most_(most) {}

    /// The one that begins as this one does, if so many bytes are known of its beginning. The head may be shorter than what is known of others: then they are others.
    std::optional<log_position> find(std::string_view head, std::size_t least = 1) const;
    /// It takes the place of the one it was found as.
    void put(const std::optional<log_position>& earlier, const log_position& now);

    void write(memory_writer& to) const;
    void read(memory_line& from);

private:
    std::size_t most_;
    std::vector<log_position> all_{}; // the last one put is at the end
};

} // namespace vmail::activity
