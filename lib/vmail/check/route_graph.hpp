#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include <vmail/ascii.hpp>
#include <vmail/check/expansion.hpp>
#include <vmail/check/sight.hpp>
#include <vmail/routing_recipient.hpp>

/// Internal to check.
namespace vmail::check {

/// Where mail goes on in the whole tree, as routing_trace.hpp means it, in a few bytes for each address and each target.
class route_graph {
public:
    void gather(const sight& e);
    /// After the last entry.
    void settle();

    /// Whether nothing takes the mail for a target in a domain of ours.
    bool is_missing(const routing::recipient& target, const context& around) const;
    /// Why what takes it does not, one of service_word or "closed to mail"; empty: it does, or is not there.
    std::string_view why_stopped(const routing::recipient& target, const context& around) const;
    /// Whether mail to the entry, sent on, would come by it again without ever arriving.
    bool is_in_circle(const sight& e) const;
    /// Whether mail to it is more, or goes further, than Postfix follows.
    expansion_fault excess_of(const sight& e) const;

    // Whether anything of the kind is there at all.
    bool has_missing() const noexcept { return has_missing_; }
    bool has_stopped() const noexcept { return has_stopped_; }
    bool has_circles() const noexcept { return !circles_.empty(); }
    bool has_excess() const noexcept { return !excesses_.empty(); }

    /// The targets that are in use, of an entry that mail gets through.
    static std::vector<routing::recipient> ways_of(const sight& e);

private:
    enum class standing : std::uint8_t { serves, closed, removed, disabled, expired, invalid };
    struct stop {
        std::size_t hash = 0;
        standing how = standing::serves;
        bool is_alias = false;
        /// Of those with one name the one that Postfix finds comes first: what is out of service it does not find, and mailboxes before aliases.
        auto operator<=>(const stop&) const = default;
    };
    /// A recipient, and by what it may be found: by itself, without its extension, by the catch-all. No local part: whoever is asked for, of a catch-all that
    /// leads to the same user elsewhere.
    struct name {
        std::size_t local = 0, base = 0, domain = 0;

        static name of(const routing::recipient& r, const site& s);
        std::size_t own() const noexcept { return hash(local, domain); }
        std::size_t without_extension() const noexcept { return base != 0 ? hash(base, domain) : 0; }
        std::size_t catch_all() const noexcept { return hash(nobody, domain); }
        bool is_anybody() const noexcept { return local == nobody; }

        static std::size_t hash(std::size_t local, std::size_t domain) noexcept;
        static constexpr std::size_t nobody = ascii::ihash("");
    };
    struct leg {
        std::size_t from = 0;
        name to{};
        bool of_alias = false;
        bool is_ours = false; ///< in a domain of ours that is in service
    };
    class unfolding;

    static standing standing_of(const sight& e);
    static std::vector<routing::recipient> targets_of(const sight& e, const routing::recipient& own);
    const stop* find(std::size_t hash) const;
    const stop* find(const name& n) const;
    const stop* find_serving(std::size_t hash) const;
    bool is_used(std::size_t from, bool of_alias) const;
    template <typename Test> bool any_used(const sight& e, const Test& test) const;

    std::deque<stop> stops_;
    std::deque<leg> legs_;
    std::vector<std::size_t> circles_;
    std::vector<expansion_graph::excess> excesses_;
    bool has_missing_ = false, has_stopped_ = false;
};

} // namespace vmail::check
