#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Text of XHTML. Internal.
namespace vmail::page {

/// Any bytes as text or as the value of an attribute: on one line, without a character that XML does not have.
std::string escaped(std::string_view bytes);

/// "1,234,567"
std::string grouped(std::uint64_t n);

/// A number that programs read as it is, whatever people see of it.
std::string datum(std::uint64_t n, std::string_view shown);
std::string datum(std::uint64_t n);

/// So long at most, in characters of ASCII, with its middle left out.
std::string shortened(std::string_view text, std::size_t most);

} // namespace vmail::page
