#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include <vmail/address.hpp>
#include <vmail/check/sight.hpp>

/// Internal to check.
namespace vmail::check {

/// Where mail goes on in the whole tree, as routing.hpp means it, in a few bytes for each address and each target.
class route_graph {
public:
    void gather(const sight& e);
    /// After the last entry.
    void settle();

    /// Whether nothing takes the mail for a target in a domain of ours.
    bool is_missing(const address& target, const context& around) const;
    /// Why what takes it does not, one of service_word or "closed to mail"; empty: it does, or is not there.
    std::string_view why_stopped(const address& target, const context& around) const;
    /// Whether mail to the entry, sent on, would come by it again without ever arriving.
    bool is_in_circle(const sight& e) const;

    // Whether anything of the kind is there at all.
    bool has_missing() const noexcept { return has_missing_; }
    bool has_stopped() const noexcept { return has_stopped_; }
    bool has_circles() const noexcept { return !circles_.empty(); }

    /// The targets that are in use, of an entry that mail gets through; what is no address goes elsewhere.
    static std::vector<address> ways_of(const sight& e);

private:
    enum class standing : std::uint8_t { serves, closed, removed, disabled, expired, invalid };
    struct stop {
        std::size_t hash = 0;
        standing how = standing::serves;
        bool is_alias = false;
        /// Of those with one name the one that Postfix finds comes first: what is out of service it does not find, and mailboxes before aliases.
        auto operator<=>(const stop&) const = default;
    };
    /// What may take the mail for a target: itself, the address that it is an extension of, the catch-all. 0: there is no such.
    struct takers {
        std::size_t own = 0, base = 0, rest = 0;
    };
    struct leg {
        std::size_t from = 0; ///< 0: in no circle, since Postfix ends there
        takers to{};
        bool of_alias = false;
    };

    static standing standing_of(const sight& e);
    static takers takers_of(const address& target, const site& s);
    const stop* find(std::size_t hash) const;
    const stop* find(const takers& t) const;
    bool is_used(const leg& l) const;
    void look_for_circles();

    std::deque<stop> stops_;
    std::deque<leg> legs_;
    std::vector<std::size_t> circles_;
    bool has_missing_ = false, has_stopped_ = false;
};

} // namespace vmail::check
