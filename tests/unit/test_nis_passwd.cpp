#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "nis_case.hpp"

using nis_case::convert;
using nis_case::values;

namespace {

const std::string hash = "$1$abcdefgh$0123456789012345678901";

std::string des() { return "abJnggxhB/yWI"; }

std::string user(const std::string& login, const std::string& gecos = "Ada Bressan") { return login + ":" + des() + ":1001:100:" + gecos + ":/home/u:/bin/sh\n"; }

} // namespace

TEST_CASE("a line of passwd is converted or skipped with a reason") {
    struct row {
        std::string line;
        std::string codes;
    };
    const std::vector<row> rows = {
        {"ada:" + des() + ":1001:100:Ada Bressan:/home/ada:/bin/sh", ""},
        {"ada:" + des() + ":1001:100:Ada Bressan:/home/ada:/bin/sh\r", ""},
        {"", ""},
        {"   \t", ""},
        {"\r", ""},
        {"# ada:x:1", ""},
        {"  # ada", ""},
        // field count
        {"ada", "passwd:1=field-count"},
        {"ada:x:1001:100:Ada:/home/ada", "passwd:1=field-count"},
        {"ada:x:1001:100:Ada:x:/home/ada:/bin/sh", "passwd:1=field-count"},
        {"ada:x:1001:100::0:0:Ada:/home/ada:/bin/sh:x", "passwd:1=field-count"},
        {"ada:" + des() + ":1001:100::0:0:Ada Bressan:/home/ada:/bin/sh", ""},
        {"ada:" + des() + ":1001:100:staff:0:0:Ada Bressan:/home/ada:/bin/sh", "passwd:1=bsd-fields"},
        {"ada:" + des() + ":1001:100::0:1700000000:Ada Bressan:/home/ada:/bin/sh", "passwd:1=bsd-fields"},
        // login
        {":x:1001:100:Ada:/home/ada:/bin/sh", "passwd:1=bad-login"},
        {"a b:x:1001:100:Ada:/home/ada:/bin/sh", "passwd:1=bad-login"},
        {" ada:x:1001:100:Ada:/home/ada:/bin/sh", "passwd:1=bad-login"},
        {"ada.:x:1001:100:Ada:/home/ada:/bin/sh", "passwd:1=bad-login"},
        {".ada:x:1001:100:Ada:/home/ada:/bin/sh", "passwd:1=bad-login"},
        {"a..b:x:1001:100:Ada:/home/ada:/bin/sh", "passwd:1=bad-login"},
        {"a/b:x:1001:100:Ada:/home/ada:/bin/sh", "passwd:1=bad-login"},
        {"a@b:x:1001:100:Ada:/home/ada:/bin/sh", "passwd:1=bad-login"},
        {"\"ada\":x:1001:100:Ada:/home/ada:/bin/sh", "passwd:1=bad-login"},
        {std::string(65, 'a') + ":x:1001:100:Ada:/home/ada:/bin/sh", "passwd:1=bad-login"},
        {"nicol\xC3\xB2:x:1001:100:Ada:/home/ada:/bin/sh", "passwd:1=bad-login"},
        {"ada+x:" + des() + ":1001:100:Ada Bressan:/home/ada:/bin/sh", ""},
        {"Ada_2-x.y:" + des() + ":1001:100:Ada Bressan:/home/ada:/bin/sh", ""},
        // numbers
        {"ada:x::100:Ada:/home/ada:/bin/sh", "passwd:1=bad-uid"},
        {"ada:x:10x1:100:Ada:/home/ada:/bin/sh", "passwd:1=bad-uid"},
        {"ada:x:0x10:100:Ada:/home/ada:/bin/sh", "passwd:1=bad-uid"},
        {"ada:x:+5:100:Ada:/home/ada:/bin/sh", "passwd:1=bad-uid"},
        {"ada:x:1 2:100:Ada:/home/ada:/bin/sh", "passwd:1=bad-uid"},
        {"ada:x:4294967295:100:Ada:/home/ada:/bin/sh", "passwd:1=bad-uid"},
        {"ada:x:99999999999999999999999:100:Ada:/home/ada:/bin/sh", "passwd:1=bad-uid"},
        {"ada:" + des() + ":4294967294:100:Ada Bressan:/home/ada:/bin/sh", ""},
        {"ada:x:1001::Ada:/home/ada:/bin/sh", "passwd:1=bad-gid"},
        {"ada:x:1001:abc:Ada:/home/ada:/bin/sh", "passwd:1=bad-gid"},
        {"ada:" + des() + ":1001:0:Ada Bressan:/home/ada:/bin/sh", ""},
        {"ada:" + des() + ":0001001:100:Ada Bressan:/home/ada:/bin/sh", "passwd:1=number-rewritten"},
        {"ada:" + des() + ": 1001 :100:Ada Bressan:/home/ada:/bin/sh", "passwd:1=number-rewritten"},
        {"ada:" + des() + ":1001:0100:Ada Bressan:/home/ada:/bin/sh", "passwd:1=number-rewritten"},
        {"nobody:*:-2:-2:Nobody:/:/bin/false", "passwd:1=system-account"},
        {"ada:x:1001:-2:Ada:/home/ada:/bin/sh", "passwd:1=system-account"},
        {"root:*:0:0:Root:/:/bin/sh", "passwd:1=system-account"},
        {"root:*:00:0:Root:/:/bin/sh", "passwd:1=system-account"},
        // home and shell
        {"ada:" + des() + ":1001:100:Ada Bressan::/bin/sh", "passwd:1=no-home"},
        {"ada:" + des() + ":1001:100:Ada Bressan:/home/universit\xC3\xA0:/bin/sh", "passwd:1=bad-home"},
        {"ada:" + des() + ":1001:100:Ada Bressan:/home/ada:", ""},
        {"ada:" + des() + ":1001:100:Ada Bressan:/home/ada:/bin/\xC3\xA0", "passwd:1=bad-shell"},
        // gecos
        {"ada:" + des() + ":1001:100:Andr\xC3\xA9 Bressan:/home/ada:/bin/sh", "passwd:1=gecos-folded"},
        {"ada:" + des() + ":1001:100:Andr\xE9 Bressan:/home/ada:/bin/sh", "passwd:1=converted passwd:1=gecos-folded"},
        {"ada:" + des() + ":1001:100:D\x92" "Agostino Ada:/home/ada:/bin/sh", "passwd:1=doubtful passwd:1=gecos-folded"},
        {"ada:" + des() + ":1001:100:Nicol\xF2 Kova\xC4\x8Di\xC4\x87:/home/ada:/bin/sh", "passwd:1=doubtful passwd:1=gecos-folded"},
        {"ada:" + des() + ":1001:100:Ada\tBressan:/home/ada:/bin/sh", "passwd:1=control-characters"},
        {"ada:" + des() + ":1001:100::/home/ada:/bin/sh", ""},
        {"ada:" + des() + ":1001:100:Ada:/home/ada:/bin/sh", "passwd:1=address-login"},
        // passwords
        {"ada:" + hash + ":1001:100:Ada Bressan:/home/ada:/bin/sh", ""},
        {"ada:" + des() + ",M.z8:1001:100:Ada Bressan:/home/ada:/bin/sh", "passwd:1=password-ageing"},
        {"ada:{SSHA}AAECAwQFBgcICQoLDA0ODxAREhMUFRYX:1001:100:Ada Bressan:/home/ada:/bin/sh", ""},
        {"ada:*:1001:100:Ada Bressan:/home/ada:/bin/sh", "passwd:1=password-locked"},
        {"ada:!!:1001:100:Ada Bressan:/home/ada:/bin/sh", "passwd:1=password-locked"},
        {"ada:*LK*:1001:100:Ada Bressan:/home/ada:/bin/sh", "passwd:1=password-locked"},
        {"ada:NP:1001:100:Ada Bressan:/home/ada:/bin/sh", "passwd:1=password-locked"},
        {"ada:!" + hash + ":1001:100:Ada Bressan:/home/ada:/bin/sh", "passwd:1=password-locked"},
        {"ada::1001:100:Ada Bressan:/home/ada:/bin/sh", "passwd:1=password-empty"},
        {"ada:x:1001:100:Ada Bressan:/home/ada:/bin/sh", "passwd:1=password-missing"},
        {"ada:##ada:1001:100:Ada Bressan:/home/ada:/bin/sh", "passwd:1=password-missing"},
        {"ada:{CLEARTEXT}secret:1001:100:Ada Bressan:/home/ada:/bin/sh", "passwd:1=password-unknown"},
        {"ada:Disabled-2009:1001:100:Ada Bressan:/home/ada:/bin/sh", "passwd:1=password-unknown"},
        {"ada:$1$abcdefgh$short:1001:100:Ada Bressan:/home/ada:/bin/sh", "passwd:1=password-unknown"},
        // compat
        {"+", "passwd:1=compat"},
        {"+::::::", "passwd:1=compat"},
        {"+@staff::::::", "passwd:1=compat"},
        {"+ada:", "passwd:1=compat"},
        {"-guest", "passwd:1=compat"},
        {"-@guests::::::", "passwd:1=compat"},
    };
    for (const row& r : rows) {
        CAPTURE(r.line);
        for (const std::string end : {"\n", ""}) CHECK(convert({.passwd = r.line + end}).codes() == r.codes);
    }
}

