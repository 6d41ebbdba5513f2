#include <cstdint>
#include <optional>
#include <string>

#include <doctest/doctest.h>

#include <vmail/quota.hpp>

#include "refusal.hpp"

using vmail::quota;
using vmail::quota_dialect;

namespace {

constexpr std::uint64_t largest = 9223372036854775807U;
using maybe = std::optional<std::uint64_t>;

} // namespace

TEST_CASE("a quota as people write it") {
    struct row {
        std::string text;
        std::uint64_t bytes;
    };
    const row rows[] = {
        {"1", 1},
        {"1024", 1024},
        {"1B", 1},
        {"1b", 1},
        {"1K", 1024},
        {"1k", 1024},
        {"1KiB", 1024},
        {"1kib", 1024},
        {"1KB", 1000},
        {"1kB", 1000},
        {"1kb", 1000},
        {"50M", 52428800},
        {"50MiB", 52428800},
        {"50MB", 50000000},
        {"2G", 2147483648},
        {"2GiB", 2147483648},
        {"2gb", 2000000000},
        {"3T", 3298534883328},
        {"3TiB", 3298534883328},
        {"3TB", 3000000000000},
        {"1.5G", 1610612736},
        {"0.5k", 512},
        {"1.000001K", 1024},
        {"0.000977K", 1},
        {"1.50KB", 1500},
        {"007K", 7168},
        {"9223372036854775807", largest},
        {"8388607.999999T", 9223372036853676296},
    };
    for (const auto& r : rows) {
        CAPTURE(r.text);
        CHECK(quota::parse(r.text).bytes() == r.bytes);
        CHECK_FALSE(quota::parse(r.text).messages());
    }
}

TEST_CASE("a quota as people must not write it") {
    for (const std::string& text : {std::string(), std::string(" "), std::string("1 G"), std::string(" 1G"), std::string("1G "), std::string("G"), std::string(".5G"), std::string("1.G"),
                                    std::string("1..5G"), std::string("1.5.5G"), std::string("1,5G"), std::string("+1"), std::string("-5"), std::string("1e9"), std::string("0x10"),
                                    std::string("1Ki"), std::string("1P"), std::string("1GiBB"), std::string("1.5"), std::string("1.5B"), std::string("1.1234567G"), std::string("None"),
                                    std::string("9223372036854775808"), std::string("18446744073709551616"), std::string("8388608T"), std::string("16777217T"), std::string("9223372.5TB"), std::string("99999999999999999999T"),
                                    std::string("1S,"), std::string(",1S"), std::string("1S,1S"), std::string("1S,1C,1S"), std::string("S"), std::string("1s"), std::string("1\0G", 3),
                                    std::string("1Ｇ"), std::string("-1S")}) {
        CAPTURE(text);
        CHECK(is_sentence(refusal([&] { quota::parse(text); })));
    }
}

TEST_CASE("every word for unlimited but none is refused, and the sentence names none") {
    CHECK(quota::parse("none").unlimited());
    for (const std::string text : {"0", "-1", "unlimited", "UNLIMITED", "0G", "0.0M", "0.0001K", "0S", "0S,0C", "0C", "NOQUOTA"}) {
        CAPTURE(text);
        CHECK(refusal([&] { quota::parse(text); }) == "\"" + text + "\" is not a quota: the word for unlimited is \"none\"");
    }
    CHECK(refusal([] { quota::of_bytes(0); }).find("\"none\"") != std::string::npos);
    CHECK(is_sentence(refusal([] { quota::of_bytes(largest + 1); })));
    CHECK(quota::of_bytes(largest).bytes() == largest);
}

TEST_CASE("a quota as the directory holds it") {
    struct row {
        std::string text;
        maybe bytes, messages;
        std::string stored;
    };
    const row rows[] = {
        {"52428800S", 52428800, {}, "52428800S"},
        {"20000S,3C", 20000, 3, "20000S,3C"},
        {"3C,20000S", 20000, 3, "20000S,3C"},
        {"3C", {}, 3, "3C"},
        {"0S,3C", {}, 3, "3C"},
        {"20000S,0C", 20000, {}, "20000S"},
        {"52428800", 52428800, {}, "52428800S"},
        {"0052428800S", 52428800, {}, "52428800S"},
        {"0S", {}, {}, "0S"},
        {"0", {}, {}, "0S"},
        {"0S,0C", {}, {}, "0S"},
        {"NOQUOTA", {}, {}, "0S"},
        {"9223372036854775807S", largest, {}, "9223372036854775807S"},
    };
    for (const auto& r : rows) {
        CAPTURE(r.text);
        const quota q = quota::from_attribute(r.text);
        CHECK(q.bytes() == r.bytes);
        CHECK(q.messages() == r.messages);
        CHECK(q.to_attribute(quota_dialect::maildir) == r.stored);
        CHECK(quota::from_attribute(q.to_attribute(quota_dialect::maildir)) == q);
    }
}

