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
#include <mbox/uid_file.hpp>
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
        {"a&AGE-", "a&-AGE-"},             // a letter, shifted
        {"a&AC8-", "a&-AC8-"},             // a slash
        {"a&AAA-", "a&-AAA-"},             // NUL
        {"a&2D0-", "a&-2D0-"},             // half of a pair
        {"a&3gDYPQ-", "a&-3gDYPQ-"},       // the wrong half first
        {"a&IKx-", "a&-IKx-"},             // bits that are left over
        {"a&IKwg-", "a&-IKwg-"},           // and half of a unit
        {"a&IKw-&IKw-", "a&-IKw-&-IKw-"},  // two for one
        {"a&IKwgrA-", "a&IKwgrA-"},        // as it should be
        {"a&IKw-&-&IKw-", "a&IKw-&-&IKw-"},
        {"a&A-", "a&-A-"},
    };
    for (const row& r : rows) {
        CAPTURE(r.file);
        CHECK(part_of(r.file) == r.part);
    }
    CHECK(folder_name::of_text("a/b.c/d").directory() == ".a.b_c.d");
    CHECK(folder_name::of_text("a//b/").directory() == ".a.b");
    CHECK(folder_name::of_text("inbox").is_inbox());
    for (const std::string_view text : {"inbox/a", "INBOX/a", "Inbox//a", "/iNBOX/a"}) CHECK(folder_name::of_text(text).directory() == ".INBOX.a");
    CHECK(folder_name::of_text("a/inbox").directory() == ".a.inbox");
    CHECK(folder_name::of_text("Inbox/Inbox").directory() == ".INBOX.Inbox");
    CHECK(folder_name::of_text("inboxes/a").directory() == ".inboxes.a");
    CHECK(folder_name::of_path({"Inbox"}).is_inbox());
    CHECK(folder_name::of_text("~ada/~x").directory() == "._ada.~x");
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

namespace {

/// The name of a file of ours; the same letter is the same mail.
std::string ours(char letter, int occurrence = 1) {
    return "1.M000001P" + std::to_string(occurrence) + 'Q' + std::string(24, letter) + ".mbox,S=1,W=1";
}

struct in_mbox {
    std::optional<std::uint32_t> uid;
    char letter;
    bool known = true;
    int occurrence = 1;
};

/// "letter=uid" of each row, and the next UID; a question mark before it where the file had to stay as it was.
std::string merged(const std::string& text, const imap_base& base, const std::vector<in_mbox>& mbox) {
    uid_list list;
    list.set_base(base);
    for (const in_mbox& m : mbox) {
        const std::string name = ours(m.letter, m.occurrence);
        if (m.known)
            list.add_known(m.uid, name.substr(2, name.find(".mbox") - 2));
        else
            list.add(m.uid, name);
    }
    auto f = uid_file::parse(text);
    REQUIRE(f);
    const uid_file before = *f;
    const auto done = list.merge_into(*f);
    if (done != uid_list::merging::done) CHECK(*f == before);
    std::string told = done == uid_list::merging::differs ? "?" : done == uid_list::merging::unrelated ? "-" : "";
    for (const uid_file::row& r : f->rows)
        told += std::string(1, r.file.find('Q') < r.file.size() ? r.file[r.file.find('Q') + 1] : '*') + '=' + std::to_string(r.uid) + ' ';
    return told + std::to_string(f->next_uid);
}

} // namespace

TEST_CASE("a list of UIDs that is understood comes back, and nothing else is understood") {
    const std::string text = "3 V1000 N9 G0123 Xy\n1 :a\n3 G12 W5 :b c:2\n8 :d\n";
    const auto f = uid_file::parse(text);
    REQUIRE(f);
    CHECK(f->text() == text);
    CHECK(f->rows[1].extensions == "G12 W5");
    CHECK_FALSE(f->is_untouched());
    // Rows that Dovecot has appended, in any order.
    CHECK(uid_file::parse("3 V1 N2\n7 :b\n1 :a\n")->text() == "3 V1 N8\n1 :a\n7 :b\n");
    CHECK(uid_file::parse("3 V1 N2\n1 :" + ours('a') + "\n")->is_untouched());
    CHECK_FALSE(uid_file::parse("3 V1 N2\n1 :a\n")->is_untouched());
    CHECK_FALSE(uid_file::parse("3 V1 N2 G12\n1 :" + ours('a') + "\n")->is_untouched());
    for (const char* const bad :
         {"", "3 V1 N2", "1 1000 9\n", "3 V1\n", "3 N1\n", "3 V0 N1\n", "3 V1 N0\n", "3 Vx N1\n", "3 V1 N2\n1\n", "3 V1 N2\n1 :\n", "3 V1 N2\nx :a\n",
          "3 V1 N2\n0 :a\n", "3 V1 N2\n1 :a\n1 :b\n", "3 V1 N2\n1 :a", "3 V1 N2\n4294967295 :a\n", "3 V1 N99999999999\n"}) {
        CAPTURE(bad);
        CHECK_FALSE(uid_file::parse(bad));
    }
}