TEST_CASE("an account has what Phamm's filters and nslcd look for") {
    const auto out = convert({.passwd = "ada:" + des() + ":1001:100:Ada Bressan,Room 7,040 555 2258,040 1:/home/ada:/bin/tcsh\n"});
    const auto* e = out.account("ada");
    REQUIRE(e);
    CHECK(e->dn().text() == "mail=Ada.Bressan@example.org,vd=example.org,o=hosting,dc=example,dc=org");
    for (const char* name : {"VirtualMailAccount", "VirtualForward", "Vacation", "posixAccount"}) CHECK(e->has_class(name));
    CHECK_FALSE(e->has_class("shadowAccount"));
    CHECK(values(e, "mail") == "Ada.Bressan@example.org");
    CHECK(values(e, "uid") == "ada");
    CHECK(values(e, "cn") == "Ada Bressan");
    CHECK(values(e, "sn") == "Bressan");
    CHECK(values(e, "userPassword") == "{CRYPT}" + des());
    CHECK(values(e, "forwardActive") == "FALSE");
    CHECK(values(e, "vacationActive") == "FALSE");
    CHECK(values(e, "accountActive") == "TRUE");
    CHECK(values(e, "mailbox") == "example.org/ada.bressan/");
    CHECK(values(e, "uidNumber") == "1001");
    CHECK(values(e, "gidNumber") == "100");
    CHECK(values(e, "homeDirectory") == "/home/ada");
    CHECK(values(e, "loginShell") == "/bin/tcsh");
    CHECK(values(e, "gecos") == "Ada Bressan,Room 7,040 555 2258,040 1");
    CHECK(values(e, "roomNumber") == "Room 7");
    CHECK(values(e, "telephoneNumber") == "040 555 2258");
    CHECK(values(e, "homePhone") == "040 1");
    CHECK(values(e, "creationDate") == "20200913122640");
    CHECK(values(e, "lastChange") == "1600000000");
    CHECK(values(out.with_mail("ada@example.org"), "maildrop") == "Ada.Bressan@example.org");
    CHECK(values(out.with_mail("postmaster@example.org"), "maildrop") == "postmaster@localhost");
    CHECK(values(out.with_mail("abuse@example.org"), "maildrop") == "postmaster@example.org");
}

