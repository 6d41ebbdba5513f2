#include <algorithm>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/error.hpp>

#include <vmail/ldap/ldif.hpp>

using namespace vmail::ldap;
using namespace std::string_literals;
using vmail::invalid_value;

namespace {

template <class Write>
std::string written(Write write) {
    std::ostringstream out;
    ldif_writer writer(out);
    write(writer);
    return out.str();
}

ldif_record read_back(const std::string& text) {
    std::istringstream in(text);
    ldif_reader reader(in, "f");
    auto record = reader.next();
    REQUIRE(record.has_value());
    REQUIRE_FALSE(reader.next().has_value());
    return *std::move(record);
}

const auto bob = dn::parse("mail=bob@example.org,o=hosting");

} // namespace

TEST_CASE("base64 is RFC 4648's") {
    struct {
        std::string bytes;
        std::string_view text;
    } const rows[] = {
        {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}, {"\0\xFF\xFE"s, "AP/+"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.text);
        CHECK(base64_encode(row.bytes) == row.text);
        CHECK(base64_decode(row.text) == row.bytes);
    }
}

TEST_CASE("what is not base64 is not decoded") {
    for (const std::string_view text : {"=", "==", "===", "====", "Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm8=Zm8=", "Z===", "Zm 9", "Zm9v\n", "Zm9-", "Zm9_", "\xFF\xFF\xFF\xFF"}) {
        CAPTURE(text);
        CHECK_FALSE(base64_decode(text).has_value());
    }
}

TEST_CASE("a value that is no SAFE-STRING, or not safe on a terminal, goes out as base64") {
    struct {
        std::string value;
        std::string line;
    } const rows[] = {
        {"", "cn:\n"},
        {"a", "cn: a\n"},
        {"a: b < c", "cn: a: b < c\n"},
        {"-", "cn: -\n"},
        {"#a", "cn: #a\n"},
        {" a", "cn:: IGE=\n"},
        {"a ", "cn:: YSA=\n"},
        {" ", "cn:: IA==\n"},
        {":a", "cn:: OmE=\n"},
        {"<a", "cn:: PGE=\n"},
        {"a\nb", "cn:: YQpi\n"},
        {"a\rb", "cn:: YQ1i\n"},
        {"a\0b"s, "cn:: YQBi\n"},
        {"a\tb", "cn:: YQli\n"},
        {"\x1b[2J", "cn:: G1sySg==\n"},
        {"a\x7f", "cn:: YX8=\n"},
        {"\xC3\xB2", "cn:: w7I=\n"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.line);
        CHECK(ldif_line("cn", row.value) == row.line);
    }
}

TEST_CASE("lines are folded at 76 bytes") {
    CHECK(ldif_line("cn", std::string(72, 'x')) == "cn: " + std::string(72, 'x') + "\n");
    CHECK(ldif_line("cn", std::string(73, 'x')) == "cn: " + std::string(72, 'x') + "\n x\n");
    CHECK(ldif_line("cn", std::string(72 + 75, 'x')) == "cn: " + std::string(72, 'x') + "\n " + std::string(75, 'x') + "\n");
    CHECK(ldif_line("cn", std::string(72 + 76, 'x')) == "cn: " + std::string(72, 'x') + "\n " + std::string(75, 'x') + "\n x\n");
}

TEST_CASE("an entry is written with objectClass first and without a version line") {
    entry e(bob);
    e.set("cn", "Bob");
    e.set("objectclass", std::vector<std::string>{"top", "VirtualMailAccount"});
    e.set("maildrop", std::vector<std::string>{"a", "b"});
    CHECK(written([&](auto& w) { w.write(e); }) == "dn: mail=bob@example.org,o=hosting\n"
                                                   "objectclass: top\nobjectclass: VirtualMailAccount\n"
                                                   "cn: Bob\nmaildrop: a\nmaildrop: b\n\n");
    CHECK(written([&](auto& w) { w.write_add(e); }).starts_with("dn: mail=bob@example.org,o=hosting\nchangetype: add\nobjectclass: top\n"));
}

