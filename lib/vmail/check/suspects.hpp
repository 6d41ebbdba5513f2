#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

/// Internal to check.
namespace vmail::check {

/// The names of very many entries, in the order in which they came.
class entry_names {
public:
    using ordinal = std::uint32_t;

    /// One with a line break is kept as an empty one.
    void add(std::string_view name);
    std::size_t size() const noexcept { return size_; }
    std::string at(ordinal n) const;

private:
    static constexpr std::size_t names_of_block = 256;
    std::deque<std::string> blocks_;
    std::size_t size_ = 0;
};

/// Which of very many texts come more than once, and which entries have them: twelve bytes are kept of each.
class twice {
public:
    void add(std::string_view text, entry_names::ordinal whose);
    /// Forgets what came once.
    void settle();
    bool empty() const noexcept { return hashes_.empty(); }
    /// After settle(). May be true of one that came once.
    bool may_hold(std::string_view text) const;
    /// After settle(): whose those are that may come more than once, in ascending order.
    const std::vector<entry_names::ordinal>& whose() const noexcept { return suspects_; }

private:
    std::deque<std::size_t> hashes_; // grows without holding all of it two times
    std::deque<entry_names::ordinal> whose_;
    std::vector<entry_names::ordinal> suspects_;
};

/// Who came first with a text, of those that come more than once.
class first_holders {
public:
    /// The one before, or nothing for the first. Where there are too many to be remembered, it is an empty name.
    std::optional<std::string> meet(const std::string& text, const std::string& name);

private:
    std::unordered_map<std::string, std::string> names_;
};

} // namespace vmail::check
