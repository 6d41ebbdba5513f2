#include <optional>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include <vmail/password.hpp>

#include "refusal.hpp"

using vmail::generate_password;
using vmail::hash_password;
using vmail::password_hash;
using vmail::password_scheme;
using vmail::secret;
using vmail::verify_password;

namespace {

std::optional<bool> verify(std::string_view password, std::string_view stored) {
    return verify_password(secret(password), password_hash::from_attribute(stored));
}

constexpr std::optional<bool> yes = true;
constexpr std::optional<bool> no = false;
constexpr std::optional<bool> cannot_tell = std::nullopt;

} // namespace

TEST_CASE("hashes that others made are verified") {
    struct row {
        std::string password, stored, scheme;
    };
    const std::string horse = "correct horse";
    const row rows[] = {
        // python3 crypt, hashlib
        {horse, "{CRYPT}$y$j9T$abcdefghijklmnop$0Hi8KsZH/hAMRN9Bam6ce3nmi5QAIz3R/KeaXG/c7p9", "CRYPT $y$"},
        {horse, "{CRYPT}$gy$j9T$abcdefghijklmnop$OoCZc5LoOgQrpI9itgWeephZAERGDeOFMt6RAJyjSP3", "CRYPT $gy$"},
        {horse, "{CRYPT}$7$CU..../....abcdefgh$zsdaqwx89mPOv8.UAUJOC7yCeca1WUSV.qqzsN2U1JA", "CRYPT $7$"},
        {horse, "{CRYPT}$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e", "CRYPT $2b$"},
        {horse, "{CRYPT}$2y$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e", "CRYPT $2y$"},
        {horse, "{CRYPT}$5$rounds=1000$abcdefgh$ue35C0ITbth1b5zVUjrjm2mMmsmMKiodEeH2UV/Hq10", "CRYPT $5$"},
        {horse, "{CRYPT}abhfCpXqd4GrI", "CRYPT"},
        {horse, "{CRYPT}_J9..abcdtIvPUrZYa6w", "CRYPT"},
        {horse, "{SHA}L55TUjtiq8FBorTWAZ0jy6g129A=", "SHA"},
        {horse, "{MD5}PLTnMmMfR+brlh80VUt83g==", "MD5"},
        {horse, "{SHA256}QQTTb42iwlQ0n4WDZ5Pr4CngyVcGOjTJHC6SAxh7VjE=", "SHA256"},
        {horse, "{SSHA256}3KeLRDllV3QK2Oy35wuHALswoJfIyxoUsg38NZFUd5gAAf6A", "SSHA256"},
        {horse, "{SHA512}VraY3v7bWkNbY0r+MyC7rz/c2SC2xQOkRvx7endrKY1HnRumqLYXgI6wv1ec6aldZoNHvKtxSQhayTyyeZUZew==", "SHA512"},
        {horse, "{SSHA512}o+qIe7upkxhCqaZiQxXb4QLnUfAVmcreeetTv/SPgvQF7Q7UcjzSntFF7qEvRu783IIw1WqddXuC38reBqCFiwAB/oA=", "SSHA512"},
        {horse, "{SSHA}SbfVjMGTkcdPCA/6xGSjKvPl7QsAAQIDBAUGBwgJCgsMDQ4P", "SSHA"}, // 16 bytes of salt
        // slappasswd
        {horse, "{SMD5}rLtQ1XmhS3tpiDT0m6nQgTOt3XQ=", "SMD5"},
        {horse, "{SSHA}9Ewz/BDedu+INRqPTPP4FhKeVWtJthZd", "SSHA"},
        // openssl passwd
        {horse, "{CRYPT}$1$abcdefgh$y6iHhJNbuC0xpbk0w9pm80", "CRYPT $1$"},
        {horse, "{CRYPT}$6$abcdefgh$yIZAF3gQPvtKZO/9qOJKffAKKbtS3ef3qmwyugk4uWVjX8YZf/GV3A8SkFxEPY0T56CcilGrHKLffBsp6dLMG.", "CRYPT $6$"},
        {"Hello world!", "{CRYPT}$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5", "CRYPT $5$"},
        // Openwall's own
        {"U*U", "{CRYPT}$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "CRYPT $2a$"},
        // the name of a scheme in any case
        {horse, "{crypt}abhfCpXqd4GrI", "CRYPT"},
        {horse, "{Sha}L55TUjtiq8FBorTWAZ0jy6g129A=", "SHA"},
    };
    for (const auto& r : rows) {
        CAPTURE(r.stored);
        CHECK(verify(r.password, r.stored) == yes);
        CHECK(verify("x" + r.password, r.stored) == no);
        CHECK(verify("", r.stored) == no);
        CHECK(verify(std::string("\0", 1) + r.password, r.stored) == no);
        CHECK(verify(r.password + std::string("\0x", 2), r.stored) == no);
        CHECK(password_hash::from_attribute(r.stored).scheme_name() == r.scheme);
        CHECK_FALSE(password_hash::from_attribute(r.stored).locked());
        CHECK(password_hash::from_attribute(r.stored).to_attribute() == r.stored);
    }
}

TEST_CASE("every scheme that we make verifies, with a salt of its own each time") {
    struct row {
        password_scheme scheme;
        std::string name, begin;
        std::size_t size, longest;
    };
    const row rows[] = {
        {password_scheme::yescrypt, "yescrypt", "{CRYPT}$y$j9T$", 80, 511},
        {password_scheme::sha512_crypt, "sha512-crypt", "{CRYPT}$6$", 113, 511},
        {password_scheme::bcrypt, "bcrypt", "{CRYPT}$2b$12$", 67, 72},
        {password_scheme::ssha512, "ssha512", "{SSHA512}", 117, 511},
        {password_scheme::ssha, "ssha", "{SSHA}", 38, 511},
    };
    REQUIRE(vmail::password_schemes().size() == std::size(rows));
    for (const auto& r : rows) {
        CAPTURE(r.name);
        CHECK(vmail::name(r.scheme) == r.name);
        CHECK(vmail::parse_password_scheme(r.name) == r.scheme);

        const secret longest(std::string(r.longest, 'x'));
        const auto hash = hash_password(longest, r.scheme);
        CHECK(hash.to_attribute().starts_with(r.begin));
        CHECK(hash.to_attribute().size() == r.size);
        CHECK(verify_password(longest, hash) == yes);
        CHECK(verify_password(secret(std::string(r.longest - 1, 'x')), hash) == no);
        CHECK(hash_password(longest, r.scheme).to_attribute() != hash.to_attribute());

        const std::string sentence = refusal([&] { hash_password(secret(std::string(r.longest + 1, 'x')), r.scheme); });
        CHECK(sentence == "the password is longer than the " + std::to_string(r.longest) + " bytes that " + r.name + " takes");
        CHECK(refusal([&] { hash_password(secret(), r.scheme); }) == "the password is empty");
        CHECK(refusal([&] { hash_password(secret(std::string_view("a\0b", 3)), r.scheme); }) == "the password has a NUL byte");
    }
    CHECK(hash_password(secret("x")).to_attribute().starts_with("{CRYPT}$y$j9T$"));
}

TEST_CASE("passwords are bytes: UTF-8, blanks and everything but NUL") {
    std::string all;
    for (int i = 1; i < 256; ++i) all += static_cast<char>(static_cast<unsigned char>(i));
    for (const std::string& text : {all, std::string("pässwörd"), std::string(" "), std::string(" x ")})
        for (const auto scheme : {password_scheme::sha512_crypt, password_scheme::ssha})
            CHECK(verify_password(secret(text), hash_password(secret(text), scheme)) == yes);
}

TEST_CASE("a scheme that nobody knows is refused with the names that there are") {
    for (const std::string text : {"", "md5", "YESCRYPT", "ssha ", "yescrypt\n"}) {
        CAPTURE(text);
        const std::string sentence = refusal([&] { vmail::parse_password_scheme(text); });
        CHECK(sentence.ends_with("is not a password scheme: there are yescrypt, sha512-crypt, bcrypt, ssha512, ssha"));
        CHECK(is_sentence(sentence));
    }
}

TEST_CASE("clear text is not taken for a hash, and not told either") {
    for (const std::string text : {"", "hunter2", "{hunter2", "hunter2}", "{}hunter2", "{hun ter2}", "{h\xC3\xBCnter2}x", "{CLEARTEXT}hunter2", "{Plain}hunter2", "{CLEAR}hunter2", "{PLAIN.B64}hunter2=", "{PLAIN-TRUNC}5-hunter2", "{my hunter2}1", "{SSHAX}hunter2", "{SSHA.}hunter2", "$6$hunter2$x", " {SSHA}hunter2"}) {
        CAPTURE(text);
        const std::string sentence = refusal([&] { password_hash::from_attribute(text); });
        CHECK(is_sentence(sentence));
        CHECK(sentence.find("unter2") == std::string::npos);
    }
}

TEST_CASE("a locked hash matches nothing") {
    for (const std::string text : {"{CRYPT}*", "{CRYPT}!", "{CRYPT}!!", "{CRYPT}*LK*", "{CRYPT}NP", "{CRYPT}x", "{CRYPT}", "{crypt}!$6$abcdefgh$x", "{CRYPT}!abhfCpXqd4GrI", "{SSHA}!", "{SHA}"}) {
        CAPTURE(text);
        CHECK(password_hash::from_attribute(text).locked());
        for (const std::string password : {"", "!", "*", "x", "NP", "correct horse"}) CHECK(verify(password, text) == no);
    }
    CHECK_FALSE(password_hash::from_attribute("{ARGON2}!").locked());
    CHECK_FALSE(password_hash::from_attribute("{CRYPT}xx").locked());
}

TEST_CASE("a scheme that we cannot check is told apart from a wrong password") {
    for (const std::string text : {"{ARGON2}$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA", "{PBKDF2-SHA512}10000$x$y", "{SASL}bob@example.org", "{CRYPT}$argon2id$v=19$x",
                                   "{CRYPT}$nosuch$x$y"}) {
        CAPTURE(text);
        CHECK(verify("x", text) == cannot_tell);
    }
    CHECK(password_hash::from_attribute("{argon2}$argon2id$x").scheme_name() == "ARGON2");
    CHECK(password_hash::from_attribute("{PBKDF2-SHA512}x").scheme_name() == "PBKDF2-SHA512");
    CHECK(password_hash::from_attribute("{CRYPT}$\x1B[31m$x").scheme_name() == "CRYPT");
}

TEST_CASE("a damaged digest matches nothing") {
    for (const std::string text : {"{SHA}L55TUjtiq8FBorTWAZ0jy6g129A", "{SHA}L55TUjtiq8FBorTWAZ0jy6g129A=\n", "{SHA} L55TUjtiq8FBorTWAZ0jy6g129A=", "{SHA}L55TUjti", "{SHA}====",
                                   "{SHA}m7ewFS9W4LuEGBJRcH5siV9BWycAAf6A", "{CRYPT}abhfCpXqd4GrJ", "{CRYPT}abhfCpXqd4Gr", "{CRYPT}abhfCpXqd4GrII",
                                   "{SHA}L55TUjtiq8FBorTWAZ0jy6g129AA", "{SHA}L55TUjtiq8FBorTW*Z0jy6g129A=", "{SSHA}AAAA", "{SSHA}=AAA", "{MD5}L55TUjtiq8FBorTWAZ0jy6g129A="}) {
        CAPTURE(text);
        CHECK(verify("correct horse", text) == no);
        CHECK(verify("", text) == no);
    }
}

TEST_CASE("a new password has so many characters, however many bytes they take") {
    CHECK_THROWS_WITH_AS(vmail::require_length(secret("x"), 8), "the password has 1 character, and it takes 8 at least", vmail::limit_exceeded);
    CHECK_THROWS_WITH_AS(vmail::require_length(secret("äöüäöüä"), 8), "the password has 7 characters, and it takes 8 at least", vmail::limit_exceeded);
    for (const std::string enough : {"äöüäöüäö", "12345678", "a longer one"}) CHECK_NOTHROW(vmail::require_length(secret(enough), 8));
    vmail::require_length(generate_password(), vmail::generated_password_length);
}

TEST_CASE("a generated password is long, readable, and never the same") {
    std::set<std::string> seen;
    std::set<char> letters;
    for (int i = 0; i < 500; ++i) {
        const secret made = generate_password();
        const std::string text(made.reveal());
        REQUIRE(text.size() == 24);
        for (std::size_t at = 0; at < text.size(); ++at) {
            CHECK((text[at] == '-') == (at % 5 == 4));
            letters.insert(text[at]);
        }
        seen.insert(text);
    }
    CHECK(seen.size() == 500);
    // 10,000 draws: each of the 56 letters, 116 bits in 20 of them, and the hyphen
    CHECK(letters.size() == 57);
    for (const char c : {'0', 'O', 'o', '1', 'l', 'I'}) CHECK(letters.count(c) == 0);
}
