#include <doctest/doctest.h>

#include <string>
#include <vector>

#include <vmail/error.hpp>
#include <vmail/mailbox.hpp>
#include <vmail/password.hpp>
#include <vmail/password_policy.hpp>

#include "refusal.hpp"

using vmail::password_policy;
using vmail::secret;

namespace {

/// What is missing, or "(accepted)".
std::string missing(const password_policy& policy, const std::string& password, const std::vector<std::string>& personal = {}) {
    try {
        policy.require(secret(password), personal);
        return "(accepted)";
    } catch (const vmail::limit_exceeded& e) {
        return e.what();
    }
}

} // namespace

TEST_CASE("what is in a dictionary, or built too simply, is refused in one sentence") {
    for (const std::string guessable : {"password", "password1", "Passw0rd", "qwertyuiop", "aaaaaaaaaaaa", "abcdefgh", "12345678", "abcdefedcba", "äöüäöüäö", "transatlantic"}) {
        CAPTURE(guessable);
        const std::string sentence = missing({}, guessable);
        CHECK(is_sentence(sentence));
        CHECK(sentence.starts_with("the password "));
    }
    for (const std::string good : {"a quiet walk in May", "k7WqzRt2mV", "Gänse fliegen nach Süden"}) {
        CAPTURE(good);
        CHECK(missing({}, good) == "(accepted)");
    }
    CHECK(missing({.quality = false}, "password") == "(accepted)");
}

TEST_CASE("what anybody knows of its owner is no password") {
    vmail::mailbox m(vmail::address::parse("j.rossmeier@physik.example.org"));
    m.full_name = "Johanna Roßmeier-Köhler";
    m.given_name = "Johanna";
    const auto personal = vmail::personal_words(m);
    for (const std::string known : {"Rossmeier.1984", "johanna:2026!", "x9-Roßmeier-q7", "q7-Köhler-x9", "physik!=2026", "reiemssor.1984"}) {
        CAPTURE(known);
        CHECK(missing({}, known, personal) == "the password is made of the name or the address of its owner");
    }
    CHECK(missing({}, "a quiet walk in May", personal) == "(accepted)");
    CHECK(missing({}, "Rossmeier.1984") == "(accepted)");
    CHECK(missing({.quality = false}, "Rossmeier.1984", personal) == "(accepted)");
}

TEST_CASE("a name that is none does no harm") {
    vmail::mailbox m(vmail::address::parse("ann@example.org"));
    m.full_name = std::string(1'000'000, 'x');
    CHECK(missing({}, "a quiet walk in May", vmail::personal_words(m)) == "(accepted)");
    m.full_name.clear();
    for (int i = 0; i < 100'000; ++i) m.full_name += "word" + std::to_string(i) + ' ';
    CHECK(missing({}, "a quiet walk in May", vmail::personal_words(m)) == "(accepted)");
    CHECK(missing({}, std::string(4096, 'x'), vmail::personal_words(m)) != "(accepted)");
    std::string longest;
    while (longest.size() < 4000) longest += vmail::generate_password().reveal();
    CHECK(missing({}, longest, vmail::personal_words(m)) == "(accepted)");
}

TEST_CASE("length and kinds of characters are asked for by number") {
    CHECK(missing({.quality = false}, "x") == "the password has 1 character, and it takes 8 at least");
    CHECK(missing({.quality = false}, "äöüäöüä") == "the password has 7 characters, and it takes 8 at least");
    CHECK(missing({.min_length = 1, .quality = false}, "x") == "(accepted)");
    const password_policy three{.min_classes = 3, .quality = false};
    const std::string two = "the password has 2 of the four kinds of characters (small letters, capitals, digits, others), and it takes 3 at least";
    CHECK(missing(three, "only small letters") == two);
    CHECK(missing(three, "SmallAndLarge") == two);
    CHECK(missing(three, "12345678ab") == two);
    CHECK(missing(three, "Small And Large") == "(accepted)");
    CHECK(missing(three, "Small4nd") == "(accepted)");
    CHECK(missing(three, "üü12aabb") == "(accepted)"); // what is no ASCII is one of the others
}

TEST_CASE("one that is generated meets the strictest policy but for signs") {
    for (int i = 0; i < 2000; ++i) CHECK(missing({.min_length = vmail::generated_password_length}, std::string(vmail::generate_password().reveal())) == "(accepted)");
}
