#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/exchange/check.hpp>
#include <vmail/exchange/document_reader.hpp>
#include <vmail/exchange/json_reader.hpp>
#include <vmail/jobs/record_order.hpp>

#include "refusal.hpp"

using namespace vmail::exchange;
using namespace std::string_literals;

namespace {

std::vector<record> read(const std::string& text, document_options options = {}) {
    std::vector<record> all;
    document_reader reader("x.json", options, [&](record&& r) { all.push_back(std::move(r)); });
    read_json(text, reader);
    return all;
}

std::string fault_in(const std::string& text, document_options options = {}) {
    return refusal([&] { read(text, options); });
}

const conversion in_utc{vmail::time_zone::named("UTC"), vmail::timestamp::parse_digits("20260102030405")};

record alias_to(const std::string& name, const std::vector<std::string>& targets) {
    return {noun::alias, name, {{&get_field(info_of(noun::alias), "targets"), targets, {}}}, {}};
}

} // namespace

TEST_CASE("a document has lists of records, by kind or with their kinds") {
    const auto all = read(R"({"version":1,"base":"dc=x","domains":[{"domain":"example.org","max_mailboxes":5}],
        "records":[{"kind":"alias","address":"a@example.org","targets":["b@x.example"]},{"address":"b@example.org","quota":null,"smtp_auth":false,"kind":"mailbox"}]})");
    REQUIRE(all.size() == 3);
    CHECK(all[0].what == noun::domain);
    CHECK(all[0].find("max_mailboxes")->value == value{std::int64_t{5}});
    CHECK(all[1].find("targets")->value == value{std::vector<std::string>{"b@x.example"}});
    CHECK(all[2].what == noun::mailbox);
    CHECK(all[2].find("quota")->value == value{});
    CHECK(all[2].at.line == 2);
}

TEST_CASE("what is no document is refused in one sentence, with the place") {
    const struct {
        std::string text, sentence;
    } rows[] = {{"", "x.json:1:1: it is no JSON"},
                {"{}", "x.json:1:1: it does not say \"version: 1\""},
                {"[]", "x.json:1:2: a map with \"version: 1\" is expected, not a list"},
                {"7", "x.json:1:2: a map with \"version: 1\" is expected"},
                {R"({"version":2})", "x.json:1:14: this is version \"2\" of the format, and 1 is what is known"},
                {R"({"version":1,"mailbox":[]})", "x.json:1:14: \"mailbox\" is nothing that a document has, did you mean mailboxes?"},
                {R"({"version":1,"domains":[],"domains":[]})", "x.json:1:27: \"domains\" stands there twice"},
                {R"({"version":1,"domains":[{"domain":"a.b","domain":"c.d"}]})", "x.json:1:41: \"domain\" stands there twice"},
                {R"({"version":1,"domains":[{"name":"a.b"}]})", "x.json:1:26: \"name\" is no field of a record of kind domain"},
                {R"({"version":1,"domains":[{"description":"a"}]})", "x.json:1:26: the record has no domain"},
                {R"({"version":1,"domains":[{"domain":"a.b","max_mailboxes":"5"}]})", "x.json:1:60: max_mailboxes: a whole number is expected, not \"5\""},
                {R"({"version":1,"domains":[{"domain":"a.b","max_mailboxes":1.5}]})", "x.json:1:61: \"1.5\" is not a whole number"},
                {R"({"version":1,"domains":[{"domain":{"a":1}}]})", "x.json:1:36: domain: no field is a map"},
                {R"({"version":1,"domains":{"a":1}})", "x.json:1:25: domains: a list of records is expected, not a map"},
                {R"({"version":1,"domains":[["a"]]})", "x.json:1:26: a record is expected, not a list"},
                {R"({"version":1,"domains":["a.b"]})", "x.json:1:30: a record is expected"},
                {R"({"version":1,"domains":[{"kind":"alias","domain":"a.b"}]})", "x.json:1:40: a record of kind alias in a list of another"},
                {R"({"version":1,"records":[{"domain":"a.b"}]})", "x.json:1:26: the record does not say what kind it is of"},
                {R"({"version":1,"aliases":[{"address":"a@b.c","targets":[["x"]]}]})", "x.json:1:56: there is no place for a list here"},
                {R"({"version":1,"aliases":[{"address":"a@b.c","targets":[1]}]})", "x.json:1:57: targets: a list of texts is expected"},
                {"{\"version\":1,\n\"domains\":[", "x.json:2:12: it is no JSON"},
                {"{\"version\":1}x", "x.json:1:15: it is no JSON"},
                {"[[[[[[[[[[[[", "x.json:1:2: a map with \"version: 1\" is expected, not a list"}};
    for (const auto& r : rows) {
        CAPTURE(r.text);
        const auto sentence = fault_in(r.text);
        CHECK_MESSAGE(sentence.starts_with(r.sentence), sentence);
        CHECK(is_sentence(sentence));
    }
}

