#include <set>
#include <string>

#include <doctest/doctest.h>

#include <vmail/error.hpp>

#include <cli/remedy_words.hpp>

using vmail::remedy;
using vmail::tools::advice;
using vmail::tools::words_for;

namespace {

vmail::error refusal(std::string hint, remedy r, std::string subject = {}) {
    return {vmail::error_kind::denied, "no", {.hint = std::move(hint), .remedy = r, .subject = std::move(subject)}};
}

} // namespace

TEST_CASE("each remedy has a word of its own to be logged by") {
    std::set<std::string_view> words;
    for (const auto r : vmail::all_remedies()) words.insert(name(r));
    CHECK(words.size() == vmail::all_remedies().size());
    CHECK(words.count("") == 0);
    CHECK(name(remedy::none) == "none");
    CHECK(name(remedy::give_quota) == "give_quota");
    CHECK(name(remedy::unset_variable) == "unset_variable");
}

TEST_CASE("no remedy is without words of the tools, and no two have the same") {
    std::set<std::string> sentences;
    for (const auto r : vmail::all_remedies()) {
        CAPTURE(name(r));
        const auto words = words_for(r, "example.org");
        CHECK(words.empty() == (r == remedy::none));
        CHECK(words.find('{') == std::string::npos);
        CHECK(sentences.insert(words).second);
    }
}

TEST_CASE("the words name the subject") {
    CHECK(words_for(remedy::add_domain, "example.org") == R"(make it with "mailctl domain add example.org")");
    CHECK(words_for(remedy::raise_limit_quota, "example.org") ==
          R"(give a smaller quota, or raise the total with "mailctl domain set example.org --max-quota SIZE")");
    CHECK(words_for(remedy::look_then_allow_changes, "17") == "look at the list with --dry-run; if it is right, allow it with --max-changes 17");
}

TEST_CASE("a hint about the server and the words of a remedy make one sentence") {
    CHECK(advice(refusal("", remedy::none)).empty());
    CHECK(advice(refusal("ask the server", remedy::none)) == "ask the server");
    CHECK(advice(refusal("", remedy::give_quota)) == "give one with --quota");
    CHECK(advice(refusal("its rules refuse", remedy::ask_identity)) == R"(its rules refuse: "mailctl whoami" tells which one it is)");
}
