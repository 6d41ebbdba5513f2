#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <vmail/domain_name.hpp>
#include <vmail/exchange/noun.hpp>
#include <vmail/exchange/record.hpp>
#include <vmail/export.hpp>

namespace vmail {

namespace exchange {
class document_reader;
}

/// What a file of records is written in.
enum class record_format { csv, jsonl, json, yaml };

/// By the end of its name: .csv, .jsonl, .json, .yaml, .yml. Nothing: none of them.
VMAIL_EXPORT std::optional<record_format> record_format_of(const std::filesystem::path& file);

/// How a file is to be read.
struct record_file_options {
    record_format format = record_format::csv;
    std::optional<exchange::noun> what{};    ///< of records that do not say their kind; of CSV, nothing is mailbox
    // of CSV
    std::optional<char> delimiter{};              ///< nothing: it is found
    std::string charset{};                        ///< of what is not UTF-8, by name; empty: that is an error
    std::map<std::string, std::string> columns{}; ///< by field, what its column is called
    std::set<std::string> ignored{};              ///< what columns are called that are not read
    bool empty_clears = false;                    ///< an empty cell takes away, instead of leaving alone
    std::string address_rule{};                   ///< "name.surname", "n.surname", for rows without an address; empty: none
    std::optional<domain_name> domain{};          ///< of the addresses that the rule makes
};

/// What a file asks for. Records are in the order of their lines; those with a fault are not among them.
struct record_file {
    std::vector<exchange::record> records{};
    std::optional<std::string> base{}; ///< of which directory a document tells
    bool complete = true;              ///< false: it says that there was more than could be read when it was written
    std::vector<exchange::fault> faults{};       ///< of rows and lines that are left out; the first hundred
    std::size_t fault_count = 0;
};

/// Reads all records of a file of CSV, JSONL or JSON; "-" is standard input. What can be wrong with one row is among the faults, what ends the reading throws
/// invalid_value. Throws error(input_missing) for a file that cannot be read, error(usage) for a character set or rule of another name.
VMAIL_EXPORT record_file read_records(const std::filesystem::path& file, const record_file_options& options);

/// Hands the events of a text in UTF-8 to the reader, and finishes it. Throws invalid_value.
using document_parser = std::function<void(const std::string& text, exchange::document_reader& to)>;

/// The same of a document in whatever the parser understands.
VMAIL_EXPORT record_file read_document(const std::filesystem::path& file, const document_parser& parse);

} // namespace vmail
