#include <string>

#include <doctest/doctest.h>

#include <vmail/list_shape.hpp>

#include "refusal.hpp"

using namespace vmail;

TEST_CASE("a list has the public address and nine service addresses, each leading to its own local part at the list server") {
    const auto list = address::parse("Staff@example.org");
    CHECK(list_shape::service_suffixes.size() == 9);
    CHECK(list_shape::address_of(list, "").text() == "Staff@example.org");
    CHECK(list_shape::address_of(list, "-request").text() == "Staff-request@example.org");
    CHECK(list_shape::target("Staff", "", "lists.example.org") == "staff@lists.example.org");
    CHECK(list_shape::target("Staff", "-request", "lists.example.org") == "staff-request@lists.example.org");
}

TEST_CASE("what Mailman takes for a name") {
    for (const std::string name : {"staff", "a", "9to5", "c++", "dept.physics", "old_staff", "a-b-c", "request", "Staff"}) {
        CAPTURE(name);
        CHECK(list_shape::is_name(name));
    }
    for (const std::string name : {"", "-staff", ".staff", "_x", "o'brien", "a b", "a=b", "a/b", "a&b", "caf\xc3\xa9"}) {
        CAPTURE(name);
        CHECK_FALSE(list_shape::is_name(name));
    }
    CHECK(list_shape::is_name(std::string(52, 'a')));
    CHECK_FALSE(list_shape::is_name(std::string(53, 'a')));
}

TEST_CASE("the suffix of a service address, in whatever case, and of nothing else") {
    CHECK(list_shape::suffix_of("staff-request") == "-request");
    CHECK(list_shape::suffix_of("Staff-UNSUBSCRIBE") == "-unsubscribe");
    CHECK(list_shape::suffix_of("staff-leave-join") == "-join");
    for (const std::string name : {"staff", "-request", "request", "staff-requests", "staffrequest", ""}) {
        CAPTURE(name);
        CHECK_FALSE(list_shape::suffix_of(name));
    }
}

TEST_CASE("an address that cannot be a list is refused, and says why") {
    struct row {
        std::string text, why;
    };
    const std::vector<row> rows = {
        {"staff-request@example.org", "the address -request of the list staff"},
        {"staff-Owner@example.org", "the address -owner of the list staff"},
        {"\"a b\"@example.org", "letters, digits"},
        {"o'brien@example.org", "letters, digits"},
        {std::string(53, 'a') + "@example.org", "longer than 52 bytes"},
    };
    for (const row& r : rows) {
        CAPTURE(r.text);
        const auto said = refusal([&] { list_shape::check_address(address::parse(r.text)); });
        CHECK(said.find(r.why) != std::string::npos);
    }
    CHECK_NOTHROW(list_shape::check_address(address::parse(std::string(52, 'a') + "@example.org")));
}
