#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "nis_case.hpp"

using nis_case::convert;
using nis_case::values;

namespace {

std::string line(const std::string& login, const std::string& name) { return login + ":abJnggxhB/yWI:" + std::to_string(1000 + login.size()) + ":1:" + name + ":/h:/bin/sh\n"; }

} // namespace

TEST_CASE("the alias map's own spelling of Name.Surname is the account's address") {
    struct row {
        std::string name, alias;
    };
    const std::vector<row> rows = {
        {"Ada Bressan", "Ada.Bressan"},
        {"Ada Bressan", "ADA.bressan"},
        {"Anna de Rossi", "Anna.deRossi"},
        {"Elio Della Mea", "Elio.DellaMea"},
        {"Stefano D'Amico", "Stefano.DAmico"},
        {"J\xC3\xB6rg H\xC3\xB6" "fer", "Joerg.Hoefer"},
        {"J\xC3\xB6rg H\xC3\xB6" "fer", "Jorg.Hofer"},
        {"Klaus von Gr\xC3\xBCnberg", "Klaus.vonGruenberg"},
        {"Peter Jones III", "Peter.Jones"},
        {"Giuseppe Maria Rossi", "GiuseppeMaria.Rossi"},
        {"Giuseppe Maria Rossi", "Giuseppe.Rossi"},
        {"BONETTI Claudio", "Claudio.Bonetti"},
    };
    for (const row& r : rows) {
        CAPTURE(r.alias);
        const auto out = convert({.passwd = line("u", r.name), .aliases = r.alias + ": u\n"});
        CHECK(out.report.count(vmail::nis::level::warn) == 0);
        CHECK(out.report.count(vmail::nis::level::skip) == 0);
        CHECK(values(out.account("u"), "mail") == r.alias + "@example.org");
        CHECK(out.counts("aliases") == "1=0+0+1+0");
        CHECK(values(out.with_mail("u@example.org"), "maildrop") == r.alias + "@example.org");
    }
}

TEST_CASE("other aliases of a login stay aliases") {
    const auto out = convert({.passwd = line("u", "Ada Bressan"), .aliases = "Ada.Bressan: u\nada.b: u\nA.Bressan: u\n"});
    CHECK(out.counts("aliases") == "3=0+2+1+0");
    CHECK(values(out.with_mail("ada.b@example.org"), "maildrop") == "Ada.Bressan@example.org");
}

TEST_CASE("the address is the login where Name.Surname is not free") {
    const std::string two = line("u", "Ada Bressan") + line("uu", "Ada Bressan");
    SUBCASE("another account has it") {
        const auto out = convert({.passwd = two});
        CHECK(out.codes() == "passwd:2=address-taken");
        CHECK(values(out.account("u"), "mail") == "Ada.Bressan@example.org");
        CHECK(values(out.account("uu"), "mail") == "uu@example.org");
    }
    SUBCASE("the alias map gives it to the second") {
        const auto out = convert({.passwd = two, .aliases = "Ada.Bressan: uu\n"});
        CHECK(out.codes() == "passwd:1=address-is-alias");
        CHECK(values(out.account("u"), "mail") == "u@example.org");
        CHECK(values(out.account("uu"), "mail") == "Ada.Bressan@example.org");
    }
    SUBCASE("the alias map gives it to somebody outside") {
        const auto out = convert({.passwd = line("u", "Ada Bressan"), .aliases = "Ada.Bressan: x@example.net\n"});
        CHECK(out.codes() == "passwd:1=address-is-alias");
        CHECK(values(out.with_mail("Ada.Bressan@example.org"), "maildrop") == "x@example.net");
        CHECK(values(out.account("u"), "mail") == "u@example.org");
    }
    SUBCASE("the alias map gives it to both") {
        const auto out = convert({.passwd = two, .aliases = "Ada.Bressan: u, uu\n"});
        CHECK(out.codes() == "passwd:1=address-is-alias passwd:2=address-is-alias");
        CHECK(values(out.with_mail("Ada.Bressan@example.org"), "maildrop") == "u@example.org|uu@example.org");
    }
    SUBCASE("it is the login of another") {
        const auto out = convert({.passwd = line("u", "Ada Bressan") + line("ada.bressan", "X Y")});
        CHECK(out.codes() == "passwd:1=address-taken");
        CHECK(values(out.account("ada.bressan"), "mail") == "X.Y@example.org");
        CHECK(values(out.with_mail("ada.bressan@example.org"), "maildrop") == "X.Y@example.org");
    }
    SUBCASE("it is too long") {
        const auto out = convert({.passwd = line("u", "A " + std::string(63, 'b'))});
        CHECK(out.codes() == "passwd:1=address-login");
        CHECK(convert({.passwd = line("u", "A " + std::string(62, 'b'))}).codes().empty());
    }
}

TEST_CASE("by the policy login nobody gets a Name.Surname that the map does not have") {
    auto o = nis_case::default_options();
    o.addresses = vmail::nis::address_policy::login;
    const auto out = convert({.passwd = line("u", "Ada Bressan"), .aliases = "Ada.Bressan: u\n"}, o);
    CHECK(out.codes().empty());
    CHECK(values(out.account("u"), "mail") == "u@example.org");
    CHECK(values(out.with_mail("ada.bressan@example.org"), "maildrop") == "u@example.org");
    CHECK(out.report.entries.login_aliases == 0);
}

TEST_CASE("an address whose mail would go to another is told of") {
    auto by_login = nis_case::default_options();
    by_login.addresses = vmail::nis::address_policy::login;
    const auto out = convert({.passwd = line("a", "Ada Bressan") + line("a+b", "Bob Verdi") + line("c+", "Carla Rossi")}, by_login);
    CHECK(out.codes() == "passwd:2=address-extension passwd:3=address-extension");
    CHECK(values(out.account("a+b"), "mail") == "a+b@example.org");

    SUBCASE("also where the name gives none") {
        CHECK(convert({.passwd = line("a+b", "Bob")}).codes() == "passwd:1=address-login passwd:1=address-extension");
    }
    SUBCASE("but not where the login is an alias only") {
        CHECK(convert({.passwd = line("a+b", "Bob Verdi")}).codes().empty());
    }
    SUBCASE("nor without mail") {
        by_login.only = vmail::nis::scope::unix_accounts;
        CHECK(convert({.passwd = line("a+b", "Bob Verdi")}, by_login).codes().empty());
    }
    SUBCASE("nor with another delimiter") {
        by_login.site.recipient_delimiter = "=";
        CHECK(convert({.passwd = line("a+b", "Bob Verdi")}, by_login).codes().empty());
    }
}

TEST_CASE("a forward stays with the account whatever its address") {
    const auto out = convert({.passwd = line("u", "Ada Bressan"), .aliases = "Ada.Bressan: u\nu: \\u, x@example.net\n"});
    CHECK(values(out.account("u"), "maildrop") == "Ada.Bressan@example.org|x@example.net");
    CHECK(values(out.account("u"), "forwardActive") == "TRUE");
}