TEST_CASE("a list of UIDs follows the old server while no server has read it") {
    const imap_base base{1000, 12, {}};
    const std::string list = "3 V1000 N5\n2 :" + ours('a') + "\n3 :" + ours('b') + "\n4 :" + ours('c') + '\n';
    CHECK(merged(list, {1000, 4, {}}, {{2, 'a'}, {3, 'b'}, {4, 'c'}}) == "a=2 b=3 c=4 5");
    CHECK(merged(list, base, {{2, 'a'}}) == "a=2 b=3 c=4 13"); // 5 to 12 were given, and are gone
    CHECK(merged(list, base, {{2, 'a'}, {7, 'd', false}, {{}, 'e', false}}) == "a=2 b=3 c=4 d=7 e=13 14");
    // b was deleted before it had its UID, and c got it; what only we have goes behind.
    CHECK(merged(list, {1000, 4, {}}, {{2, 'a'}, {3, 'c'}, {4, 'd', false}}) == "a=2 c=3 d=4 b=5 6");
    CHECK(merged(list, base, {{2, 'a'}, {{}, 'b'}, {{}, 'c'}, {{}, 'd', false}}) == "a=2 b=3 c=4 d=13 14");
    CHECK(merged(list, base, {{2, 'a'}, {3, 'x'}}) == "a=2 c=4 b=13 14"); // x was moved away from here
    CHECK(merged(list, base, {{3, 'b'}, {2, 'a'}}) == "?a=2 b=3 c=4 5");
    CHECK(merged(list, {1001, 12, {}}, {{2, 'a'}}) == "-a=2 b=3 c=4 5");
    CHECK(merged(list, {1000, 4294967290U, {}}, {{2, 'a'}, {{}, 'd', false}, {{}, 'e', false}, {{}, 'f', false}, {{}, 'g', false}}) ==
          "?a=2 b=3 c=4 5");
}

TEST_CASE("a list of UIDs that a server has read gets new rows behind the last one, or stays as it is") {
    const imap_base base{1000, 12, {}};
    const std::string list = "3 V1000 N5 Gab\n2 W9 :" + ours('a') + "\n3 :" + ours('b') + "\n4 :" + ours('c') + '\n';
    CHECK(merged(list, base, {{2, 'a'}, {3, 'b'}, {4, 'c'}, {5, 'd', false}, {{}, 'e', false}}) == "a=2 b=3 c=4 d=5 e=13 14");
    CHECK(merged(list, base, {{2, 'a'}}) == "a=2 b=3 c=4 13");
    CHECK(merged(list, base, {{2, 'a'}, {3, 'c'}}) == "?a=2 b=3 c=4 5");
    CHECK(merged(list, base, {{2, 'a'}, {4, 'd', false}}) == "?a=2 b=3 c=4 5");
    CHECK(merged(list, base, {{1, 'd', false}, {2, 'a'}}) == "?a=2 b=3 c=4 5"); // a UID that was free once may not be given behind
    CHECK(merged(list, base, {{2, 'a'}, {3, 'x'}}) == "?a=2 b=3 c=4 5");
    // Mail of the new server's own, under a UID that the old one had given, or had not.
    CHECK(merged(list + "5 :other\n", base, {{2, 'a'}}) == "?a=2 b=3 c=4 *=5 6");
    CHECK(merged(list + "13 :other\n", base, {{2, 'a'}, {{}, 'd', false}}) == "a=2 b=3 c=4 *=13 d=14 15");
    CHECK(merged(list + "13 :other\n", base, {{2, 'a'}, {5, 'd', false}}) == "?a=2 b=3 c=4 *=13 14");
}

TEST_CASE("of the same mail twice each has its UID, also when the first one is gone") {
    const std::string list = "3 V1000 N9 Gab\n7 :" + ours('a') + "\n8 :" + ours('a', 2) + '\n';
    CHECK(merged(list, {1000, 8, {}}, {{7, 'a'}, {8, 'a', true, 2}}) == "a=7 a=8 9");
    CHECK(merged(list, {1000, 8, {}}, {{8, 'a'}}) == "a=7 a=8 9");
    CHECK(merged(list, {1000, 9, {}}, {{8, 'a'}, {9, 'a', true, 2}}) == "a=7 a=8 10");
    CHECK(merged(list, {1000, 9, {}}, {{8, 'a'}, {9, 'a', false, 2}}) == "a=7 a=8 10"); // in its place, and in no ledger
    CHECK(merged(list, {1000, 9, {}}, {{7, 'a'}, {8, 'a', true, 2}, {9, 'a', false, 3}}) == "a=7 a=8 a=9 10");
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
