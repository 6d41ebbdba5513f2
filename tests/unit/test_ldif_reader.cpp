#include <fstream>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/error.hpp>

#include <vmail/ldap/ldif.hpp>

using namespace vmail::ldap;
using namespace std::string_literals;
using vmail::invalid_value;

namespace {

using values = std::vector<std::string>;

std::vector<ldif_record> read_all(const std::string& text) {
    std::istringstream in(text);
    ldif_reader reader(in, "f");
    std::vector<ldif_record> records;
    while (auto record = reader.next()) records.push_back(*std::move(record));
    return records;
}

entry read_entry(const std::string& text) {
    const auto records = read_all(text);
    REQUIRE(records.size() == 1);
    REQUIRE(std::holds_alternative<ldif_add>(records.front().what));
    return std::get<ldif_add>(records.front().what).entry;
}

std::string error_of(const std::string& text) {
    try {
        read_all(text);
    } catch (const invalid_value& problem) {
        return problem.what();
    }
    return "no error";
}

} // namespace

TEST_CASE("a file without records is an empty list") {
    for (const auto& text : {""s, "\n"s, "\r\n\n"s, "# only a comment"s, "# a\n\n# b\n"s, "version: 1"s, "version: 1\n\n"s, "\xEF\xBB\xBF"s, "# folded\n comment\n"s})
        CHECK(read_all(text).empty());
}

TEST_CASE("records are separated by empty lines and know where they stand") {
    const auto records = read_all("# head\n\ndn: cn=a\ncn: a\n\n\n\ndn: cn=b\ncn: b\n folded\n\n# tail\n");
    REQUIRE(records.size() == 2);
    CHECK(records[0].dn() == dn::parse("cn=a"));
    CHECK(records[0].first_line == 3);
    CHECK(records[0].last_line == 4);
    CHECK(records[1].dn() == dn::parse("cn=b"));
    CHECK(records[1].first_line == 8);
    CHECK(records[1].last_line == 10);
}

TEST_CASE("a content record becomes an entry") {
    struct {
        std::string text;
        std::string attribute;
        values expected;
    } const rows[] = {
        {"dn: cn=a\ncn: a\n", "cn", {"a"}},
        {"dn: cn=a\ncn: a", "cn", {"a"}}, // no end of line at the end of the file
        {"dn: cn=a\r\ncn: a\r\n\r\n", "cn", {"a"}},
        {"dn: cn=a\r\ncn: a\r", "cn", {"a"}},
        {"version: 1\n\ndn: cn=a\ncn: a\n", "cn", {"a"}},
        {"version:1\ndn: cn=a\ncn: a\n", "cn", {"a"}},
        {"# c\n\nversion: 1\ndn: cn=a\ncn: a\n", "cn", {"a"}},
        {"\xEF\xBB\xBF" "dn: cn=a\ncn: a\n", "cn", {"a"}},
        {"dn:cn=a\ncn:a\n", "cn", {"a"}},
        {"DN:   cn=a\ncn:    a  \n", "cn", {"a  "}},
        {"dn: cn=a\ncn: a\n  b\n c\n", "cn", {"a bc"}},
        {"dn: cn=a\nc\n n: a\n", "cn", {"a"}},
        {"dn: c\r\n n=a\r\ncn: a\r\n b\r\n", "cn", {"ab"}},
        {"dn: cn=a\ncn: a\n# comment\ncn: b\n", "cn", {"a", "b"}},
        {"dn: cn=a\ncn: a\nsn: s\nCN: b\n", "cn", {"a", "b"}},
        {"dn: cn=a\ncn: a\ncn: a\n", "cn", {"a", "a"}}, // the server's to refuse
        {"dn: cn=a\ncn:\nsn: s\n", "cn", {""}},
        {"dn: cn=a\ncn::\nsn: s\n", "cn", {""}},
        {"dn: cn=a\ncn:: YQ==\n", "cn", {"a"}},
        {"dn: cn=a\ncn::YQBi\n", "cn", {"a\0b"s}},
        {"dn: cn=a\ncn:: Y\n Q=\n =\n", "cn", {"a"}},
        {"dn:: Y249YQ==\ncn: a\n", "cn", {"a"}},
        {"dn: cn=a\ncn: a: b:: c < d\n", "cn", {"a: b:: c < d"}},
        {"dn: cn=a\ncn: #a\n", "cn", {"#a"}},
        {"dn: cn=a\ncn: Lu\xC4\x8Di\xC4\x87\n", "cn", {"Lu\xC4\x8Di\xC4\x87"}},
        {"dn: cn=a\nuserCertificate;binary:: AP8=\n", "userCertificate;binary", {"\0\xFF"s}},
        {"dn: cn=a\ncn;lang-it: a\n", "cn;lang-it", {"a"}},
        {"dn: cn=a\ndelete: TRUE\nadd: x\n", "delete", {"TRUE"}},
        {"dn: cn=a\nchangetype: add\nreplace: x\ndelete: TRUE\n", "delete", {"TRUE"}},
        {"dn: cn=a\ncn: a\nversion: 2\n", "version", {"2"}},
        {"dn: cn=a\ncn: " + std::string(100000, 'x') + "\n", "cn", {std::string(100000, 'x')}},
    };
    for (const auto& row : rows) {
        CAPTURE(row.text);
        const auto e = read_entry(row.text);
        CHECK(e.dn() == dn::parse("cn=a"));
        REQUIRE(e.has(row.attribute));
        CHECK(*e.find(row.attribute) == row.expected);
    }
}

