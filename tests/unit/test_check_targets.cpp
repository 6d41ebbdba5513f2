#include <string_view>

#include <doctest/doctest.h>

#include <vmail/check/target_shape.hpp>

using vmail::check::fault_of_target;

TEST_CASE("what Postfix sends mail to is a target") {
    for (const std::string_view text : {"bob@example.org", "Bob.B+x@Example.ORG", "root", "bob@localhost", "bob@mailhost", "bob@example.org.autoreply", "@example.org", "@mailhost",
                                        "\"a, b\"@example.org", "\"a<b\"@example.org", "bob@[192.0.2.1]", "bob@my_host.example.org", "o'neil/x|y@example.org"}) {
        CAPTURE(text);
        CHECK(fault_of_target(text).empty());
    }
}

TEST_CASE("what is no address for Postfix, or goes elsewhere than it seems to, is no target") {
    for (const std::string_view text :
         {"x@-bad.org", "gone@r..org", "bob@", "@", "|/bin/cat", "|\"/bin/cat x@example.org\"", "/tmp/x", "/tmp/x@example.org", ":include:/x", ".m@r.org", "m.@r.org", "a@cm.org, b@cm.org",
          "a@cm.org,b@cm.org", "B Jones <b@cm.org>", "<b@cm.org>", "b@cm.org.", "two words", "\\bob", "bob@@example.org", "\"\"@example.org", "a..b", "@-bad.org", "bob@ example.org"}) {
        CAPTURE(text);
        CHECK_FALSE(fault_of_target(text).empty());
    }
}
