#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/ldap/entry.hpp>

#include "fd_stream.hpp"
#include "record.hpp"

namespace vmail::tools {

enum class output_format { table, json, jsonl, csv, ldif, name, yaml };

/// "table", "json", "jsonl", "csv", "ldif", "name", and "yaml", which is for what is exported alone. Throws error(usage).
output_format parse_output_format(std::string_view text);

/// How a table is laid out.
enum class table_shape {
    rows,  ///< a header, and a line for each record, in columns
    lines, ///< a line for each record, at once, without columns
    card,  ///< a line for each field
};

/// Writes records, one by one, in one of the formats:
///
///     table  for people: aligned, control characters escaped
///     json   {"version":1,"items":[...],"changed":false}, the end of it only when all went well: a list cut short does not parse
///     jsonl  an object on each line
///     csv    quoted as in RFC 4180, with a header, a line feed at the end of each line
///     ldif   the entries themselves, without their passwords
///     name   the first field alone
///
/// None of them holds more than a few hundred records in memory.
class output {
public:
    virtual ~output() = default;
    /// The names of the fields that each record will have, for the header of an empty CSV. Without it they are those of the first record.
    virtual void announce(const std::vector<std::string_view>&) {}
    /// The entry is what LDIF shows; a record without one is a comment there.
    virtual void write(const record& r, const ldap::entry* source = nullptr) = 0;
    /// Writes what is held back. `changed` is what JSON says.
    virtual void finish(bool changed = false) = 0;
};

/// The stream must outlive the output. A table of rows on a terminal is made to fit it, unless `full`: what is said for people is cut, never a name or an address.
std::unique_ptr<output> make_output(output_format format, table_shape shape, fd_stream& out, bool full = false);

/// A copy that may be shown: without userPassword, clearPassword and their like.
ldap::entry without_passwords(const ldap::entry& e);

/// Whether the attribute holds a password or its hash.
bool is_password_attribute(std::string_view name) noexcept;

} // namespace vmail::tools