TEST_CASE("a modify keeps its changes in their order") {
    const auto records = read_all("dn: cn=a\nchangetype: modify\n"
                                  "add: maildrop\nmaildrop: a\nMAILDROP:: Yg==\n-\n"
                                  "replace: lastChange\nlastChange: 1\n-\n"
                                  "replace: quota\n-\n"
                                  "delete: description\n-\n"
                                  "delete: mail\nmail: x\n-\n");
    REQUIRE(records.size() == 1);
    REQUIRE(std::holds_alternative<ldif_modify>(records.front().what));
    const std::vector<modification> expected = {{change::add, "maildrop", {"a", "b"}},
                                                {change::replace, "lastChange", {"1"}},
                                                {change::replace, "quota", {}},
                                                {change::remove, "description", {}},
                                                {change::remove, "mail", {"x"}}};
    CHECK((std::get<ldif_modify>(records.front().what).changes == expected));
}

TEST_CASE("the last \"-\" of a modify may be missing, as for ldapmodify") {
    const auto records = read_all("dn: cn=a\nchangetype: modify\n"
                                  "replace: cn\ncn: b\n-\n"
                                  "delete: description\n"
                                  "\n"
                                  "dn: cn=b\nchangetype: modify\n"
                                  "add: mail\nmail: x\n");
    REQUIRE(records.size() == 2);
    const std::vector<modification> first = {{change::replace, "cn", {"b"}}, {change::remove, "description", {}}}, second = {{change::add, "mail", {"x"}}};
    CHECK((std::get<ldif_modify>(records[0].what).changes == first));
    CHECK((std::get<ldif_modify>(records[1].what).changes == second));
}

TEST_CASE("the attribute named delete is no verb inside a change") {
    const auto records = read_all("dn: cn=a\nchangetype: modify\n"
                                  "replace: delete\ndelete: TRUE\n-\n"
                                  "delete: delete\ndelete: FALSE\n-\n"
                                  "add: replace\nreplace: x\n-\n"
                                  "delete: delete\n-\n");
    REQUIRE(records.size() == 1);
    const std::vector<modification> expected = {{change::replace, "delete", {"TRUE"}},
                                                {change::remove, "delete", {"FALSE"}},
                                                {change::add, "replace", {"x"}},
                                                {change::remove, "delete", {}}};
    CHECK((std::get<ldif_modify>(records.front().what).changes == expected));
}

TEST_CASE("a delete and a rename are read") {
    const auto records = read_all("dn: cn=a\nchangetype: DELETE\n\n"
                                  "dn: cn=b,o=x\nchangetype: modrdn\nnewrdn: cn=c+sn=d\ndeleteoldrdn: 0\n\n"
                                  "dn: cn=b,o=x\nchangetype: moddn\nnewrdn: cn=c\ndeleteoldrdn: 1\nnewsuperior: o=y\n");
    REQUIRE(records.size() == 3);
    CHECK(std::get<ldif_delete>(records[0].what).dn == dn::parse("cn=a"));
    const auto& within = std::get<ldif_rename>(records[1].what);
    CHECK((within.new_rdn == dn::rdn{{"cn", "c"}, {"sn", "d"}}));
    CHECK_FALSE(within.delete_old_rdn);
    CHECK_FALSE(within.new_superior.has_value());
    const auto& across = std::get<ldif_rename>(records[2].what);
    CHECK(across.dn == dn::parse("cn=b,o=x"));
    CHECK(across.delete_old_rdn);
    CHECK(across.new_superior == dn::parse("o=y"));
}

