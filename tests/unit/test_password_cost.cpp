#include <doctest/doctest.h>

#include <vmail/password_cost.hpp>

using vmail::password_hash;
using vmail::unbearable_cost;

namespace {

std::string cost_of(const std::string& value) { return unbearable_cost(password_hash::from_attribute(value)).value_or(""); }

const std::string sha512(86, 'a'), bcrypt(53, 'a'), yescrypt(43, 'a');

} // namespace

TEST_CASE("what a login would take a server too long for is told by its cost") {
    CHECK(cost_of("{CRYPT}$6$rounds=999999999$salt$" + sha512) == "rounds=999999999");
    CHECK(cost_of("{CRYPT}$6$rounds=99999999999999999999999$salt$" + sha512) == "rounds=99999999999999999999999");
    CHECK(cost_of("{CRYPT}$2y$31$" + bcrypt) == "$2y$31");
    CHECK(cost_of("{CRYPT}$y$jzT$salt$" + yescrypt) == "$y$jzT");
    CHECK(cost_of("{CRYPT}$gy$jzT$salt$" + yescrypt) == "$gy$jzT");
    CHECK(cost_of("{CRYPT}$7$z6..../....salt$" + yescrypt) == "$7$z6..../....salt");
    CHECK(cost_of("{CRYPT}$y$j9z1$salt$" + yescrypt) == "$y$j9z1");
    CHECK(cost_of("{CRYPT}$gy$j9T.......$salt$" + yescrypt) == "$gy$j9T.......");
    CHECK(cost_of("{CRYPT}$7$CU....zzzzzsalt$" + yescrypt) == "$7$CU....zzzzzsalt");
    CHECK(cost_of("{CRYPT}$sha1$999999999$salt$hash") == "$sha1$999999999");
    CHECK(cost_of("{ARGON2}$argon2id$v=19$m=4294967295,t=2,p=1$c2FsdA$aGFzaA") == "m=4294967295");
    CHECK(cost_of("{ARGON2}$argon2id$v=19$m=65536,t=4294967295,p=1$c2FsdA$aGFzaA") == "t=4294967295");
    CHECK(cost_of("{PBKDF2-SHA256}4294967295$salt$hash") == "4294967295");
}

TEST_CASE("what people use is not") {
    for (const std::string& good : {"{CRYPT}$6$salt$" + sha512, "{CRYPT}$6$rounds=5000$salt$" + sha512, "{CRYPT}$6$rounds=1000000$m=9$" + sha512, "{CRYPT}$2y$14$" + bcrypt,
                                    "{CRYPT}$y$j9T$salt$" + yescrypt, "{CRYPT}$y$jFT$salt$" + yescrypt, "{CRYPT}$gy$j75$salt$" + yescrypt, "{CRYPT}$7$CU..../....salt$" + yescrypt,
                                    std::string("{CRYPT}*"), std::string("{CRYPT}aaaaaaaaaaaaa"), std::string("{SSHA}abcd"), std::string("{CRYPT}"),
                                    std::string("{ARGON2}$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA"), std::string("{PBKDF2-SHA512}310000$salt$hash")}) {
        CAPTURE(good);
        CHECK(cost_of(good).empty());
    }
}
