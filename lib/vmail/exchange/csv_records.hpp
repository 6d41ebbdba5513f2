#pragma once

#include <istream>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <vmail/domain_name.hpp>
#include <vmail/exchange/csv_reader.hpp>
#include <vmail/exchange/record.hpp>

/// Internal to the exchange format.
namespace vmail::exchange {

/// How an address is made of a person's name.
enum class address_rule {
    name_surname,    ///< Name.Surname, as nis2ldif makes it
    initial_surname, ///< N.Surname
};

struct csv_record_options {
    csv_options format{};
    std::optional<noun> what{};                  ///< of rows that do not say it in a column "kind"; nothing: mailbox
    std::map<std::string, std::string> columns{}; ///< by field, what its column is called
    std::set<std::string> ignored{};             ///< what columns are called that are not read
    bool empty_clears = false;                   ///< an empty cell takes away, instead of leaving alone
    std::optional<address_rule> rule{};          ///< for rows without an address
    std::optional<domain_name> domain{};         ///< of the addresses that the rule makes
};

/// Reads records, one a row, by a line of headings. Throws invalid_value, with the place, for the heading or a row that is wrong.
class csv_records {
public:
    csv_records(std::istream& in, std::string name, csv_record_options options);

    /// Faults of rows are added to the list, and the row left out.
    std::optional<record> next(std::vector<fault>& faults);

private:
    struct column {
        std::string field; ///< empty: not ours to read
    };

    void read_header();
    std::string field_of(const std::string& heading) const;
    void require_known(const std::string& field, const std::string& said, const position& at, const std::vector<std::string_view>& known) const;
    std::optional<record> record_of(const std::vector<csv_cell>& row);
    noun kind_of(const std::vector<csv_cell>& row) const;
    std::string made_address(const record& r) const;
    void complete_person(record& r) const;

    csv_reader rows_;
    csv_record_options options_;
    std::vector<column> header_;
    position header_at_{};
};

} // namespace vmail::exchange
