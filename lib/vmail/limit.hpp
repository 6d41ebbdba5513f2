#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <vmail/ascii.hpp>
#include <vmail/codec.hpp>

namespace vmail::codec {

/// A limit in decimal. In old trees an empty or negative one means none.
struct limit {
    static void read(std::optional<std::uint64_t>& field, const values& v, const ldap::entry&, const site&) {
        const std::string& value = only(v);
        if (value.empty() || (value.front() == '-' && ascii::is_digits(std::string_view(value).substr(1)))) return;
        std::uint64_t number = 0;
        const auto [end, fault] = std::from_chars(value.data(), value.data() + value.size(), number);
        if (fault != std::errc() || end != value.data() + value.size()) throw invalid_value(vmail::quoted(value) + " is not a number");
        field = number;
    }
    static written write(const std::optional<std::uint64_t>& field, const ldap::entry&, const site&) {
        return field ? written::store(std::to_string(*field)) : written::absent();
    }
};

} // namespace vmail::codec
