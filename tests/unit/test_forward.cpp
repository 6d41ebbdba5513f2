#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/forward.hpp>

using vmail::address;
using vmail::forward;
using vmail::maildrop;

namespace {

const address own = address::parse("bob@example.org");

forward to(const std::vector<std::string>& targets) {
    forward f{.active = true};
    for (const auto& text : targets) f.targets.push_back(maildrop::from_attribute(text));
    return f;
}

} // namespace

TEST_CASE("a kept copy is the own address among the targets, in any spelling") {
    CHECK(to({"x@example.net", "bob@example.org"}).keeps_copy(own));
    CHECK(to({"BOB@Example.ORG"}).keeps_copy(own));
    CHECK_FALSE(to({"x@example.net"}).keeps_copy(own));
    CHECK_FALSE(to({"bob@example.org.example.net", "bob"}).keeps_copy(own));
    CHECK_FALSE(forward{}.keeps_copy(own));
}

TEST_CASE("keeping a copy adds the own address once and leaves the other targets alone") {
    struct row {
        std::vector<std::string> before;
        bool keep;
        std::vector<std::string> after;
    };
    const row rows[] = {
        {{}, true, {"bob@example.org"}},
        {{"x@example.net"}, true, {"bob@example.org", "x@example.net"}},
        {{"x@example.net", "Bob@Example.org"}, true, {"x@example.net", "Bob@Example.org"}},
        {{"x@example.net", "Bob@Example.org"}, false, {"x@example.net"}},
        {{"x@example.net"}, false, {"x@example.net"}},
        {{"bob@example.org", "BOB@example.org"}, false, {}},
        {{"bob@example.org"}, false, {}},
    };
    for (const auto& r : rows) {
        forward f = to(r.before);
        f.set_keep_copy(own, r.keep);
        CHECK(f.targets == to(r.after).targets);
        CHECK(f.keeps_copy(own) == r.keep);
        CHECK(f.active);
    }
}

TEST_CASE("the other places are the targets without the own address, in their order") {
    CHECK(to({"z@example.net", "BOB@example.org", "a@example.net"}).elsewhere(own) == to({"z@example.net", "a@example.net"}).targets);
    CHECK(to({"bob@example.org"}).elsewhere(own).empty());
}