TEST_CASE("values of the name") {
    struct row {
        std::string gecos, cn, sn, ascii, mail;
    };
    const std::vector<row> rows = {
        {"Ada Bressan", "Ada Bressan", "Bressan", "Ada Bressan", "Ada.Bressan@example.org"},
        {"Anna de Rossi", "Anna de Rossi", "Rossi", "Anna de Rossi", "Anna.deRossi@example.org"},
        {"Stefano D'Amico", "Stefano D'Amico", "D'Amico", "Stefano D'Amico", "Stefano.DAmico@example.org"},
        {"Peter Jones Jr.", "Peter Jones Jr.", "Jr.", "Peter Jones Jr.", "Peter.JonesJr@example.org"},
        {"Nicol\xC3\xB2 Loi", "Nicol\xC3\xB2 Loi", "Loi", "Nicolo Loi", "Nicolo.Loi@example.org"},
        {"Johann Strau\xC3\x9F", "Johann Strau\xC3\x9F", "Strau\xC3\x9F", "Johann Strauss", "Johann.Strauss@example.org"},
        {"S\xC3\xB8ren \xC4\x90or\xC4\x91o\xC5\x82", "S\xC3\xB8ren \xC4\x90or\xC4\x91o\xC5\x82", "\xC4\x90or\xC4\x91o\xC5\x82", "Soren Dordol", "Soren.Dordol@example.org"},
        {"Matthias Winkler-B\xC3\xB6hm", "Matthias Winkler-B\xC3\xB6hm", "Winkler-B\xC3\xB6hm", "Matthias Winkler-Bohm", "Matthias.Winkler-Bohm@example.org"},
        {"\xD0\x98\xD0\xB2\xD0\xB0\xD0\xBD \xD0\x9F", "\xD0\x98\xD0\xB2\xD0\xB0\xD0\xBD \xD0\x9F", "\xD0\x9F", "???? ?", "u@example.org"},
        {"& Tommasini", "U Tommasini", "Tommasini", "& Tommasini", "U.Tommasini@example.org"},
        {"Dr.&", "Dr.U", "Dr.U", "Dr.&", "u@example.org"},
        {"Mc&", "McU", "McU", "Mc&", "u@example.org"},
        {"R&D", "R&D", "R&D", "R&D", "u@example.org"},
        {"AT&T & Rossi", "AT&T U Rossi", "Rossi", "AT&T & Rossi", "ATT.URossi@example.org"},
        {"Biblioteca", "Biblioteca", "Biblioteca", "Biblioteca", "u@example.org"},
        {"", "u", "u", "-", "u@example.org"},
        {" ", "u", "u", "-", "u@example.org"},
        {",,,", "u", "u", ",,,", "u@example.org"},
        {"Ada\tBressan", "Ada Bressan", "Bressan", "Ada Bressan", "Ada.Bressan@example.org"},
        {"  Ada Bressan ", "Ada Bressan", "Bressan", "Ada Bressan", "Ada.Bressan@example.org"},
    };
    for (const row& r : rows) {
        CAPTURE(r.gecos);
        const auto out = convert({.passwd = user("u", r.gecos)});
        const auto* e = out.account("u");
        CHECK(values(e, "cn") == r.cn);
        CHECK(values(e, "sn") == r.sn);
        CHECK(values(e, "gecos") == r.ascii);
        CHECK(values(e, "mail") == r.mail);
    }
}

