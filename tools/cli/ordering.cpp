#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "ordering.hpp"

namespace vmail::tools {

namespace {

template <typename T> int three_way(const T& a, const T& b) noexcept { return a < b ? -1 : b < a ? 1 : 0; }

int compare_texts(const std::string& a, const std::string& b) noexcept {
    const auto before = [](char x, char y) { return static_cast<unsigned char>(ascii::to_lower(x)) < static_cast<unsigned char>(ascii::to_lower(y)); };
    if (std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), before)) return -1;
    return std::lexicographical_compare(b.begin(), b.end(), a.begin(), a.end(), before) ? 1 : 0;
}

/// No limit is more than any.
int rank(const value& v) noexcept {
    if (std::holds_alternative<std::monostate>(v)) return 3;
    if (std::holds_alternative<nonsense>(v)) return 2;
    return std::holds_alternative<unlimited>(v) ? 1 : 0;
}

struct comparison {
    template <typename T> int operator()(const T& a, const T& b) const noexcept {
        if constexpr (std::is_arithmetic_v<T>) return three_way(a, b);
        return 0;
    }
    int operator()(const std::string& a, const std::string& b) const noexcept { return compare_texts(a, b); }
    int operator()(const paragraph& a, const paragraph& b) const noexcept { return compare_texts(a.text, b.text); }
    int operator()(const std::vector<std::string>& a, const std::vector<std::string>& b) const noexcept {
        for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
            if (const int c = compare_texts(a[i], b[i]); c != 0) return c;
        return three_way(a.size(), b.size());
    }
    template <typename A, typename B> int operator()(const A&, const B&) const noexcept { return 0; }
};

} // namespace

int compare(const value& a, const value& b) noexcept {
    if (const int c = three_way(rank(a), rank(b)); c != 0) return c;
    if (a.index() != b.index()) return three_way(a.index(), b.index());
    return std::visit(comparison{}, a, b);
}

std::vector<sort_field> parse_sort(const std::vector<std::string>& wanted, const std::vector<std::string_view>& all) {
    std::vector<sort_field> fields;
    for (const std::string& text : wanted) {
        const bool descending = text.starts_with('-');
        const auto it = std::find(all.begin(), all.end(), std::string_view(text).substr(descending ? 1 : 0));
        if (it == all.end()) throw error(error_kind::usage, fmt::format("--sort: there is no field {}", vmail::quoted(text)), {.hint = fmt::format("the fields are {}", fmt::join(all, " "))});
        fields.push_back({*it, descending});
    }
    return fields;
}

bool ordered_rows::before(const held& a, const held& b) const noexcept {
    for (std::size_t i = 0; i < sort_.size(); ++i) {
        const int c = compare(a.keys[i], b.keys[i]);
        // What is not there is the last either way.
        const bool turned = sort_[i].descending && rank(a.keys[i]) < 2 && rank(b.keys[i]) < 2;
        if (c != 0) return (turned ? -c : c) < 0;
    }
    return a.number < b.number;
}

void ordered_rows::add(record row, std::vector<value> keys, const ldap::entry* source) {
    ++seen_;
    if (sort_.empty()) {
        if (!has_left_out()) out_.write(row, source);
        return;
    }
    const auto order = [this](const held& a, const held& b) { return before(a, b); };
    rows_.push_back({std::move(row), std::move(keys), source != nullptr ? std::optional(*source) : std::nullopt, seen_});
    if (!limit_) return;
    std::push_heap(rows_.begin(), rows_.end(), order);
    if (rows_.size() <= *limit_) return;
    std::pop_heap(rows_.begin(), rows_.end(), order);
    rows_.pop_back();
}

void ordered_rows::flush() {
    std::sort(rows_.begin(), rows_.end(), [this](const held& a, const held& b) { return before(a, b); });
    for (const held& h : rows_) out_.write(h.row, h.source ? &*h.source : nullptr);
    rows_.clear();
}

} // namespace vmail::tools
