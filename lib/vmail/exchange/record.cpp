#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/exchange/record.hpp>

namespace vmail::exchange {

std::string place_in(const std::string& file, const position& at) {
    if (at.line == 0) return fmt::format("{}: ", printable(file));
    if (at.column == 0) return fmt::format("{}:{}: ", printable(file), at.line);
    return fmt::format("{}:{}:{}: ", printable(file), at.line, at.column);
}

void refuse(const std::string& file, const position& at, const std::string& sentence, const std::string& hint) {
    throw invalid_value(place_in(file, at) + sentence, {.hint = hint});
}

} // namespace vmail::exchange
