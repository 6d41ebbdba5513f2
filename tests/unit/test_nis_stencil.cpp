#include <doctest/doctest.h>

#include <sstream>
#include <string>
#include <vector>

#include <vmail/ldap/ldif_writer.hpp>

#include <nis/entries.hpp>
#include <nis/entry_printer.hpp>

#include "nis_case.hpp"

namespace {

using namespace vmail::nis;

std::string in_full(const vmail::ldap::entry& e) {
    std::ostringstream out;
    vmail::ldap::ldif_writer(out).write(e);
    return out.str();
}

template <typename Print> std::string printed(const options& o, Print print) {
    entry_printer printer(o);
    print(printer);
    return std::string(printer.text());
}

} // namespace

TEST_CASE("an account looks the same through the stencil and through its entity") {
    const std::vector<std::string> names = {"",  "Ada Bressan", "Nicol\xC3\xB2 Loi", " :x", "a,b", "&", std::string(90, 'n') + " " + std::string(80, 's'),
                                            "<x", "x <y", "QzLogin QzSurname"};
    const std::vector<std::string> logins = {"ada", "Ada", "a.b-c_d", "a+b", "postmaster", std::string(60, 'l')};
    const std::vector<std::string> passwords = {"", "x", "*", "$1$abcdefgh$0123456789012345678901", "{SSHA}abc", "h\xE0sh ", std::string(100, 'h')};
    shadow_record shadow;
    shadow.ages = {0, -1, 99999, no_age, 14, no_age, no_age};
    for (const scope only : {scope::all, scope::mail, scope::unix_accounts}) {
        auto o = nis_case::default_options();
        o.only = only;
        o.quota = vmail::quota::parse("50M");
        const entry_maker make(o);
        for (const std::string& login : logins)
            for (const std::string& name : names)
                for (const std::string& password : passwords)
                    for (const shadow_record* s : {static_cast<const shadow_record*>(nullptr), static_cast<const shadow_record*>(&shadow)}) {
                        CAPTURE(login);
                        CAPTURE(name);
                        account a;
                        a.login = login;
                        a.local_part = name.size() > 5 ? std::string_view("Some.Body") : std::string_view(login);
                        a.gecos = name;
                        a.home = "/home/u";
                        a.shell = name.empty() ? "" : "/bin/sh";
                        a.password = crypt_field::parse(password);
                        CHECK(printed(o, [&](entry_printer& p) { p.account(a, s, {}); }) == in_full(make.account(a, s, {})));
                    }
    }
}

TEST_CASE("an alias looks the same through the stencil and through its entity") {
    const auto o = nis_case::default_options();
    const entry_maker make(o);
    const std::string longest = std::string(64, 'l') + "@example.net";
    const std::vector<std::vector<std::string_view>> lists = {{"a@example.net"}, {"a@example.net", "\"b c\"@example.net", "x@example.org"}, {longest}};
    for (const std::string name : {"l", "L.m-n_o", "a b", "a+b", "l..m", ".l", "postmaster", "Postmaster", "abuse"})
        for (const auto& targets : lists) {
            CAPTURE(name);
            CHECK(printed(o, [&](entry_printer& p) { p.alias(name, targets); }) == in_full(make.alias(name, targets)));
        }
}
