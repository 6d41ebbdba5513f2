#pragma once

#include <cstddef>
#include <vector>

#include <vmail/exchange/record.hpp>

/// Internal to the planning of records.
namespace vmail::jobs {

/// In which wave each record comes: domains first, an address after the addresses of the same file that its mail goes to (in a circle, anyhow), administrators last.
std::vector<std::size_t> waves_of(const std::vector<exchange::record>& records);

} // namespace vmail::jobs
