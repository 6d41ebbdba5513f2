#include <doctest/doctest.h>

#include <string>
#include <vector>

#include <vmail/dovecot_password.hpp>
#include <vmail/error.hpp>
#include <vmail/secret.hpp>

#include "refusal.hpp"

using vmail::from_dovecot;

namespace {

std::string converted(const std::string& value) { return from_dovecot(value).to_attribute(); }

} // namespace

// "secretpw", by "doveadm pw"; tests/schema/dovecot_hashes.sh asks the daemons.
TEST_CASE("what Dovecot stores becomes what slapd checks") {
    struct row {
        std::string dovecot, slapd;
    };
    const std::string bcrypt = "$2y$05$bvIG6Nmid91Mu9RcmmWZfO5HJIMCT8riNW0hEp8f6/FuA2/mHZFpe"; // of crypt(5)'s form
    const std::vector<row> rows = {
        {"{BLF-CRYPT}" + bcrypt, "{CRYPT}" + bcrypt},
        {"{blf-crypt}" + bcrypt, "{CRYPT}" + bcrypt},
        {bcrypt, "{CRYPT}" + bcrypt},
        {"{DES-CRYPT}abhfCpXqd4GrI", "{CRYPT}abhfCpXqd4GrI"},
        {"{PLAIN-MD5}5f4dcc3b5aa765d61d8327deb882cf99", "{MD5}X03MO1qnZdYdgyfeuILPmQ=="},
        {"{PLAIN-MD5.B64}X03MO1qnZdYdgyfeuILPmQ==", "{MD5}X03MO1qnZdYdgyfeuILPmQ=="},
        {"{MD5}5f4dcc3b5aa765d61d8327deb882cf99", "{MD5}X03MO1qnZdYdgyfeuILPmQ=="},
        {"{MD5}X03MO1qnZdYdgyfeuILPmQ==", "{MD5}X03MO1qnZdYdgyfeuILPmQ=="},
        {"{MD5}$1$salt$qJH7.N4xYta3aEG/dfqo/0", "{CRYPT}$1$salt$qJH7.N4xYta3aEG/dfqo/0"},
        {"{LDAP-MD5}X03MO1qnZdYdgyfeuILPmQ==", "{MD5}X03MO1qnZdYdgyfeuILPmQ=="},
        {"{SHA1}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g="},
        {"{SHA1.HEX}5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8", "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g="},
        {"{SSHA.HEX}5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD800", "{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9gA"},
        {"{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$c2FsdHNhbHQ$aGFzaA", "{ARGON2}$argon2id$v=19$m=65536,t=3,p=1$c2FsdHNhbHQ$aGFzaA"},
        {"{PBKDF2}$1$0123456789abcdef$5000$00112233445566778899aabbccddeeff00112233", "{PBKDF2-SHA1}5000$MDEyMzQ1Njc4OWFiY2RlZg$ABEiM0RVZneImaq7zN3u/wARIjM"},
        {"{PBKDF2-SHA512}10000$c2FsdA$a2V5", "{PBKDF2-SHA512}10000$c2FsdA$a2V5"},
        {"{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9gA", "{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9gA"},
        {"{BLF-CRYPT}!", "{CRYPT}!"},
        {"{CRYPT}*LK*", "{CRYPT}*LK*"},
    };
    for (const row& r : rows) {
        CAPTURE(r.dovecot);
        CHECK(converted(r.dovecot) == r.slapd);
    }
}

TEST_CASE("what slapd has no way to check is refused, with the reason and without the hash") {
    struct row {
        std::string value, reason;
    };
    const std::vector<row> rows = {
        {"{CRAM-MD5}e02d374fde0dc75a17a557039a3a5338c7743304777dccd376f332bee68d2cf6", "slapd cannot check a password by CRAM-MD5"},
        {"{SCRAM-SHA-256}4096,c2FsdA==,a2V5,a2V5", "it is made for logins of that kind"},
        {"{PLAIN-MD4}5f4dcc3b5aa765d61d8327deb882cf99", "it has no such scheme"},
        {"{PLAIN}secretpw", "it holds the password itself"},
        {"{CLEARTEXT}x", "it holds the password itself"},
        {"{CLEARTEXT.B64}c2VjcmV0cHc=", "it holds the password itself"},
        {"{OTP}secretpw", "one use each"},
        {"{NOSUCH}secretpw", "a scheme of hashes"},
        {"secretpw", "it does not begin with {SCHEME}"},
        {"abhfCpXqd4GrI", "it does not begin with {SCHEME}"}, // of DES, or a password of 13 letters
        {"", "it does not begin with {SCHEME}"},
        {"{BLF-CRYPT}secretpw", "this is no hash of BLF-CRYPT"},
        {"{SHA256}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", "this is no hash of SHA256"},
        {"{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", "this is no hash of SSHA"}, // without salt
        {"{SHA.HEX}5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD", "this is no hash of SHA.HEX"},
        {"{SHA.HEX}5BAA61E4C9B93F3F0682250B6CF8331B7EE68Fxx", "this is no hash of SHA.HEX"},
        {"{SHA.}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", "this is no hash"},
        {"{SHA.ROT13}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", "this is no hash"},
        {"{ARGON2ID}secretpw", "this is no hash of ARGON2ID"},
        {"{PBKDF2}$1$short$5000$00112233445566778899aabbccddeeff00112233", "a salt of 16 bytes alone, and this one has 5"},
        {"{PBKDF2}$1$0123456789abcdef$many$00112233445566778899aabbccddeeff00112233", "this is no hash of PBKDF2"},
        {"{PBKDF2}$1$0123456789abcdef$5000$0011", "this is no hash of PBKDF2"},
        {"{PBKDF2}$1$0123456789abcdef", "this is no hash of PBKDF2"},
    };
    for (const row& r : rows) {
        CAPTURE(r.value);
        const std::string sentence = refusal([&] { from_dovecot(r.value); });
        CHECK(is_sentence(sentence));
        CHECK(sentence.find(r.reason) != std::string::npos);
        CHECK(sentence.find("secretpw") == std::string::npos);
    }
}

TEST_CASE("a value names the module of slapd that it takes") {
    CHECK(from_dovecot("{SHA256}XohImNooBHFR0OVvjcYpJ3NgPQ1qq73WKhHvch0VQtg=").slapd_module() == "pw-sha2");
    CHECK(from_dovecot("{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$c2FsdHNhbHQ$aGFzaA").slapd_module() == "argon2");
    CHECK(from_dovecot("{PBKDF2-SHA512}10000$c2FsdA$a2V5").slapd_module() == "pw-pbkdf2");
    CHECK(from_dovecot("{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9gA").slapd_module().empty());
    CHECK(from_dovecot("{DES-CRYPT}abhfCpXqd4GrI").slapd_module().empty());
}