TEST_CASE("phone numbers that the schema refuses stay in gecos only") {
    const auto out = convert({.passwd = user("u", "Ada Bressan,,tel_2214,none")});
    CHECK(values(out.account("u"), "telephoneNumber") == "-");
    CHECK(values(out.account("u"), "homePhone") == "-");
    CHECK(values(out.account("u"), "roomNumber") == "-");
    CHECK(values(out.account("u"), "gecos") == "Ada Bressan,,tel_2214,none");
}

TEST_CASE("numbers are canonical and the largest id is taken") {
    const auto out = convert({.passwd = "a:" + des() + ":0000777:4294967294::/h:/bin/sh\n"});
    CHECK(values(out.account("a"), "uidNumber") == "777");
    CHECK(values(out.account("a"), "gidNumber") == "4294967294");
}

TEST_CASE("of equal logins the first that is usable wins") {
    CHECK(convert({.passwd = user("ada") + user("ada")}).codes() == "passwd:2=duplicate-login");
    CHECK(convert({.passwd = user("ada") + "Ada:x:1002:1:B C:/h:/bin/sh\n"}).codes() == "passwd:2=case-collision");
    CHECK(convert({.passwd = "ada:x:bad:1:B C:/h:/bin/sh\n" + user("ada")}).codes() == "passwd:1=bad-uid");
    CHECK(convert({.passwd = user("ada") + "bob:" + des() + ":1001:1:B C:/h:/bin/sh\n"}).codes() == "passwd:2=duplicate-uid");
}

TEST_CASE("options change what is skipped") {
    auto o = nis_case::default_options();
    o.min_uid = 500;
    CHECK(convert({.passwd = "low:" + des() + ":499:1:A B:/h:/bin/sh\nhigh:" + des() + ":500:1:C D:/h:/bin/sh\n"}, o).codes() == "passwd:1=system-account");
    o.min_uid = 0;
    CHECK(convert({.passwd = "root:" + des() + ":0:0:A B:/h:/bin/sh\n"}, o).codes().empty());
    o.default_home = "/home";
    const auto out = convert({.passwd = "ada:" + des() + ":1:1:A B::/bin/sh\n"}, o);
    CHECK(out.codes() == "passwd:1=default-home");
    CHECK(values(out.account("ada"), "homeDirectory") == "/home/ada");
    o.only = vmail::nis::scope::mail;
    const auto mail = convert({.passwd = "ada:" + des() + ":1:1:A B::/bin/sh\n"}, o);
    CHECK(mail.codes().empty());
    CHECK(values(mail.with_mail("A.B@example.org"), "uidNumber") == "-");
    o.only = vmail::nis::scope::unix_accounts;
    const auto unix_only = convert({.passwd = user("ada")}, o);
    REQUIRE(unix_only.account("ada"));
    CHECK(unix_only.account("ada")->dn().text() == "uid=ada,ou=people,o=hosting,dc=example,dc=org");
    CHECK_FALSE(unix_only.account("ada")->has_class("VirtualMailAccount"));
    CHECK_FALSE(unix_only.with_mail("postmaster@example.org"));
}

