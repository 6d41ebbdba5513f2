#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/export.hpp>

namespace vmail {

/// To how many recipients an account may send within a time. Recipients and not messages: one message to a thousand is what a stolen password is used for.
struct VMAIL_EXPORT send_limit {
    std::uint64_t recipients;    ///< 1 to 10^9
    std::chrono::seconds period; ///< 1 second to 31 days

    /// "200/1h": the period in the largest of s, m, h and d that it is whole in.
    std::string text() const;
    auto operator<=>(const send_limit&) const = default;
};

/// All that hold for an account at the same time, or none.
class VMAIL_EXPORT send_limits {
public:
    /// None: as much as it likes.
    send_limits() = default;

    /// As people write them: "none", or limits with a comma between one and the next, "200/1h,1000/1d". Throws invalid_value.
    static send_limits parse(std::string_view text);
    /// As the directory has them: a value for each limit, or the one value "none". Throws invalid_value; also where there is no value.
    static send_limits from_attribute(const std::vector<std::string>& values);

    std::vector<std::string> to_attribute() const;
    /// parse() reads it back.
    std::string text() const;

    bool unlimited() const noexcept { return limits_.empty(); }
    /// The shortest period first; each period once.
    const std::vector<send_limit>& all() const noexcept { return limits_; }

    bool operator==(const send_limits&) const = default;

private:
    explicit send_limits(std::vector<send_limit> limits);

    std::vector<send_limit> limits_{};
};

} // namespace vmail
