#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include <vmail/activity/network.hpp>

namespace vmail::activity {

namespace {

constexpr std::array<std::uint8_t, 12> mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::size_t kept_of_v4 = 12 + 24 / 8, kept_of_v6 = 48 / 8;

/// inet_pton(3) wants a zero at the end, and no address is longer.
using address_text = std::array<char, INET6_ADDRSTRLEN>;

bool copy_address(std::string_view address, address_text& text) {
    const auto bare = address.substr(0, address.find('%'));
    if (bare.size() >= text.size() || bare.find('\0') != std::string_view::npos) return false;
    std::copy(bare.begin(), bare.end(), text.begin());
    text[bare.size()] = '\0';
    return true;
}

} // namespace

bool network::is_v4() const noexcept { return std::equal(mapped.begin(), mapped.end(), bytes_.begin()); }

std::optional<network> network::parse(std::string_view address, network_form form) {
    address_text text{};
    network n;
    n.form_ = form;
    if (!copy_address(address, text)) return std::nullopt;
    if (::inet_pton(AF_INET6, text.data(), n.bytes_.data()) != 1) {
        if (::inet_pton(AF_INET, text.data(), n.bytes_.data() + mapped.size()) != 1) return std::nullopt;
        std::copy(mapped.begin(), mapped.end(), n.bytes_.begin());
    }
    if (form == network_form::shortened) std::fill(n.bytes_.begin() + static_cast<std::ptrdiff_t>(n.is_v4() ? kept_of_v4 : kept_of_v6), n.bytes_.end(), std::uint8_t{0});
    return n;
}

std::string network::text() const {
    address_text text{};
    const bool v4 = is_v4();
    ::inet_ntop(v4 ? AF_INET : AF_INET6, bytes_.data() + (v4 ? mapped.size() : 0), text.data(), text.size());
    std::string all = text.data();
    if (form_ == network_form::shortened) all += v4 ? "/24" : "/48";
    return all;
}

} // namespace vmail::activity
