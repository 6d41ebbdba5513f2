#pragma once

#include <string>

#include <vmail/exchange/document_reader.hpp>

namespace vmail::tools {

/// Hands the events of one YAML document to the reader, and finishes it. What means something else where it stands is refused: anchors and aliases, tags, keys that are
/// no text, a second document. Throws invalid_value, with the place.
void read_yaml(const std::string& text, exchange::document_reader& to);

} // namespace vmail::tools
