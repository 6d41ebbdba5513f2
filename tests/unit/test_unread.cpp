#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/ldap/wire/unread.hpp>

using vmail::ldap::wire::is_unread;
using vmail::ldap::wire::value_to_read;

TEST_CASE("an attribute that is never read is told by its name, in any case and with options") {
    const std::vector<std::string> names = {"clearPassword"};
    for (const std::string name : {"clearPassword", "CLEARPASSWORD", "clearPassword;lang-de"}) CHECK(is_unread(names, name));
    for (const std::string name : {"", "clearPasswordX", "userPassword", "x;clearPassword"}) CHECK_FALSE(is_unread(names, name));
    CHECK_FALSE(is_unread({}, "clearPassword"));
}

TEST_CASE("a record of changes says that such an attribute changed, and not what it was") {
    const std::vector<std::string> names = {"clearPassword"};
    CHECK(value_to_read(names, "reqMod", "clearPassword:= secret") == "clearPassword:= ");
    CHECK(value_to_read(names, "reqMod", "clearpassword:+ a secret: x") == "clearpassword:+ ");
    CHECK(value_to_read(names, "reqMod", "clearPassword;x:- secret") == "clearPassword;x:- ");
    CHECK(value_to_read(names, "reqmod", "clearPassword:-") == "clearPassword:-");
    CHECK(value_to_read(names, "reqOld", "clearPassword: secret") == "clearPassword: ");
    CHECK(value_to_read(names, "reqOld", "description: clearPassword: x") == "description: clearPassword: x");
    CHECK(value_to_read(names, "description", "clearPassword: x") == "clearPassword: x");
    CHECK(value_to_read({}, "reqOld", "clearPassword: secret") == "clearPassword: secret");
}