TEST_CASE("a line of JSONL is a record") {
    const auto all = read(R"({"kind":"mailbox","address":"b@example.org"})", {.is_one_record = true});
    REQUIRE(all.size() == 1);
    CHECK(read(R"({"address":"b@example.org"})", {.is_one_record = true, .what = noun::alias}).at(0).what == noun::alias);
    CHECK(fault_in("[]", {.is_one_record = true}).starts_with("x.json:1:2: a map"));
}

TEST_CASE("two records for one thing, names and values that are none") {
    const std::vector<record> records = {{noun::mailbox, "bob@example.org", {}, {2, 1}},
                                         {noun::alias, "Bob@example.org", {}, {5, 1}},
                                         {noun::admin, "bob@example.org", {}, {6, 1}},
                                         {noun::domain, "example.org", {}, {7, 1}},
                                         {noun::backup_domain, "EXAMPLE.org", {}, {8, 1}},
                                         {noun::mailbox, "no address", {}, {9, 1}},
                                         {noun::mailbox, "ann@example.org", {{&get_field(info_of(noun::mailbox), "quota"), "big"s, {10, 7}}}, {10, 1}}};
    const auto faults = check(records, in_utc);
    REQUIRE(faults.size() == 4);
    CHECK(faults[0].sentence == "Bob@example.org is on line 2 already");
    CHECK(faults[0].at.line == 5);
    CHECK(faults[1].sentence == "EXAMPLE.org is on line 7 already");
    CHECK(faults[2].at.line == 9);
    CHECK(faults[3].sentence.starts_with("quota: \"big\" is not a quota"));
    CHECK(faults[3].at.column == 7);
}

TEST_CASE("records come after what they depend on, whatever their order") {
    const std::vector<record> records = {{noun::admin, "matrix", {}, {}}, alias_to("a@x.example", {"b@x.example", "away@far.example"}), alias_to("b@x.example", {"C@x.example"}),
                                         {noun::mailbox, "c@x.example", {}, {}}, {noun::domain, "x.example", {}, {}}};
    CHECK(vmail::jobs::waves_of(records) == std::vector<std::size_t>{4, 3, 2, 1, 0});
    CHECK(vmail::jobs::waves_of({}).empty());
}

TEST_CASE("a circle and a long chain have an order, too") {
    CHECK(vmail::jobs::waves_of({alias_to("a@x.example", {"b@x.example"}), alias_to("b@x.example", {"a@x.example"})}).size() == 2);
    CHECK(vmail::jobs::waves_of({alias_to("a@x.example", {"a@x.example"})}) == std::vector<std::size_t>{1});
    std::vector<record> chain;
    for (int i = 0; i < 100'000; ++i) chain.push_back(alias_to(std::to_string(i) + "@x.example", {std::to_string(i + 1) + "@x.example"}));
    const auto waves = vmail::jobs::waves_of(chain);
    CHECK(waves.front() == 100'000);
    CHECK(waves.back() == 1);
}

TEST_CASE("whatever the bytes are, they are a document or refused in a sentence") {
    std::mt19937 random(20261129);
    const std::string seed = R"({"version":1,"base":"dc=x","domains":[{"domain":"example.org","max_mailboxes":5}],"records":[{"kind":"alias","address":"a@b.c","targets":["\u00e9\ud83d\ude00"],"active":null}]})";
    for (int round = 0; round < 20'000; ++round) {
        std::string text = seed;
        for (std::size_t n = 1 + random() % 5; n > 0; --n) {
            const std::size_t at = random() % text.size();
            if (random() % 3 == 0) text.erase(at, random() % 4);
            else text.insert(at, 1, random() % 2 == 0 ? static_cast<char>(random() % 256) : seed[random() % seed.size()]);
        }
        const auto sentence = fault_in(text);
        if (sentence != "(accepted)") CHECK_MESSAGE(is_sentence(sentence), sentence);
    }
}
