#include <doctest/doctest.h>

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <mbox/folder_name.hpp>
#include <mbox/keyword_table.hpp>
#include <mbox/ledger.hpp>
#include <mbox/subscriptions.hpp>
#include <mbox/uid_list.hpp>

#include "refusal.hpp"

using namespace vmail::mbox;

TEST_CASE("names of files become names of folders") {
    struct row {
        std::string_view file;
        std::string_view part;
    };
    const row rows[] = {
        {"sent", "sent"},
        {"v1.2", "v1_2"},
        {".", "_"},
        {"a b", "a b"},
        {"Entw\xC3\xBCrfe", "Entw&APw-rfe"}, // UTF-8
        {"Entw\xFCrfe", "Entw&APw-rfe"},     // ISO 8859-1
        {"Entw&APw-rfe", "Entw&APw-rfe"},    // UW-IMAP and Dovecot name files so
        {"R&D", "R&-D"},                     // no modified UTF-7
        {"R&-D", "R&-D"},
        {"\xE2\x82\xAC", "&IKw-"},
        {"\xF0\x9F\x98\x80", "&2D3eAA-"}, // two UTF-16 units
        {"\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E", "&ZeVnLIqe-"},
        {"a\nb\x7F", "a_b_"},
        {"&", "&-"},
    };
    for (const row& r : rows) {
        CAPTURE(r.file);
        CHECK(part_of(r.file) == r.part);
    }
    CHECK(folder_name::of_text("a/b.c/d").directory() == ".a.b_c.d");
    CHECK(folder_name::of_text("a//b/").directory() == ".a.b");
    CHECK(folder_name::of_text("inbox").is_inbox());
    CHECK(folder_name::of_text("inbox/a").directory() == ".inbox.a");
    CHECK(folder_name().imap() == "INBOX");
    CHECK(folder_name().directory().empty());
}

TEST_CASE("keywords get the letters that are free, and keep those that they have") {
    keyword_table table = keyword_table::parse("0 $Forwarded\n3 work\nnonsense\n99 far\n");
    CHECK(table.letter_of("WORK") == 'd');
    CHECK(table.letter_of("$forwarded") == 'a');
    CHECK_FALSE(table.changed());
    CHECK(table.letter_of("new") == 'b');
    CHECK(table.changed());
    CHECK(table.text() == "0 $Forwarded\n1 new\n3 work\n");
    for (const std::string_view word : {"", "a b", "a(b", "\\Seen", "x]", "na\xEFve", "100%"}) CHECK_FALSE(table.letter_of(word));
    for (int i = 0; i < 23; ++i) CHECK(table.letter_of("k" + std::to_string(i)).has_value());
    CHECK_FALSE(table.letter_of("one too many"));
    CHECK_FALSE(table.letter_of("onetoomany"));
    CHECK(table.letter_of("k22") == 'z');
}

TEST_CASE("UIDs of an mbox are kept when they rise, and only the last messages have none") {
    using uids = std::vector<std::optional<std::uint32_t>>;
    const auto text = [](std::optional<imap_base> base, const uids& list) {
        uid_list l;
        if (base) l.set_base(*base);
        char name = 'a';
        for (const auto& uid : list) l.add(uid, std::string(1, name++));
        return l.text(7);
    };
    const imap_base base{1000, 12, {}};
    CHECK(text(base, {3, 5, 12}) == "3 V1000 N13\n3 :a\n5 :b\n12 :c\n");
    CHECK(text(base, {3, {}, {}}) == "3 V1000 N15\n3 :a\n13 :b\n14 :c\n"); // delivered since the last session
    CHECK(text(base, {20}) == "3 V1000 N21\n20 :a\n");
    CHECK(text({}, {3, 5}) == "3 V7 N3\n1 :a\n2 :b\n"); // UIDs of nobody knows what
    CHECK(text(base, {}) == "3 V7 N1\n");
    CHECK(text(base, {5, 3}) == "3 V7 N3\n1 :a\n2 :b\n");  // falling
    CHECK(text(base, {5, 5}) == "3 V7 N3\n1 :a\n2 :b\n");  // twice
    CHECK(text(base, {{}, 5}) == "3 V7 N3\n1 :a\n2 :b\n"); // none in between
    CHECK(text(base, {0, 5}) == "3 V7 N3\n1 :a\n2 :b\n");
    CHECK(text(base, {4294967295U, {}}) == "3 V7 N3\n1 :a\n2 :b\n"); // no number is left
}

TEST_CASE("the ledger reads what it wrote, and nothing else") {
    checksum one, two;
    one.bytes[0] = 1;
    two.bytes[31] = 0xFE;
    ledger book;
    book.record("", one, 2);
    book.record(".a.b", two, 1);
    book.record(".empty");
    const ledger again = ledger::parse(book.text());
    CHECK_FALSE(again.changed());
    CHECK(again.text() == book.text());
    REQUIRE(again.find(""));
    CHECK(again.find("")->at(one) == 2);
    CHECK(again.find(".empty")->empty());
    CHECK_FALSE(again.find(".other"));
    ledger third = again;
    third.record("", one, 1);
    CHECK_FALSE(third.changed());
    third.record("", one, 3);
    CHECK(third.changed());
    const std::string text = book.text();
    for (std::size_t size = 0; size < text.size(); ++size)
        CHECK(is_sentence(refusal([&] { ledger::parse(std::string_view(text).substr(0, size)); })));
    CHECK(is_sentence(refusal([&] { ledger::parse(text + "x\n"); })));
    CHECK(is_sentence(refusal([] { ledger::parse("mbox2maildir ledger 2\nend\n"); })));
}

TEST_CASE("lists of subscriptions of each server") {
    const auto names = [](std::string_view text, std::string_view tree = "mail") {
        std::vector<std::string> all;
        for (const folder_name& f : parse_subscriptions(text, tree)) all.push_back(f.imap());
        return all;
    };
    using list = std::vector<std::string>;
    CHECK(names("a/b\nINBOX\n\nv1.2\n") == list{"a.b", "INBOX", "v1_2"});
    CHECK(names("mail/sent\n~/mail/a/b\r\nmailing\n{imap.example.org}x\n") == list{"sent", "a.b", "mailing"});
    CHECK(names("V\t2\n\nsub\tdeep\nINBOX\na\001tb\n") == list{"sub.deep", "INBOX", "a_b"});
    CHECK(names("").empty());
}

TEST_CASE("subscriptions are added in the form of the file, and only once") {
    const std::set<folder_name> folders = {folder_name(), folder_name::of_text("a/b")};
    CHECK(add_to_dovecot("", folders) == "INBOX\na.b\n");
    CHECK(add_to_dovecot("a.b\nx", folders) == "a.b\nx\nINBOX\n");
    CHECK(add_to_dovecot("V\t2\n\nx\n", folders) == "V\t2\n\nx\nINBOX\na\tb\n");
    CHECK(add_to_dovecot("INBOX\na.b", folders) == "INBOX\na.b");
    CHECK(add_to_courier("INBOX.x\n", folders) == "INBOX.x\nINBOX\nINBOX.a.b\n");
}
