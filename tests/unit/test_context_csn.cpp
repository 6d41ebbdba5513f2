#include <doctest/doctest.h>

#include <vmail/ldap/context_csn.hpp>

using vmail::ldap::context_csn;

namespace {

std::string csn(const std::string& second, const std::string& server, const std::string& microsecond = "000000") {
    return "202611281345" + second + '.' + microsecond + "Z#000000#" + server + "#000000";
}

} // namespace

TEST_CASE("a server has a change when it has one of the same server that is no older") {
    const context_csn has({csn("10", "001"), csn("50", "002")});
    CHECK(has.holds(csn("10", "001")));
    CHECK(has.holds(csn("09", "001", "999999")));
    CHECK_FALSE(has.holds(csn("10", "001", "000001")));
    CHECK_FALSE(has.holds(csn("20", "001"))); // older than what it has of the other server, which says nothing
    CHECK_FALSE(has.holds(csn("01", "003")));
}

TEST_CASE("a server that is not replicated has nothing, and what is no CSN is held by nobody") {
    CHECK_FALSE(context_csn().holds(csn("10", "000")));
    CHECK_FALSE(context_csn().holds(""));
    CHECK_FALSE(context_csn({csn("10", "000")}).holds("20261128134510Z"));
}

TEST_CASE("of two servers either is ahead, or both, or none") {
    const context_csn first({csn("10", "001"), csn("50", "002")}), ahead({csn("11", "001"), csn("50", "002")}), other({csn("09", "001"), csn("51", "002")});
    CHECK(ahead.covers(first));
    CHECK_FALSE(first.covers(ahead));
    CHECK(first.covers(first));
    CHECK_FALSE(first.covers(other));
    CHECK_FALSE(other.covers(first));
    CHECK(first.covers(context_csn()));
    CHECK_FALSE(context_csn().covers(first));
}

TEST_CASE("what two servers have together is the newest of each") {
    context_csn both({csn("10", "001")});
    both.join(context_csn({csn("09", "001"), csn("51", "002")}));
    CHECK(both.covers(context_csn({csn("10", "001"), csn("51", "002")})));
    CHECK_FALSE(both.holds(csn("11", "001")));
}
