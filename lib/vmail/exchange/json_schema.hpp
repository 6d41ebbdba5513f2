#pragma once

#include <string>

#include <vmail/export.hpp>

namespace vmail::exchange {

/// The JSON Schema (draft 2020-12) of a document and of a record, made from the tables of fields.
VMAIL_EXPORT std::string json_schema();

} // namespace vmail::exchange
