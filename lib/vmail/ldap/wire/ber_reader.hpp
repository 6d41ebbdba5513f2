#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace vmail::ldap::wire {

/// Takes elements of BER, of the definite form (RFC 4511 section 5.1 allows no other), out of bytes, where they lie.
class ber_reader {
public:
    explicit ber_reader(std::string_view bytes) : left_(bytes) {}

    bool is_done() const noexcept { return left_.empty(); }

    /// The content of the next element. Nothing where it is of another kind, or goes beyond the bytes that are there: what follows is then unknown.
    std::optional<std::string_view> take(std::uint8_t tag) noexcept {
        if (left_.size() < 2 || byte(0) != tag) return std::nullopt;
        std::size_t length = byte(1), header = 2;
        if (length >= long_form) {
            const std::size_t digits = length - long_form;
            header += digits;
            if (digits == 0 || digits > sizeof(std::uint32_t) || left_.size() < header) return std::nullopt;
            length = 0;
            for (std::size_t i = 2; i < header; ++i) length = length << 8U | byte(i);
        }
        if (length > left_.size() - header) return std::nullopt;
        const auto content = left_.substr(header, length);
        left_.remove_prefix(header + length);
        return content;
    }

    /// The content of the element that begins there, whatever its tag. Precondition: it is of the definite form, and has been found to be whole.
    static std::string_view content_at(const char* begin) noexcept {
        const auto first = static_cast<std::uint8_t>(begin[1]);
        std::size_t length = first, header = 2;
        if (first >= long_form) {
            header += first - long_form;
            length = 0;
            for (std::size_t i = 2; i < header; ++i) length = length << 8U | static_cast<std::uint8_t>(begin[i]);
        }
        return {begin + header, length};
    }

private:
    static constexpr std::size_t long_form = 0x80;

    std::uint8_t byte(std::size_t i) const noexcept { return static_cast<std::uint8_t>(left_[i]); }

    std::string_view left_;
};

} // namespace vmail::ldap::wire