TEST_CASE("changes are written as ldapmodify takes them") {
    const std::vector<modification> changes = {{change::add, "maildrop", {"a", " b"}}, {change::replace, "delete", {"TRUE"}}, {change::remove, "quota", {}}};
    CHECK(written([&](auto& w) { w.write_modify(bob, changes); }) == "dn: mail=bob@example.org,o=hosting\nchangetype: modify\n"
                                                                     "add: maildrop\nmaildrop: a\nmaildrop:: IGI=\n-\n"
                                                                     "replace: delete\ndelete: TRUE\n-\n"
                                                                     "delete: quota\n-\n\n");
    CHECK(written([&](auto& w) { w.write_modify(bob, {}); }).empty());
    CHECK(written([&](auto& w) { w.write_delete(bob); }) == "dn: mail=bob@example.org,o=hosting\nchangetype: delete\n\n");
}

TEST_CASE("a rename names the new superior only when it is another one") {
    CHECK(written([&](auto& w) { w.write_rename(bob, dn::parse("mail=rob\\2B@example.org,o=Hosting")); }) ==
          "dn: mail=bob@example.org,o=hosting\nchangetype: modrdn\nnewrdn: mail=rob\\2B@example.org\ndeleteoldrdn: 1\n\n");
    CHECK(written([&](auto& w) { w.write_rename(bob, dn::parse("mail=rob@example.org,o=other")); }) ==
          "dn: mail=bob@example.org,o=hosting\nchangetype: modrdn\nnewrdn: mail=rob@example.org\ndeleteoldrdn: 1\nnewsuperior: o=other\n\n");
}

TEST_CASE("a comment stays a comment") {
    CHECK(written([](auto& w) { w.write_comment("a\ndn: cn=x\x1b"); }) == "# a\n# dn: cn=x\\x1b\n");
    CHECK(written([](auto& w) { w.write_comment(""); }) == "# \n");
}

TEST_CASE("what LDIF cannot say is refused before anything is written") {
    const auto refused = [](auto write) {
        CHECK(written([&](auto& w) { CHECK_THROWS_AS(write(w), invalid_value); }).empty());
    };
    entry hostile(bob);
    hostile.set("cn", "a");
    hostile.set("x: y\ndn", "a");
    refused([&](auto& w) { w.write(hostile); });
    refused([&](auto& w) { w.write(entry(bob)); });
    refused([&](auto& w) { w.write_add(entry(bob)); });
    refused([&](auto& w) { w.write_modify(bob, {{change::add, "cn", {}}}); });
    refused([&](auto& w) { w.write_modify(bob, {{change::replace, "a\n-", {"1"}}}); });
    refused([&](auto& w) { w.write_rename(bob, dn()); });
    CHECK_THROWS_AS(ldif_line("c n", "a"), invalid_value);
}

TEST_CASE("every byte and every hostile value comes back from the file") {
    std::vector<std::string> hostile = {"",   " ",    "  ",   ":",         "<",    "\n\nversion: 2", "\n-\n", "../../../etc", "/etc/passwd", "-rf", ".", "-", "\x1b[2J",
                                        "a\n", "\r\n", "a\n b", "\xE2\x80\xAE" "gpj", "\xFF\xFE", std::string(1000, ' '), std::string(1000, '\n'), "dn: cn=x", "# x"};
    for (int byte = 0; byte < 256; ++byte) {
        const std::string c(1, static_cast<char>(byte));
        for (const std::size_t length : {std::size_t{0}, std::size_t{1}, std::size_t{71}, std::size_t{72}, std::size_t{73}, std::size_t{146}, std::size_t{147}})
            hostile.push_back(std::string(length, 'x') + c);
        hostile.push_back(c + "x");
        hostile.push_back("x" + c + "x");
    }
    std::sort(hostile.begin(), hostile.end());
    hostile.erase(std::unique(hostile.begin(), hostile.end()), hostile.end());

    for (const auto& value : hostile) {
        if (value.empty()) continue;
        entry e(bob.child("cn", value));
        e.set("cn", value);
        const auto record = read_back(written([&](auto& w) { w.write(e); }));
        CHECK(record.dn().rdns() == e.dn().rdns());
        CHECK(*std::get<ldif_add>(record.what).entry.find("cn") == std::vector<std::string>{value});
    }
    entry all(bob);
    all.set("description", hostile);
    const auto text = written([&](auto& w) { w.write(all); });
    for (const char c : text) CHECK((c == '\n' || (c >= ' ' && c <= '~')));
    CHECK(*std::get<ldif_add>(read_back(text).what).entry.find("description") == hostile);

    const std::vector<modification> changes = {{change::replace, "delete", hostile}};
    const auto modify = read_back(written([&](auto& w) { w.write_modify(bob, changes); }));
    CHECK((std::get<ldif_modify>(modify.what).changes == changes));
}
