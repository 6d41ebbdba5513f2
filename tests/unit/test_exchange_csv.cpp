#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/exchange/csv_reader.hpp>
#include <vmail/exchange/csv_records.hpp>

#include "refusal.hpp"

using namespace vmail::exchange;
using table = std::vector<std::vector<std::string>>;
using namespace std::string_literals;

namespace {

table rows_of(const std::string& text, csv_options options = {}) {
    std::istringstream in(text);
    csv_reader reader(in, "x.csv", options);
    table all;
    while (const auto row = reader.next()) {
        all.emplace_back();
        for (const csv_cell& c : *row) all.back().push_back(c.text);
    }
    return all;
}

struct reading {
    std::vector<record> records;
    std::vector<fault> faults;
};

reading records_of(const std::string& text, csv_record_options options = {}) {
    std::istringstream in(text);
    csv_records rows(in, "x.csv", std::move(options));
    reading all;
    while (auto r = rows.next(all.faults)) all.records.push_back(std::move(*r));
    return all;
}

std::string told(const record& r, std::string_view field) {
    const auto* const v = r.find(field);
    return v == nullptr ? "(absent)" : std::holds_alternative<null>(v->value) ? "(null)" : to_text(v->value);
}

std::string made(const std::string& text, address_rule rule) {
    const auto all = records_of(text, {.rule = rule, .domain = vmail::domain_name::parse("example.org")});
    return all.faults.empty() ? all.records.at(0).name : all.faults.front().sentence;
}

} // namespace

TEST_CASE("CSV is read as RFC 4180 has it") {
    CHECK(rows_of("") == table{});
    CHECK(rows_of("a,b\n1,2\n") == table{{"a", "b"}, {"1", "2"}});
    CHECK(rows_of("a,b\r\n1,2") == table{{"a", "b"}, {"1", "2"}});
    CHECK(rows_of("\xEF\xBB\xBF" "a,b\n") == table{{"a", "b"}});
    CHECK(rows_of("\"a\",\"x,\"\"y\"\"\n z\"\n") == table{{"a", "x,\"y\"\n z"}});
    CHECK(rows_of("a,\n,\n") == table{{"a", ""}, {"", ""}});
    CHECK(rows_of("\n\na\n\nb\n") == table{{"a"}, {"b"}});
    CHECK(rows_of("\"\"\n") == table{{""}});
    CHECK(rows_of(" a , b \n") == table{{" a ", " b "}});
}

TEST_CASE("the delimiter is the one that the headings have most of, or the one that is given") {
    CHECK(rows_of("a;b\n1;2,5\n") == table{{"a", "b"}, {"1", "2,5"}});
    CHECK(rows_of("a\tb\n1\t2\n") == table{{"a", "b"}, {"1", "2"}});
    CHECK(rows_of("\"a,x\";b\n") == table{{"a,x", "b"}});
    CHECK(rows_of("a|b,c\n", {.delimiter = '|'}) == table{{"a", "b,c"}});
}

TEST_CASE("what is no CSV is refused in one sentence, with the place") {
    const struct {
        std::string text, sentence;
    } rows[] = {{"a,b\n1,\"2\n3,4\n", "x.csv:2:3: the quote that begins here is never closed"},
                {"a,b\n1,x\"y\"\n", "x.csv:2:4: a quote stands in a cell that does not begin with one"},
                {"a,b\n1,\"x\"y\n", "x.csv:2:6: a cell goes on after its closing quote"},
                {"a,b\n1,\0\n"s, "x.csv:2:3: there is a NUL byte"},
                {"\xFF\xFE" "a\0,\0b\0"s, "x.csv: it is UTF-16, and UTF-8 is expected"},
                {"a\0,\0"s, "x.csv: it is UTF-16, and UTF-8 is expected"},
                {"a,b\n1,\xE8\n", "x.csv:2:3: it is not UTF-8, and nothing says which other character set it has"},
                {"a\rb\n", "x.csv:1:2: a carriage return stands alone"},
                {"a\n" + std::string(1024 * 1024 + 1, 'x') + "\n", "x.csv:2:1: a cell has more than a MiB"}};
    for (const auto& r : rows) {
        const auto sentence = refusal([&] { rows_of(r.text); });
        CHECK(sentence == r.sentence);
        CHECK(is_sentence(sentence));
    }
}

