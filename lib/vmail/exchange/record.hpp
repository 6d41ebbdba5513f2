#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <vmail/exchange/noun.hpp>
#include <vmail/exchange/value.hpp>
#include <vmail/export.hpp>

namespace vmail::exchange {

/// Where something stands in a file, counted from 1, columns in bytes. 0: nobody knows.
struct position {
    std::size_t line = 0, column = 0;
};

/// A value that a record gives to a field.
struct given_value {
    const field_info* field;
    exchange::value value;
    position at;
};

/// What a file says of one thing: its name, and the fields that it gives a value.
struct record {
    noun what;
    std::string name; ///< as it was written
    std::vector<given_value> values{};
    position at{};

    const given_value* find(std::string_view field) const noexcept {
        for (const given_value& v : values)
            if (v.field->name == field) return &v;
        return nullptr;
    }
};

/// Something that is wrong in a file.
struct fault {
    position at;
    std::string sentence; ///< safe to print
    std::string hint{};
};

/// "people.csv:12:3: ", without the column where there is none. The name is made safe to print.
VMAIL_EXPORT std::string place_in(const std::string& file, const position& at);

/// Throws invalid_value: "people.csv:12:3: the sentence".
[[noreturn]] VMAIL_EXPORT void refuse(const std::string& file, const position& at, const std::string& sentence, const std::string& hint = {});

} // namespace vmail::exchange
