#include <doctest/doctest.h>

#include <string>
#include <vector>

#include <vmail/password_strength.hpp>

using vmail::kinds_of_passwords;

TEST_CASE("a stored password has a scheme and a strength, and is not shown") {
    struct row {
        std::string value, scheme, strength;
    };
    const std::vector<row> rows = {
        {"{CRYPT}$y$j9T$abc$def", "CRYPT $y$", "strong"},
        {"{crypt}$6$salt$hash", "CRYPT $6$", "strong"},
        {"{CRYPT}$2b$12$abc", "CRYPT $2b$", "strong"},
        {"{BLF-CRYPT}$2y$05$abc", "BLF-CRYPT", "strong"},
        {"{ARGON2}$argon2id$v=19$x$y$z", "ARGON2", "strong"},
        {"{PBKDF2-SHA512}10000$a$b", "PBKDF2-SHA512", "strong"},
        {"{SSHA}AAECAwQFBgcICQoLDA0ODxAREhMUFRYX", "SSHA", "fair"},
        {"{SSHA512}abc", "SSHA512", "fair"},
        {"{SSHA256.HEX}abc", "SSHA256.HEX", "fair"},
        {"{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", "SHA", "weak"},
        {"{SHA512}abc", "SHA512", "weak"},
        {"{MD5}X03MO1qnZdYdgyfeuILPmQ==", "MD5", "weak"},
        {"{SMD5}abc", "SMD5", "weak"},
        {"{CRYPT}$1$salt$hash", "CRYPT $1$", "weak"},
        {"{CRYPT}abhfCpXqd4GrI", "CRYPT", "weak"},
        {"{NTLM}5F4DCC3B5AA765D61D8327DEB882CF99", "NTLM", "weak"},
        {"{CRYPT}!", "CRYPT", "locked"},
        {"{CRYPT}!$6$salt$hash", "CRYPT", "locked"},
        {"{SASL}ann@EXAMPLE.ORG", "SASL", "elsewhere"},
        {"{CLEARTEXT}secretpw", "clear text", "clear"},
        {"{NOSUCH}secretpw", "clear text", "clear"},
        {"secretpw", "clear text", "clear"},
        {"", "clear text", "clear"},
    };
    for (const row& r : rows) {
        CAPTURE(r.value);
        const auto kinds = kinds_of_passwords({r.value});
        REQUIRE(kinds.size() == 1);
        CHECK(kinds.front().scheme == r.scheme);
        CHECK(vmail::name(kinds.front().strength) == r.strength);
    }
    CHECK(kinds_of_passwords({}).empty());
    CHECK(kinds_of_passwords({"{SSHA}abc", "secretpw"}).back().scheme == "clear text");
}