TEST_CASE("what is no LDIF is refused, with its line") {
    const std::string modify = "dn: cn=a\nchangetype: modify\n";
    const std::string rename = "dn: cn=a\nchangetype: modrdn\n";
    struct {
        std::string text;
        std::string sentence;
    } const rows[] = {
        {"cn: a\n", R"(f:1: a record that begins with "cn:" and not with "dn:")"},
        {"\n\nhello\n", R"(f:3: "hello" has no colon)"},
        {" dn: cn=a\n", "f:1: a line that begins with a blank continues nothing"},
        {"dn: cn=a\ncn: a\n\n b\n", "f:4: a line that begins with a blank continues nothing"},
        {"\tdn: cn=a\n", R"(f:1: "\x09dn" is not the name of an attribute)"},
        {"dn: cn=a\n", "f:1: a record that has a name and nothing else"},
        {"dn: cn=a\nchangetype: add\n", "f:2: an entry without attributes"},
        {"dn: a\ncn: a\n", R"(f:1: "a" is not a distinguished name: a "=" is missing at byte 2)"},
        {"dn:: Y249\ncn: a\n", R"(f:1: "cn=" is not a distinguished name: an empty value at byte 4)"},
        {"dn:: !\ncn: a\n", R"(f:1: a value behind "::" that is not base64)"},
        {"dn: cn=a\ncn:: YQ=\n", R"(f:2: a value behind "::" that is not base64)"},
        {"dn: cn=a\ncn:: YQ== \n", R"(f:2: a value behind "::" that is not base64)"},
        {"dn: cn=a\ncn:: YW*i\n", R"(f:2: a value behind "::" that is not base64)"},
        {"dn: cn=a\ncn:: YR==\n", R"(f:2: a value behind "::" that is not base64)"},
        {"dn: cn=a\ncn:: =\n", R"(f:2: a value behind "::" that is not base64)"},
        {"dn: cn=a\ncn:< file:///etc/passwd\n", "f:2: a value from a URL is not read: put the value into the file, in base64"},
        {"dn: cn=a\ncn:<file:///etc/passwd\n", "f:2: a value from a URL is not read: put the value into the file, in base64"},
        {"dn: cn=a\ncontrol: 1.2.3 true\nchangetype: delete\n", "f:2: controls are not supported"},
        {"dn: cn=a\ncn: a\nsn a\n", R"(f:3: "sn a" has no colon)"},
        {"dn: cn=a\ncn: a\n-\n", R"(f:3: "-" has no colon)"},
        {"dn: cn=a\ncn : a\n", R"(f:2: "cn " is not the name of an attribute)"},
        {"dn: cn=a\ncn;: a\n", R"(f:2: "cn;" is not the name of an attribute)"},
        {"dn: cn=a\n: a\n", R"(f:2: "" is not the name of an attribute)"},
        {"dn: cn=a\ncn: a\ndn: cn=b\ncn: b\n", R"(f:3: a second "dn:" in one record: an empty line is missing before it)"},
        {"dn: cn=a\ncn: a\n \ndn: cn=b\ncn: b\n", R"(f:4: a second "dn:" in one record: an empty line is missing before it)"},
        {"dn: cn=a\ncn: a\nchangetype: add\n", R"(f:3: "changetype:" must stand right after "dn:")"},
        {"dn: cn=a\nchangetype: replace\ncn: a\n", R"(f:2: an unknown changetype "replace")"},
        {"dn: cn=a\nchangetype: modify \n", R"(f:2: an unknown changetype "modify ")"},
        {"dn: cn=a\ncn: a\n# comment\n b\n", "f:4: a folded line behind a comment: put the comment before or after the whole value"},
        {"version: 2\n", "f:1: an LDIF version other than 1"},
        {"version: 1\nversion: 1\n", R"(f:2: a record that begins with "version:" and not with "dn:")"},
        {"dn: cn=a\ncn: a\n\nversion: 1\n", R"(f:4: a record that begins with "version:" and not with "dn:")"},
        {"dn: cn=a\ncn: a\0b\n"s, "f:2: a NUL byte: this is no text, or it is UTF-16 and must be converted to UTF-8"},
        {"\xFF\xFE" "d\0n\0:\0\n\0"s, "f:1: a NUL byte: this is no text, or it is UTF-16 and must be converted to UTF-8"},
        {"\x7F" "ELF\x02\x01\x01\0\0"s, "f:1: a NUL byte: this is no text, or it is UTF-16 and must be converted to UTF-8"},
        {"dn: cn=a\ncn: a\rb\n", "f:2: a carriage return that does not end the line"},
        {"dn: cn=a\rcn: a\r", "f:1: a carriage return that does not end the line"},
        {"dn: cn=a\ncn: Nicol\xF2\n", "f:2: a value that is not UTF-8: convert the file, or write the value in base64"},
        {modify, "f:2: a modify without changes"},
        {modify + "cn: a\n-\n", R"(f:3: "cn:" where "add:", "delete:" or "replace:" belongs)"},
        {modify + "increment: a\na: 1\n-\n", R"(f:3: "increment:" where "add:", "delete:" or "replace:" belongs)"},
        {modify + "-\n", R"(f:3: "-" has no colon)"},
        {modify + "add: cn\n-\n", "f:3: no value of cn to add"},
        {modify + "add: c n\n-\n", R"(f:3: "c n" is not the name of an attribute)"},
        {modify + "add:\n-\n", R"(f:3: "" is not the name of an attribute)"},
        {modify + "add: cn\nsn: a\n-\n", R"(f:4: "sn:" where a value of cn or a "-" belongs)"},
        {modify + "add: cn\ncn: a\n\n-\n", R"(f:6: "-" has no colon)"},
        {modify + "add: cn\n", "f:3: no value of cn to add"},
        {modify + "delete: cn\ndelete: sn\n-\n", R"(f:4: "delete:" where a value of cn or a "-" belongs)"},
        {modify + "delete: cn\n--\n", R"(f:4: "--" has no colon)"},
        {"dn: cn=a\nchangetype: delete\ncn: a\n", R"(f:3: "cn: a" where an empty line belongs)"},
        {rename, R"(f:2: "newrdn:" is missing at the end of a rename)"},
        {rename + "newrdn: cn=b\n", R"(f:3: "deleteoldrdn:" is missing at the end of a rename)"},
        {rename + "deleteoldrdn: 1\nnewrdn: cn=b\n", R"(f:3: "deleteoldrdn:" where "newrdn:" belongs)"},
        {rename + "newrdn: cn=b,o=x\ndeleteoldrdn: 1\n", R"(f:3: "cn=b,o=x" is not one relative name)"},
        {rename + "newrdn:\ndeleteoldrdn: 1\n", R"(f:3: "" is not one relative name)"},
        {rename + "newrdn: cn=b\ndeleteoldrdn: yes\n", R"(f:4: "yes" is neither 0 nor 1)"},
        {rename + "newrdn: cn=b\ndeleteoldrdn: 1\nsuperior: o=x\n", R"(f:5: "superior:" where "newsuperior:" or an empty line belongs)"},
        {rename + "newrdn: cn=b\ndeleteoldrdn: 1\nnewsuperior: o=x\ncn: b\n", R"(f:6: "cn: b" where an empty line belongs)"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.text);
        CHECK(error_of(row.text) == row.sentence);
    }
}