TEST_CASE("quota and expiry hold for all accounts") {
    auto o = nis_case::default_options();
    o.quota = vmail::quota::parse("50M");
    o.expires = vmail::expiry(vmail::timestamp::parse_digits("20261231230000"));
    const auto out = convert({.passwd = user("ada")}, o);
    CHECK(values(out.account("ada"), "quota") == "52428800S");
    CHECK(values(out.account("ada"), "expireDate") == "20261231230000");
}

TEST_CASE("ypcat -k output is told by its look") {
    const std::string keyed = "YP_LAST_MODIFIED 0123456789\nada " + user("ada") + "bob " + user("bob", "Bob C") + "1003 cy:" + des() + ":1003:1:Cy D:/h:/bin/sh\n";
    const auto out = convert({.passwd = keyed});
    CHECK(out.codes() == "passwd:3=duplicate-uid");
    CHECK(out.counts("passwd") == "4=1+3+0+0");
    CHECK(convert({.passwd = "ada " + user("ada") + "bob " + user("bob", "Bob C") + "xx " + "cy:" + des() + ":1003:1:Cy D:/h:/bin/sh\n"}).codes() ==
          "passwd:2=duplicate-uid passwd:3=key-mismatch");
    auto plain = nis_case::default_options();
    plain.form = vmail::nis::map_form::plain;
    CHECK(convert({.passwd = "ada " + user("ada")}, plain).codes() == "passwd:1=bad-login");
}

TEST_CASE("a NUL costs its line only, and a byte order mark nothing") {
    using namespace std::string_literals;
    const auto out = convert({.passwd = "\xEF\xBB\xBF" + user("ada") + "b\0b:x:1:1:B C:/h:/bin/sh\n"s + user("cy", "Cy D")});
    CHECK(out.codes() == "passwd:1=byte-order-mark passwd:2=nul-byte passwd:3=duplicate-uid");
    CHECK(out.account("ada"));
    CHECK(out.account("cy"));
}

TEST_CASE("each charset reads its own bytes") {
    using vmail::charset;
    const auto name_in = [](charset set, const std::string& bytes) {
        auto o = nis_case::default_options();
        o.charset = set;
        return values(convert({.passwd = user("u", bytes)}, o).account("u"), "cn");
    };
    CHECK(name_in(charset::iso_8859_1, "\xA9 x") == "\xC2\xA9 x");
    CHECK(name_in(charset::iso_8859_2, "\xA9 x") == "\xC5\xA0 x");
    CHECK(name_in(charset::iso_8859_15, "\xA4 x") == "\xE2\x82\xAC x");
    CHECK(name_in(charset::windows_1252, "D\x92" "A x") == "D\xE2\x80\x99" "A x");
    CHECK(name_in(charset::utf_8, "\xA9 x") == "\xEF\xBF\xBD x");
    CHECK(name_in(charset::iso_8859_2, "\xC4\x8D x") == "\xC4\x8D x");
}

TEST_CASE("without a date of the maps no entry has one of its own") {
    auto o = nis_case::default_options();
    o.as_of.reset();
    nis_case::maps maps;
    maps.passwd = "ada:x:1001:100:Ada Bressan:/home/ada:/bin/sh\no'neil:x:1002:100::/home/o:/bin/sh\n";
    maps.aliases = "list: ada, ext@example.net\n\"a b\": ada\no'neil: ext@example.net\n";
    const auto out = nis_case::convert(maps, o);
    CHECK(out.entries.size() == 8);
    for (const auto& e : out.entries) {
        CAPTURE(e.dn().text());
        CHECK(values(&e, "creationDate") == "-");
        CHECK(values(&e, "lastChange") == "0");
    }
}
