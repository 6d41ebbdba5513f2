#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include <mbox/file_name.hpp>
#include <mbox/header.hpp>

using namespace vmail::mbox;
using list = std::vector<std::string>;

TEST_CASE("flags of each reader") {
    struct row {
        std::string_view header;
        std::string_view letters;
        bool old;
    };
    const row rows[] = {
        {"", "", false},
        {"Status: RO\n", "S", true},
        {"Status: O\n", "", true},
        {"Status: R\n", "S", false},
        {"status: ro\n", "", false}, // the letters are capital
        {"STATUS: RO\r\n", "S", true},
        {"Status : RO\n", "S", true},
        {"Status: RO\nX-Status: AFDT\n", "DFRST", true},
        {"X-Status: D\n", "T", false},
        {"X-Status: T\n", "D", false},
        {"X-Mozilla-Status: 0001\n", "S", true},
        {"X-Mozilla-Status: 0007\n", "FRS", true},
        {"X-Mozilla-Status: 0008\n", "T", true},
        {"X-Mozilla-Status: 0000\n", "", true},
        {"X-Mozilla-Status: 0001\nStatus: O\n", "", true}, // Status is what the server said
        {"X-Mozilla-Status: 00010\n", "", false},
        {"X-Mozilla-Status: zzzz\n", "", false},
        {"X-Statusx: RO\nSubject: Status: RO\n Status: RO\n", "", false},
    };
    for (const row& r : rows) {
        CAPTURE(r.header);
        const mail_state state = read_state(r.header);
        CHECK(flag_letters(state.flags) == r.letters);
        CHECK(state.flags.old == r.old);
    }
}

TEST_CASE("keywords, also over several lines and of Mozilla") {
    CHECK(read_state("X-Keywords: work $Forwarded      \nStatus: O\n").keywords == list{"work", "$Forwarded"});
    CHECK(read_state("X-Keywords: a\n\tb\r\n c\n").keywords == list{"a", "b", "c"});
    CHECK(read_state("X-Keywords:\n").keywords.empty());
    CHECK(read_state("X-Mozilla-Status: 1001\nX-Mozilla-Keys: $label1 x      \n").keywords == list{"$Forwarded", "$label1", "x"});
}

TEST_CASE("UIDs, and what is said of the folder") {
    const mail_state first = read_state("X-IMAPbase: 1795299408 0000000002 kw1 $Forwarded kw2\nX-UID: 1\n");
    REQUIRE(first.base);
    CHECK(first.base->uid_validity == 1795299408);
    CHECK(first.base->last_uid == 2);
    CHECK(first.base->keywords == list{"kw1", "$Forwarded", "kw2"});
    CHECK(first.uid == 1);
    CHECK_FALSE(first.internal_data);
    for (const std::string_view header : {"X-UID: x\n", "X-UID: 1 2\n", "X-UID:\n", "X-UID: 4294967296\n", "X-UID: -1\n"})
        CHECK_FALSE(read_state(header).uid);
    for (const std::string_view header : {"X-IMAPbase: 1\n", "X-IMAPbase: 0 1\n", "X-IMAPbase: a b\n", "X-IMAP: 99999999999 1\n"})
        CHECK_FALSE(read_state(header).base);
}

TEST_CASE("the folder's internal data is no mail, and a mail that only talks of it is one") {
    const std::string_view subject = "Subject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\n";
    const std::string base = "X-IMAP: 1064933472 0000000012\n";
    CHECK(read_state(std::string(subject) + base).internal_data);
    CHECK_FALSE(read_state(subject).internal_data);
    CHECK_FALSE(read_state("Subject: Re: DON'T DELETE THIS MESSAGE\n" + base).internal_data);
    CHECK_FALSE(read_state(std::string(subject) + "X-IMAPbase: 1064933472 0000000012\n").internal_data);
}

TEST_CASE("what a file name says can be read back") {
    message m(vmail::timestamp::from_epoch(1069342200));
    m.raw = "Subject: x\n\n";
    m.crlf_size = 14;
    m.identity.bytes[0] = 0xAB;
    const std::string key = file_key(m.identity, 2);
    const std::string name = file_name(m, key);
    CHECK(name.starts_with("1069342200.M"));
    CHECK(name.ends_with(",S=12,W=14"));
    CHECK(key_in(name + ":2,FS") == key);
    CHECK(size_in(name) == 12);
    CHECK(without_flags(name + ":2,FSa") == name);
    CHECK(file_key(m.identity, 1) != key);
    for (const std::string_view other : {"", ".", "1069342200.M1P2.host,S=3:2,", "1069342200.M1P2Qabc.mbox,S=1", "x"}) CHECK_FALSE(key_in(other));
    CHECK_FALSE(size_in("1069342200.M1P2.host:2,S"));
}