TEST_CASE("a quota as the directory must not hold it") {
    for (const std::string text : {"", " 1S", "1S ", "50M", "1s", "-1", "-1S", "1S,,1C", "1S,1S", "1C,1C", "1,1C", "1S1C", "S", "C", ",", "none", "noquota",
                                   "9223372036854775808S", "99999999999999999999", "1.5"}) {
        CAPTURE(text);
        CHECK(is_sentence(refusal([&] { quota::from_attribute(text); })));
    }
}

TEST_CASE("the plain dialect has bytes and nothing else") {
    CHECK(quota::none().to_attribute(quota_dialect::plain) == "0");
    CHECK(quota::parse("50M").to_attribute(quota_dialect::plain) == "52428800");
    CHECK(is_sentence(refusal([] { (void)quota::parse("20000S,3C").to_attribute(quota_dialect::plain); })));
    CHECK(is_sentence(refusal([] { (void)quota::parse("3C").to_attribute(quota_dialect::plain); })));
}

TEST_CASE("what is shown to people reads back as the same quota") {
    const std::pair<quota, std::string> rows[] = {
        {quota::none(), "none"},
        {quota::of_bytes(1), "1"},
        {quota::of_bytes(1000), "1000"},
        {quota::of_bytes(1024), "1K"},
        {quota::of_bytes(52428800), "50M"},
        {quota::of_bytes(52428801), "52428801"},
        {quota::of_bytes(1610612736), "1536M"},
        {quota::of_bytes(2147483648), "2G"},
        {quota::of_bytes(1ULL << 50U), "1024T"},
        {quota::of_bytes(largest), "9223372036854775807"},
        {quota::from_attribute("20000S,3C"), "20000S,3C"},
        {quota::from_attribute("3C"), "3C"},
    };
    for (const auto& [q, text] : rows) {
        CHECK(q.text() == text);
        CHECK(quota::parse(text) == q);
    }
}

TEST_CASE("a sum of quotas that no number holds is more than any limit") {
    constexpr std::uint64_t most = UINT64_MAX;
    CHECK(vmail::add_saturating(1, 2) == 3);
    CHECK(vmail::add_saturating(most, 0) == most);
    CHECK(vmail::add_saturating(most - 1, 1) == most);
    CHECK(vmail::add_saturating(most, 1) == most);
    CHECK(vmail::add_saturating(vmail::add_saturating(largest, largest), largest) == most);
}

TEST_CASE("a total in MiB becomes bytes, and never fewer than it says") {
    CHECK(vmail::mib_to_bytes(0) == 0);
    CHECK(vmail::mib_to_bytes(500) == 524288000);
    CHECK(vmail::mib_to_bytes((std::uint64_t{1} << 44U) - 1) == UINT64_MAX - 1048575);
    CHECK(vmail::mib_to_bytes(std::uint64_t{1} << 44U) == UINT64_MAX);
    CHECK(vmail::mib_to_bytes(UINT64_MAX) == UINT64_MAX);
}

TEST_CASE("bytes become whole MiB, rounded up") {
    CHECK(vmail::bytes_to_mib(0) == 0);
    CHECK(vmail::bytes_to_mib(1) == 1);
    CHECK(vmail::bytes_to_mib(1048576) == 1);
    CHECK(vmail::bytes_to_mib(1048577) == 2);
    CHECK(vmail::bytes_to_mib(UINT64_MAX) == std::uint64_t{1} << 44U);
}

TEST_CASE("a size for people is rounded to one decimal") {
    struct row {
        std::uint64_t bytes;
        std::string text;
    };
    for (const row& r : std::vector<row>{{0, "0 B"}, {1, "1 B"}, {1023, "1023 B"}, {1024, "1.0 KiB"}, {1536, "1.5 KiB"}, {1048575, "1.0 MiB"}, {1047552, "1023.0 KiB"}, {1ULL << 40U, "1.0 TiB"}, {UINT64_MAX, "16.0 EiB"}}) CHECK(vmail::approximate_size(r.bytes) == r.text);
}
