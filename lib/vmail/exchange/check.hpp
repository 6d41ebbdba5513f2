#pragma once

#include <vector>

#include <vmail/exchange/field.hpp>
#include <vmail/exchange/record.hpp>
#include <vmail/export.hpp>

namespace vmail::exchange {

/// Faults that show without a directory: names and values that make no sense, two records for one thing.
VMAIL_EXPORT std::vector<fault> check(const std::vector<record>& records, const conversion& c);

} // namespace vmail::exchange
