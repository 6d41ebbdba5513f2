#pragma once

#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <vmail/jobs/record_file.hpp>

#include <cli/invocation.hpp>

namespace vmail::tools {

/// How a file of records is to be read, as the command line says it.
struct record_flags {
    std::optional<std::string> kind{}, delimiter{}, charset{}, address_rule{}, domain{};
    std::vector<std::string> map{}, ignored{};
    bool empty_clears = false;
};

/// Of CSV.
void add_csv_flags(CLI::App& verb, record_flags& flags);

/// Whether any of those for CSV is.
bool is_given(const record_flags& flags) noexcept;

/// Throws error(usage) for flags that mean nothing for the format.
record_file_options read_options(const record_flags& flags, record_format format);

/// Checks all records of a file. Tells each fault, and throws invalid_value when there is one.
void require_no_faults(invocation& run, const std::string& file, record_file& all);
/// Reads a file, and the same.
record_file read_checked(invocation& run, const std::string& file, const record_file_options& options);

} // namespace vmail::tools
