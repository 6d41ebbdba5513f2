#include <vmail/activity/network.hpp>

using namespace vmail::activity;

namespace {

std::string shown(std::string_view address, network_form form) {
    const auto n = network::parse(address, form);
    return n ? n->text() : "none";
}

} // namespace

TEST_CASE("of an address as much is kept as one site has, or all of it") {
    struct row {
        std::string_view address, shortened, full;
    };
    for (const row& r : std::vector<row>{
             {"192.0.2.7", "192.0.2.0/24", "192.0.2.7"},
             {"::ffff:192.0.2.7", "192.0.2.0/24", "192.0.2.7"},
             {"2001:db8:1:2::7", "2001:db8:1::/48", "2001:db8:1:2::7"},
             {"2001:DB8:0001:0002:0000:0000:0000:0007", "2001:db8:1::/48", "2001:db8:1:2::7"},
             {"::1", "::/48", "::1"},
             {"fe80::1%eth0", "fe80::/48", "fe80::1"},
             {"0.0.0.0", "0.0.0.0/24", "0.0.0.0"},
             {"255.255.255.255", "255.255.255.0/24", "255.255.255.255"},
         }) {
        CAPTURE(r.address);
        CHECK(shown(r.address, network_form::shortened) == r.shortened);
        CHECK(shown(r.address, network_form::full) == r.full);
    }
}

TEST_CASE("what is no address is none") {
    using namespace std::string_view_literals;
    for (const auto text : {""sv, "unknown"sv, "192.0.2"sv, "192.0.2.256"sv, "192.0.2.7 "sv, "192.0.2.7\0"sv, "192.0.2.7/24"sv, "[::1]"sv, ":::"sv, "1:2:3:4:5:6:7:8:9"sv, "::ffff:192.0.2.7::ffff:192.0.2.7::ffff:192.0.2.7"sv}) {
        CAPTURE(text);
        CHECK(shown(text, network_form::full) == "none");
    }
}

TEST_CASE("two addresses of a network are one") {
    const auto a = network::parse("192.0.2.7", network_form::shortened), b = network::parse("::ffff:192.0.2.200", network_form::shortened), c = network::parse("192.0.3.7", network_form::shortened);
    CHECK(a == b);
    CHECK(a != c);
}
