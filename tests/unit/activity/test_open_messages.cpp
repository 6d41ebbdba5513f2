#include <vmail/activity/open_messages.hpp>

using namespace vmail::activity;

TEST_CASE("messages are known by host and queue ID until they are closed") {
    open_messages all;
    all.open("a", "1").account = "ann";
    all.open("b", "1").account = "bob";
    REQUIRE(all.find("a", "1") != nullptr);
    CHECK(all.find("a", "1")->account == "ann");
    CHECK(all.find("b", "1")->account == "bob");
    CHECK(all.find("a", "2") == nullptr);
    all.close("a", "1");
    all.close("a", "1");
    CHECK(all.find("a", "1") == nullptr);
    CHECK(all.size() == 1);
    CHECK(all.find_or_open("b", "1").account == "bob");
    CHECK(all.open("b", "1").account.empty()); // the ID came again
    CHECK(all.size() == 1);
}

TEST_CASE("the first one is forgotten for one too many") {
    open_messages all(3);
    for (const std::string id : {"1", "2", "3"}) all.open("a", id);
    all.open("a", "1"); // as new as any
    all.open("a", "4");
    CHECK(all.size() == 3);
    CHECK(all.find("a", "2") == nullptr);
    CHECK(all.find("a", "1") != nullptr);
    std::string order;
    all.each([&](std::string_view, std::string_view id, const open_message&) { order += id; });
    CHECK(order == "314");
}
