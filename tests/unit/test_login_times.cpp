#include <vmail/error.hpp>
#include <vmail/login_times.hpp>

using namespace vmail;

namespace {
std::optional<std::int64_t> seconds_of(const std::string& text, const std::string& who) {
    const auto found = login_times(text, "last-login").of(address::parse(who));
    return found ? std::optional(found->epoch()) : std::nullopt;
}
} // namespace

TEST_CASE("the file of last logins has a line for the name and one for the time") {
    const std::string text = "shared/last-login/b@x.org\n1795922911\nshared/last-login/Ann@X.org\n1795922912\n";
    CHECK(seconds_of(text, "b@x.org") == 1795922911);
    CHECK(seconds_of(text, "ann@x.org") == 1795922912);
    CHECK_FALSE(seconds_of(text, "x@x.org"));
    CHECK_FALSE(seconds_of("", "b@x.org"));
    CHECK(seconds_of("shared/last-login/b@x.org\n1795922911", "b@x.org") == 1795922911);
}

TEST_CASE("a login may be noted to a part of a second, and for each service") {
    for (const std::string time : {"1795922911", "1795922911999", "1795922911999999", "1795922911999999999"}) CHECK(seconds_of("shared/last-login/b@x.org\n" + time + "\n", "b@x.org") == 1795922911);
    const std::string services = "shared/last-login/pop3/b@x.org\n20\nshared/last-login/imap/b@x.org\n30\nshared/last-login/lmtp/b@x.org\n40\nshared/last-login/lda/c@x.org\n50\n";
    CHECK(seconds_of(services, "b@x.org") == 30);
    CHECK_FALSE(seconds_of(services, "c@x.org"));
}

TEST_CASE("what is no such file is refused by its line") {
    for (const std::string text : {"b@x.org\n1\n", "shared/last-login/b@x.org\n", "shared/last-login/b@x.org\nyesterday\n", "shared/last-login/b@x.org\n\n", "shared/last-login/b@x.org\n-1\n"})
        CHECK_THROWS_AS(login_times(text, "f"), invalid_value);
    try {
        login_times("shared/l/a@x\n1\nshared/l/b@x\nx\n", "f");
        FAIL("taken");
    } catch (const invalid_value& e) {
        CHECK(std::string(e.what()) == "f:4: \"x\" is no time of a login");
    }
    CHECK_THROWS_AS(login_times::read("/nowhere/last-login"), error);
    CHECK_THROWS_AS(login_times::read("/"), error);
}