TEST_CASE("a hostile file name and a hostile line are safe to print") {
    std::istringstream in("\x1b[2J\n");
    ldif_reader reader(in, "a\x1b\nb");
    CHECK_THROWS_WITH_AS(reader.next(), R"(a\x1b\x0ab:1: "\x1b[2J" has no colon)", invalid_value);
}

TEST_CASE("records before an error are given, and nothing after it") {
    std::istringstream in("dn: cn=a\ncn: a\n\nhello\n\ndn: cn=b\ncn: b\n");
    ldif_reader reader(in, "f");
    CHECK(reader.next().has_value());
    CHECK_THROWS_AS(reader.next(), invalid_value);
    CHECK_FALSE(reader.next().has_value());
}

TEST_CASE("a file that cannot be read is not an empty one") {
    for (const std::string name : {"/nonexistent/file", "/"}) {
        CAPTURE(name);
        std::ifstream in(name);
        ldif_reader reader(in, name);
        try {
            reader.next();
            FAIL("no error");
        } catch (const vmail::error& problem) {
            CHECK(problem.kind() == vmail::error_kind::input_missing);
        }
    }
}

TEST_CASE("a line has a bound, folded or not") {
    const std::string long_line(64 * 1024 * 1024, 'x');
    CHECK(error_of("dn: cn=a\ncn: " + long_line + "\n") == "f:2: a line of more than 64 MiB");
    std::string folded = "dn: cn=a\ncn: ";
    for (int i = 0; i < 65; ++i) folded.append(1024 * 1024, 'x') += "\n ";
    CHECK(error_of(folded) == "f:2: a folded line of more than 64 MiB");
}
