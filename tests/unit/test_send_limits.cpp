#include <chrono>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/send_limits.hpp>

#include "refusal.hpp"

using vmail::send_limits;
using texts = std::vector<std::string>;

TEST_CASE("limits as people write them, and as they are told") {
    const struct {
        std::string given, told;
    } rows[] = {
        {"none", "none"},
        {"200/1h", "200/1h"},
        {"1/1s", "1/1s"},
        {"1000000000/31d", "1000000000/31d"},
        {"200/60m", "200/1h"},
        {"200/3600s", "200/1h"},
        {"200/90m", "200/90m"},
        {"200/25h", "200/25h"},
        {"200/48h", "200/2d"},
        {"0200/01h", "200/1h"},
        {"1000/1d,200/1h", "200/1h,1000/1d"},
        {"5000/7d,1000/1d,200/1h,9/1m", "9/1m,200/1h,1000/1d,5000/7d"},
    };
    for (const auto& r : rows) {
        CAPTURE(r.given);
        CHECK(send_limits::parse(r.given).text() == r.told);
        CHECK(send_limits::parse(r.told) == send_limits::parse(r.given));
    }
    const auto two = send_limits::parse("1000/1d,200/1h");
    REQUIRE(two.all().size() == 2);
    CHECK(two.all().front().recipients == 200);
    CHECK(two.all().front().period == std::chrono::hours(1));
    CHECK_FALSE(two.unlimited());
    CHECK(send_limits().unlimited());
    CHECK(send_limits() == send_limits::parse("none"));
}

TEST_CASE("what is no limit is refused, and what is wrong with it is said") {
    const struct {
        std::string given, sentence;
    } rows[] = {
        {"", "it is a number of recipients and a period, such as 200/1h, or none"},
        {"200", "it is a number of recipients and a period, such as 200/1h, or none"},
        {"unlimited", "it is a number of recipients and a period, such as 200/1h, or none"},
        {"None", "it is a number of recipients and a period, such as 200/1h, or none"},
        {"200/1h,", "it is a number of recipients and a period, such as 200/1h, or none"},
        {",200/1h", "it is a number of recipients and a period, such as 200/1h, or none"},
        {"none,200/1h", "it is a number of recipients and a period, such as 200/1h, or none"},
        {"0/1h", "nobody can be written to at all"},
        {"00/1h", "its recipients are a number from 1 to 1000000000"},
        {"/1h", "its recipients are a number from 1 to 1000000000"},
        {"-1/1h", "its recipients are a number from 1 to 1000000000"},
        {"+1/1h", "its recipients are a number from 1 to 1000000000"},
        {"1.5/1h", "its recipients are a number from 1 to 1000000000"},
        {" 200/1h", "its recipients are a number from 1 to 1000000000"},
        {"1000000001/1h", "its recipients are a number from 1 to 1000000000"},
        {"99999999999999999999/1h", "its recipients are a number from 1 to 1000000000"},
        {"200/", "its period is a number of s, m, h or d, 31d at most"},
        {"200/h", "its period is a number of s, m, h or d, 31d at most"},
        {"200/1", "its period is a number of s, m, h or d, 31d at most"},
        {"200/0h", "its period is a number of s, m, h or d, 31d at most"},
        {"200/1H", "its period is a number of s, m, h or d, 31d at most"},
        {"200/1w", "its period is a number of s, m, h or d, 31d at most"},
        {"200/1h ", "its period is a number of s, m, h or d, 31d at most"},
        {"200/1/h", "its period is a number of s, m, h or d, 31d at most"},
        {"200/32d", "its period is a number of s, m, h or d, 31d at most"},
        {"200/2678401s", "its period is a number of s, m, h or d, 31d at most"},
        {"200/99999999999999999999d", "its period is a number of s, m, h or d, 31d at most"},
        {"1/1s,1/2s,1/3s,1/4s,1/5s,1/6s,1/7s,1/8s,1/9s", "there are 8 before it, and 8 are the most"},
        {"200/1h,300/60m", "200/1h is for the same period"},
        {"200/1h,200/1h", "200/1h is for the same period"},
        {std::string("200/1h\0", 7), "its period is a number of s, m, h or d, 31d at most"},
    };
    for (const auto& r : rows) {
        CAPTURE(r.given);
        CHECK(refusal([&] { send_limits::parse(r.given); }).find(r.sentence) != std::string::npos);
    }
}

TEST_CASE("the directory has a value for each limit, in any order, or the one value none") {
    CHECK(send_limits::from_attribute({"1000/1d", "200/1h"}) == send_limits::parse("200/1h,1000/1d"));
    CHECK(send_limits::from_attribute({"none"}).unlimited());
    CHECK(send_limits::parse("1000/1d,200/1h").to_attribute() == texts{"200/1h", "1000/1d"});
    CHECK(send_limits().to_attribute() == texts{"none"});
    for (const texts& wrong : {texts{}, texts{""}, texts{"none", "200/1h"}, texts{"200/1h", "300/1h"}, texts{"200/1h,1000/1d"}}) CHECK(refusal([&] { send_limits::from_attribute(wrong); }) != "(accepted)");
}