TEST_CASE("another character set is for what is not UTF-8") {
    CHECK(rows_of("a\nN\xE8\nPerch\xC3\xA9\n", {.charset = vmail::charset::iso_8859_1}) == table{{"a"}, {"N\xC3\xA8"}, {"Perch\xC3\xA9"}});
}

TEST_CASE("any table is read as it was written") {
    std::mt19937 random(20261128);
    const std::string alphabet = "ab ,;\t\"\n\r\xC3\xA9";
    for (int round = 0; round < 300; ++round) {
        const std::size_t columns = 1 + random() % 4;
        table written;
        std::string text;
        for (std::size_t n = 1 + random() % 5; n > 0; --n) {
            written.emplace_back();
            for (std::size_t c = 0; c < columns; ++c) {
                std::string cell;
                for (std::size_t length = random() % 6; length > 0; --length) cell += random() % 8 == 0 ? "\xC3\xA9"s : alphabet.substr(random() % 9, 1);
                text += (c == 0 ? "" : ",") + "\""s;
                for (const char b : cell) text += b == '"' ? "\"\""s : std::string(1, b);
                text += '"';
                written.back().push_back(cell);
            }
            text += random() % 2 == 0 ? "\n" : "\r\n";
        }
        CHECK(rows_of(text, {.delimiter = ','}) == written);
    }
}

TEST_CASE("headings are fields, or what the fields are said to be called") {
    const auto all = records_of("Address;QUOTA;Cognome\nbob@example.org;2G; Rossi \n;;\n", {.columns = {{"surname", "Cognome"}}});
    REQUIRE(all.records.size() == 1);
    CHECK(all.records[0].name == "bob@example.org");
    CHECK(told(all.records[0], "quota") == "2G");
    CHECK(told(all.records[0], "surname") == " Rossi ");
    CHECK(refusal([] { records_of("address,qouta\n"); }) == "x.csv:1:9: \"qouta\" is no field that a column could have, did you mean quota?");
    CHECK(refusal([] { records_of("address,quota,Quota\n"); }) == "x.csv:1:15: there are two columns of quota");
    CHECK(refusal([] { records_of("address\n", {.columns = {{"surname", "Cognome"}}}); }) == "x.csv:1:1: there is no column \"Cognome\" for surname");
    CHECK(refusal([] { records_of(""); }) == "x.csv: it is empty, and a line of headings is expected");
}

TEST_CASE("a column that is to be ignored is not read, and has to be there") {
    const auto all = records_of("Personalnr.,address,quota\n4711,bob@example.org,2G\n\"nobody's, date\",ann@example.org,1G\n", {.ignored = {"Personalnr."}});
    REQUIRE(all.records.size() == 2);
    CHECK(all.faults.empty());
    CHECK(told(all.records[0], "quota") == "2G");
    CHECK(told(all.records[1], "quota") == "1G");
    CHECK(records_of("X,address,X\n1,bob@example.org,2\n", {.ignored = {"X"}}).records.size() == 1);
    CHECK(told(records_of("address,quota\nbob@example.org,2G\n", {.ignored = {"quota"}}).records.at(0), "quota") == "(absent)");
    CHECK(refusal([] { records_of("address,Nr\n", {.ignored = {"Nr", "nr"}}); }) == "x.csv:1:1: there is no column \"nr\" to be ignored");
}

TEST_CASE("what is no field is told by the word that is wrong") {
    CHECK(refusal([] { records_of("address,Nr\n", {.columns = {{"foo", "Nr"}}}); }) == "x.csv:1:1: \"foo\" is no field that a column could have");
    CHECK(refusal([] { records_of("address,Nr\n", {.columns = {{"qouta", "Nr"}}}); }) == "x.csv:1:1: \"qouta\" is no field that a column could have, did you mean quota?");
}

