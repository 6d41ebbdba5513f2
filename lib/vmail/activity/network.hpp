#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vmail::activity {

/// How much of an address is kept: data about people is no more than it has to be.
enum class network_form {
    shortened, ///< /24 of IPv4 and /48 of IPv6, which is what one customer or site has
    full,
};

/// Where somebody was: an address, or the network that it is in.
class network {
public:
    /// "192.0.2.7", "2001:db8::7", "::ffff:192.0.2.7", which is one of IPv4, and "fe80::7%eth0" without the interface. Nothing for what is no address.
    static std::optional<network> parse(std::string_view address, network_form form);

    /// "192.0.2.0/24", "2001:db8::/48"; of a whole address without a length.
    std::string text() const;

    /// The bytes as IPv6 has them, IPv4 as ::ffff:0:0/96, without those that are not kept.
    const std::array<std::uint8_t, 16>& bytes() const noexcept { return bytes_; }

    friend bool operator==(const network&, const network&) = default;

private:
    network() = default;
    bool is_v4() const noexcept;

    std::array<std::uint8_t, 16> bytes_{};
    network_form form_ = network_form::full;
};

} // namespace vmail::activity
