#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/ldap/entry.hpp>

#include "output.hpp"
#include "record.hpp"

namespace vmail::tools {

/// By what the lines of a list are sorted, and how many of them are shown.
struct order_flags {
    std::vector<std::string> sort{};  ///< names of fields, "-name" from the last to the first
    std::optional<std::string> limit{};
};

/// One field to sort by.
struct sort_field {
    std::string_view name;
    bool descending = false;
};

/// Throws error(usage) for one that is none of `all`.
std::vector<sort_field> parse_sort(const std::vector<std::string>& wanted, const std::vector<std::string_view>& all);

/// Less than 0, 0, more than 0. Numbers by their size, texts without regard to ASCII case; what is not there comes last, and what makes no sense before that.
int compare(const value& a, const value& b) noexcept;

/// Between a list and its output: hands the first rows on as they come, or where they are to be sorted holds those that will be the first.
class ordered_rows {
public:
    /// All must outlive it. `limit`: nothing for no limit.
    ordered_rows(output& out, std::vector<sort_field> sort, std::optional<std::uint64_t> limit) : out_(out), sort_(std::move(sort)), limit_(limit) {}

    /// `keys` are the values of the sort fields, in their order.
    void add(record row, std::vector<value> keys, const ldap::entry* source);
    /// Whether no later row can be shown.
    bool is_full() const noexcept { return sort_.empty() && limit_ && seen_ >= *limit_; }
    /// Writes what was held.
    void flush();

    bool has_left_out() const noexcept { return limit_ && seen_ > *limit_; }
    std::uint64_t seen() const noexcept { return seen_; }

private:
    struct held {
        record row;
        std::vector<value> keys;
        std::optional<ldap::entry> source;
        std::uint64_t number; ///< of equal ones, the first that came is the first
    };
    bool before(const held& a, const held& b) const noexcept;

    output& out_;
    std::vector<sort_field> sort_;
    std::optional<std::uint64_t> limit_;
    std::uint64_t seen_ = 0;
    std::vector<held> rows_{}; ///< with a limit, a heap with the last one on top
};

} // namespace vmail::tools
