#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/password_form.hpp>

using vmail::is_password_hash;

namespace {

const std::string sha1 = "L55TUjtiq8FBorTWAZ0jy6g129A=", md5 = "PLTnMmMfR+brlh80VUt83g==";
const std::string ssha = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"; // 24 bytes
const std::string des = "abhfCpXqd4GrI", hex16 = "00112233445566778899aabbccddeeff";
const std::string sha512_crypt = "$6$abcdefgh$" + std::string(86, 'x'), bcrypt = "$2y$04$" + std::string(53, 'a');

} // namespace

TEST_CASE("what slapd, Dovecot and Courier check is a hash, in any case of the scheme's name") {
    const std::vector<std::string> hashes = {
        "{CRYPT}" + des,
        "{crypt}" + sha512_crypt,
        "{CRYPT}$y$j9T$abcdefghijklmnop$" + std::string(43, 'x'),
        "{CRYPT}_J9..rasmBYk8r9AiWNc",
        "{CRYPT}" + bcrypt,
        "{SSHA}" + ssha,
        "{Sha}" + sha1,
        "{MD5}" + md5,
        "{SMD5}" + ssha,
        "{SHA256}QQTTb42iwlQ0n4WDZ5Pr4CngyVcGOjTJHC6SAxh7VjE=",
        "{SSHA256}3KeLRDllV3QK2Oy35wuHALswoJfIyxoUsg38NZFUd5gAAf6A",
        "{SHA384}" + std::string(64, 'A'),
        "{SSHA512}" + std::string(96, 'A'),
        // slapd's modules
        "{ARGON2}$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA",
        "{PBKDF2-SHA512}10000$dO1yYWQ$c2FsdA",
        "{SASL}bob@EXAMPLE.ORG",
        "{APR1}" + ssha,
        // Dovecot
        "{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA",
        "{BLF-CRYPT}" + bcrypt,
        "{SHA512-CRYPT}" + sha512_crypt,
        "{PLAIN-MD5}" + hex16,
        "{NTLM}" + hex16,
        "{CRAM-MD5}" + hex16 + hex16,
        "{MD5}$1$abcdefgh$y6iHhJNbuC0xpbk0w9pm80",
        "{SSHA.HEX}" + hex16 + hex16,
        "{sha.b64}" + sha1,
        "{SHA}" + hex16 + "01234567",
        "{SCRAM-SHA-256}4096,c2FsdA==,a2V5,a2V5",
        "{PBKDF2}$1$salt$5000$" + hex16,
        // nobody logs in with these
        "{CRYPT}*",
        "{CRYPT}!" + sha512_crypt,
        "{CRYPT}*LK*",
        "{CRYPT}NP",
        "{CRYPT}",
        "{SSHA}!" + ssha,
        "{CRYPT}!", "{CRYPT}!!", "{CRYPT}!*", "{CRYPT}*NP*", "{CRYPT}x", "{CRYPT}*LOCKED*" + sha512_crypt, "{CRYPT}*LK*" + des, "{CRYPT}!!" + sha512_crypt, "{CRYPT}!_J9..rasmBYk8r9AiWNc",
        "{SSHA}*", "{SHA}!" + sha1, "{MD5}!$1$abcdefgh$y6iHhJNbuC0xpbk0w9pm80", "{SHA512-CRYPT}!" + sha512_crypt,
    };
    for (const std::string& value : hashes) {
        CAPTURE(value);
        CHECK(is_password_hash(value));
    }
}

TEST_CASE("what holds the password itself, or may, is none") {
    const std::vector<std::string> others = {
        "", "secret", "{", "{}", "{}secret", "{secret", "secret}", "{my secret}1", "{secret}1", "{SECRET}", "{{SSHA}}" + ssha, " {SSHA}" + ssha, "{ SSHA}" + ssha, "{SSHA }" + ssha,
        "{CLEARTEXT}x", "{cleartext}x", "{CLEAR}x", "{PLAIN}x", "{Plain}x", "{PLAIN.b64}eA==", "{PLAIN.HEX}78", "{CLEARTEXT.BASE64}eA==", "{PLAIN-TRUNC}1-x", "{TOTP1}secret",
        // behind a mark, too
        "{CRYPT}!secret", "{CRYPT}*secret", "{CRYPT}!!secret", "{CRYPT}*LK*secret", "{CRYPT}!$6$abcdefgh$short", "{CRYPT}*SECRET*", "{CRYPT}! ", "{CRYPT}!" + ssha, "{SSHA}!secret", "{SSHA}!" + sha1,
        "{SHA}*secret", "{MD5}!secret", "{SHA512-CRYPT}!secret",
        // a scheme of hashes, and a body that it does not make
        "{CRYPT}secret", "{CRYPT}" + des + "x", "{CRYPT}$6$abcdefgh$short", "{CRYPT}$9$what$ever", "{CRYPT}x y", "{SSHA}secret", "{SSHA}" + sha1, "{SHA}" + ssha, "{SHA}" + sha1 + "\n", "{SHA}" + md5,
        "{MD5}" + sha1, "{SSHA512}" + ssha, "{ARGON2}secret", "{ARGON2}$argon2id$", "{PBKDF2-SHA512}secret", "{PBKDF2}", "{SASL}", "{SASL}my secret", "{SCRAM-SHA-1}secret", "{NTLM}secret",
        "{BLF-CRYPT}secret", "{SHA512-CRYPT}secret", "{SSHA.HEX}secret", "{SSHA.B64}secret!", "{SSHA.HEX}", "{SSHA.}" + ssha, "{SSHA.B64.HEX}00", "{SSHA.SECRET}00",
    };
    for (const std::string& value : others) {
        CAPTURE(value);
        CHECK_FALSE(is_password_hash(value));
    }
}

TEST_CASE("the parts of a stored password") {
    CHECK(vmail::split_stored_password("{SSHA}x}y").scheme == "SSHA");
    CHECK(vmail::split_stored_password("{SSHA}x}y").body == "x}y");
    for (const std::string value : {"", "{", "{}x", "x{SSHA}", "{SSHA"}) CHECK(vmail::split_stored_password(value).scheme.empty());
}
