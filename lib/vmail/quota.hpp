#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <vmail/export.hpp>

namespace vmail {

/// How the attribute quota is spelled. Readers understand one or the other, never both.
enum class quota_dialect {
    maildir, ///< Maildir++, "52428800S" or "20000S,3C" (Dovecot's backend= rule, Courier): what we write by default
    plain,   ///< a plain number of bytes (older Phamm)
};

/// The limit of a mailbox: bytes, messages, both, or none (unlimited).
class VMAIL_EXPORT quota {
public:
    static quota none() noexcept { return quota{}; }
    /// 0 bytes is refused with invalid_value: to every reader it means unlimited, which is none().
    static quota of_bytes(std::uint64_t bytes);

    /// As people write it: "none"; a number with an optional unit, decimals allowed ("1.5G"): B, K M G T (powers of 1024), KiB MiB GiB TiB (the same),
    /// kB KB MB GB TB (powers of 1000), case of the unit's letters free but for the rule that "i" makes it binary; also both stored dialects. At most 2^63-1 bytes.
    /// Throws invalid_value; "0", "-1" and "unlimited" are refused with a sentence that names "none".
    static quota parse(std::string_view text);

    /// As the directory holds it: "52428800S", "20000S,3C", "3C", "52428800", "0S", "0" (both unlimited), "NOQUOTA". Throws invalid_value.
    static quota from_attribute(std::string_view text);

    /// "0S" (maildir) or "0" (plain) for none().
    std::string to_attribute(quota_dialect dialect) const;

    std::optional<std::uint64_t> bytes() const noexcept { return bytes_; }
    std::optional<std::uint64_t> messages() const noexcept { return messages_; }
    bool unlimited() const noexcept { return !bytes_ && !messages_; }

    /// For people, and parse() reads it back to the same quota: "50M" when it is a whole number of the largest binary unit, else bytes;
    /// "none"; messages as in "20000S,3C".
    std::string text() const;

    auto operator<=>(const quota&) const = default;

private:
    quota() = default;
    std::optional<std::uint64_t> bytes_;
    std::optional<std::uint64_t> messages_;
};

/// So many bytes for people, rounded to one decimal: "182 B", "1.5 GiB".
VMAIL_EXPORT std::string approximate_size(std::uint64_t bytes);

/// Sums of quotas and totals in MiB, which the directory may hold in any size: what does not fit becomes 2^64-1 instead of a small number, and so is
/// more than every limit.
constexpr std::uint64_t add_saturating(std::uint64_t a, std::uint64_t b) noexcept {
    return a > std::numeric_limits<std::uint64_t>::max() - b ? std::numeric_limits<std::uint64_t>::max() : a + b;
}

constexpr std::uint64_t bytes_of_mib = 1024 * 1024;

/// A domain's total in bytes.
constexpr std::uint64_t mib_to_bytes(std::uint64_t mib) noexcept {
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    return mib > most / bytes_of_mib ? most : mib * bytes_of_mib;
}

/// Rounded up.
constexpr std::uint64_t bytes_to_mib(std::uint64_t bytes) noexcept { return bytes / bytes_of_mib + (bytes % bytes_of_mib == 0 ? 0 : 1); }

} // namespace vmail
