#include <cstdio>
#include <memory>
#include <string>

#include <doctest/doctest.h>

#include <cli/counted.hpp>
#include <cli/shell_word.hpp>

using vmail::tools::counted;
using vmail::tools::shell_word;

namespace {

/// What a shell makes of it.
std::string through_shell(const std::string& word) {
    const std::string command = "printf %s " + word;
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
    std::string text;
    for (int c = std::fgetc(pipe.get()); c != EOF; c = std::fgetc(pipe.get())) text += static_cast<char>(c);
    return text;
}

} // namespace

TEST_CASE("a shell reads a word as the bytes that it was made of, whichever they are") {
    for (int i = 1; i < 256; ++i) {
        const auto byte = std::string(1, static_cast<char>(i));
        for (const auto& text : {byte, "a" + byte + "b"}) {
            CAPTURE(i);
            CHECK(through_shell(shell_word(text)) == text);
        }
    }
    CHECK(shell_word("") == "''");
}

TEST_CASE("what no shell sees more in stays as it is") {
    CHECK(shell_word("/home/ann/try-2.0/a_b") == "/home/ann/try-2.0/a_b");
    CHECK(shell_word("bob+x@example.org") == "bob+x@example.org");
    CHECK(shell_word("~/x") == "'~/x'");
}

TEST_CASE("one is one, and every other number is several") {
    CHECK(counted(1, "mailboxes") == "1 mailbox");
    CHECK(counted(1, "aliases") == "1 alias");
    CHECK(counted(1, "domains") == "1 domain");
    CHECK(counted(1, "changes") == "1 change");
    CHECK(counted(1, "records") == "1 record");
    CHECK(counted(1, "entries") == "1 entry");
    CHECK(counted(0, "mailboxes") == "0 mailboxes");
    CHECK(counted(2, "mailboxes") == "2 mailboxes");
}