TEST_CASE("days with dots are day, month and year, in cells that have days") {
    const struct {
        std::string cell, told;
    } rows[] = {{"31.03.2027", "2027-03-31"}, {"1.4.2027", "2027-04-01"}, {" 29.02.2028 ", "2028-02-29"}, {"31.03.2027 14:30", "2027-03-31 14:30"}, {"2027-03-31", "2027-03-31"},
                {"29.02.2027", "29.02.2027"}, {"03.31.2027", "03.31.2027"}, {"31.03.27", "31.03.27"}, {"31.03.20270", "31.03.20270"}, {"0.1.2027", "0.1.2027"},
                {"..2027", "..2027"}, {"1..2027", "1..2027"}, {"001.4.2027", "001.4.2027"}, {"-1.4.2027", "-1.4.2027"}, {"1.4.2027.", "1.4.2027."}, {"2027.3.31", "2027.3.31"}};
    for (const auto& r : rows) {
        CAPTURE(r.cell);
        const auto all = records_of("address,expires,vacation_start,description\nbob@example.org," + r.cell + "," + r.cell + "," + r.cell + "\n");
        CHECK(told(all.records.at(0), "expires") == r.told);
        CHECK(told(all.records.at(0), "vacation_start") == r.told);
        CHECK(told(all.records.at(0), "description") == r.cell);
    }
}

TEST_CASE("an empty cell leaves alone, or takes away where that is asked for") {
    CHECK(told(records_of("address,quota\nbob@example.org,\n").records.at(0), "quota") == "(absent)");
    CHECK(told(records_of("address,quota\nbob@example.org,\n", {.empty_clears = true}).records.at(0), "quota") == "(null)");
}

TEST_CASE("rows say their kind, and what is wrong with one leaves the others") {
    const auto all = records_of("kind,address,domain,targets,max_mailboxes\ndomain,,example.org,,5\nalias,a@example.org,,\"b@x.example, c@x.example\",\nmailbox,a@example.org\nalias,b@example.org,,,6\nmailbox,,,,\n");
    REQUIRE(all.records.size() == 2);
    CHECK(told(all.records[0], "max_mailboxes") == "5");
    CHECK(told(all.records[1], "targets") == "b@x.example, c@x.example");
    REQUIRE(all.faults.size() == 3);
    CHECK(all.faults[0].sentence == "this row has 2 cells, and the headings are 5");
    CHECK(all.faults[0].at.line == 4);
    CHECK(all.faults[1].sentence == "\"max_mailboxes\" is no field of a record of kind alias");
    CHECK(all.faults[2].sentence == "there is no address");
}

TEST_CASE("addresses by rule") {
    CHECK(made("name\nMario Rossi\n", address_rule::name_surname) == "Mario.Rossi@example.org");
    CHECK(made("given_name,surname\nAnna Maria,De Luca\n", address_rule::name_surname) == "AnnaMaria.DeLuca@example.org");
    CHECK(made("given_name,surname\nJosé,Müller\n", address_rule::name_surname) == "Jose.Muller@example.org");
    CHECK(made("given_name,surname\nŽiga,Kos\n", address_rule::initial_surname) == "Z.Kos@example.org");
    CHECK(made("name\nMario De Rossi\n", address_rule::initial_surname) == "M.Rossi@example.org");
    CHECK(made("name\nPlato\n", address_rule::name_surname) == "\"Plato\" gives no address by the rule");
    CHECK(told(records_of("address,given_name,surname\nx@example.org,Anna,Verdi\n").records.at(0), "name") == "Anna Verdi");
}

TEST_CASE("whatever the bytes are, they are read or refused in a sentence") {
    std::mt19937 random(20261129);
    const std::string seed = "kind,address,quota,targets\r\nmailbox,\"bob@example.org\",2G,\nalias,a@example.org,,\"b@x.example, c@x.example\"\n\xC3\xA9;\t\"\"\n";
    for (int round = 0; round < 20'000; ++round) {
        std::string text = seed.substr(random() % 8);
        for (std::size_t n = random() % 6; n > 0; --n) {
            const std::size_t at = random() % text.size();
            if (random() % 3 == 0) text.erase(at, random() % 4);
            else text.insert(at, 1, random() % 2 == 0 ? static_cast<char>(random() % 256) : seed[random() % seed.size()]);
        }
        try {
            for (const auto& f : records_of(text).faults) CHECK(is_sentence(f.sentence));
        } catch (const vmail::invalid_value& e) {
            CHECK(is_sentence(e.what()));
        }
    }
}
