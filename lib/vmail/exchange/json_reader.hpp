#pragma once

#include <string>
#include <string_view>

#include <vmail/exchange/document_reader.hpp>

/// Internal to the exchange format.
namespace vmail::exchange {

/// Hands a JSON text (RFC 8259) to the reader, event by event, and finishes it. Throws invalid_value, with the place, for what is none. `line` is the number of the
/// text's first line.
void read_json(std::string_view text, document_reader& to, std::size_t line = 1);

} // namespace vmail::exchange
