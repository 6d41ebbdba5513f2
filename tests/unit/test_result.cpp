#include <functional>
#include <string>
#include <typeinfo>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/error.hpp>

#include <vmail/ldap/request.hpp>
#include <vmail/ldap/result.hpp>

using namespace vmail::ldap;
using vmail::error_kind;

namespace {

const auto bob = dn::parse("mail=bob@example.org,vd=example.org");

/// Calls `inspect` with the error as it was thrown.
void thrown_by(const std::function<void()>& act, const std::function<void(const vmail::error&)>& inspect) {
    try {
        act();
    } catch (const vmail::error& problem) {
        inspect(problem);
        return;
    }
    FAIL("no error");
}

const std::type_info& type_for(error_kind kind) {
    switch (kind) {
    case error_kind::invalid_value: return typeid(vmail::invalid_value);
    case error_kind::not_found: return typeid(vmail::not_found);
    case error_kind::limit_exceeded: return typeid(vmail::limit_exceeded);
    case error_kind::already_exists: return typeid(vmail::already_exists);
    case error_kind::unavailable: return typeid(vmail::unavailable);
    case error_kind::conflict: return typeid(vmail::conflict);
    case error_kind::denied: return typeid(vmail::denied);
    default: return typeid(vmail::error);
    }
}

} // namespace

TEST_CASE("success is silent") {
    CHECK_NOTHROW(result{}.success("read", bob));
    CHECK_NOTHROW((write_result{.outcome = outcome::done}).success("change", bob));
    CHECK_NOTHROW((write_result{.outcome = outcome::done, .result = {.code = -1}, .settled = true}).success("change", bob));
}

TEST_CASE("every row of the table becomes the type of its kind") {
    for (const auto& row : vmail::ldap_error_table()) {
        CAPTURE(row.name);
        thrown_by([&] { result{.code = row.code}.success("change", bob); },
                  [&](const vmail::error& problem) {
                      CHECK(problem.kind() == row.kind);
                      CHECK((typeid(problem) == type_for(row.kind)));
                      CHECK(problem.ldap_code() == row.code);
                      CHECK(problem.dn() == bob.text());
                      const std::string sentence = problem.what();
                      CHECK(sentence.starts_with("cannot change mail=bob@example.org,vd=example.org: "));
                      CHECK_FALSE(sentence.ends_with("."));
                      CHECK_FALSE(sentence.ends_with(": "));
                      if (row.code > 0) CHECK(problem.session_usable());
                  });
    }
}

TEST_CASE("the sentence says what, to which entry, and why, in the server's words") {
    thrown_by([] { result{.code = 32}.success("change", bob); },
              [](const vmail::error& problem) { CHECK(problem.what() == std::string("cannot change mail=bob@example.org,vd=example.org: no such object")); });
    thrown_by([] { result{.code = 50, .diagnostic = "no\x1b[2J\nway"}.success("add", bob); }, [](const vmail::error& problem) {
        CHECK(problem.what() == std::string(R"(cannot add mail=bob@example.org,vd=example.org: insufficient access (no\x1b[2J\x0away))"));
        CHECK(problem.diagnostic() == "no\x1b[2J\nway");
    });
    thrown_by([] { result{.code = -1}.success("read", dn()); },
              [](const vmail::error& problem) { CHECK(problem.what() == std::string("cannot read the root DSE: can't contact LDAP server")); });
}

TEST_CASE("what a server keeps to one entry is there already") {
    const vmail::ldap::result r{.code = 19, .diagnostic = "non-unique attributes found with (mail=ann@example.org)"};
    try {
        r.success("add", vmail::ldap::dn::parse("mail=ann@example.org,o=hosting"));
        FAIL("no error");
    } catch (const vmail::already_exists& e) {
        CHECK(e.what() == std::string("cannot add mail=ann@example.org,o=hosting: another entry has such a value already (non-unique attributes found with (mail=ann@example.org))"));
        CHECK(e.ldap_code() == 19);
    }
    CHECK_THROWS_AS((vmail::ldap::result{.code = 19, .diagnostic = "too long"}.success("add", vmail::ldap::dn())), vmail::invalid_value);
}

TEST_CASE("a code that no table has is still an error") {
    thrown_by([] { result{.code = 4711}.success("read", bob); }, [](const vmail::error& problem) {
        CHECK(problem.kind() == error_kind::invalid_value);
        CHECK(problem.what() == std::string("cannot read mail=bob@example.org,vd=example.org: code 4711"));
    });
    thrown_by([] { result{.code = -4711}.success("read", bob); }, [](const vmail::error& problem) {
        CHECK(problem.kind() == error_kind::unavailable);
        CHECK_FALSE(problem.session_usable());
    });
}

TEST_CASE("the session goes on only after what leaves the connection whole") {
    struct {
        int code;
        bool usable;
    } const rows[] = {{-1, false}, {-2, false}, {-3, false}, {-4, false}, {-5, false}, {-11, false}, {-7, true}, {-9, true}, {32, true}, {51, true}, {80, true}};
    for (const auto& row : rows) {
        CAPTURE(row.code);
        thrown_by([&] { result{.code = row.code}.success("read", bob); }, [&](const vmail::error& problem) { CHECK(problem.session_usable() == row.usable); });
    }
}

TEST_CASE("errors with a remedy name it") {
    struct {
        int code;
        std::string_view words;
    } const rows[] = {
        {4, "size.hard=unlimited size.prtotal=unlimited"}, {11, "size.pr"}, {50, "access rules"}, {49, "password"}, {13, "ldaps://"}, {8, "authentication"},
        {122, "try again"}, {53, "read-only"}, {80, "disk"}, {10, "no copy"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.code);
        thrown_by([&] { result{.code = row.code}.success("read", bob); },
                  [&](const vmail::error& problem) { CHECK(problem.hint().find(row.words) != std::string::npos); });
    }
    thrown_by([] { result{.code = 10, .referrals = {"ldap://master\x1b/o=x"}}.success("change", bob); }, [](const vmail::error& problem) {
        CHECK(std::string(problem.what()) == "cannot change mail=bob@example.org,vd=example.org: this server leaves it to another one");
        CHECK(problem.hint() == R"(use ldap://master\x1b)");
    });
    thrown_by([] { result{.code = 53, .diagnostic = "operation restricted"}.success("change", bob); }, [](const vmail::error& problem) {
        CHECK(std::string(problem.what()) == "cannot change mail=bob@example.org,vd=example.org: the server takes no changes (operation restricted)");
        CHECK(problem.hint().find("olcReadOnly") != std::string::npos);
    });
    thrown_by([] { result{.code = 32}.success("read", bob); }, [](const vmail::error& problem) { CHECK(problem.hint().empty()); });
    thrown_by([] { result{.code = 50}.success("read", bob); }, [](const vmail::error& problem) { CHECK(problem.remedy() == vmail::remedy::ask_identity); });
    thrown_by([] { (write_result{.outcome = outcome::unknown, .result = {.code = 50}}).success("change", bob); },
              [](const vmail::error& problem) { CHECK(problem.remedy() == vmail::remedy::none); });
}

TEST_CASE("a write without an answer is in doubt, whatever the code") {
    for (const int code : {0, -1, -5, 51}) {
        CAPTURE(code);
        thrown_by([&] { (write_result{.outcome = outcome::unknown, .result = {.code = code}}).success("change", bob); }, [&](const vmail::error& problem) {
            CHECK(problem.in_doubt());
            CHECK_FALSE(problem.retryable());
            CHECK_FALSE(problem.session_usable());
            CHECK(problem.ldap_code() == code);
            CHECK(std::string(problem.what()).starts_with("cannot tell whether the request to change mail=bob@example.org,vd=example.org was carried out: "));
        });
    }
}

TEST_CASE("a write that was not done is the error of its result") {
    thrown_by([] { (write_result{.outcome = outcome::not_done, .result = {.code = 68}}).success("add", bob); },
              [](const vmail::error& problem) { CHECK((typeid(problem) == typeid(vmail::already_exists))); });
    thrown_by([] { (write_result{.outcome = outcome::not_done, .settled = true}).success("add", bob); },
              [](const vmail::error& problem) { CHECK((typeid(problem) == typeid(vmail::unavailable))); });
}

TEST_CASE("a precondition is a filter over what was read") {
    entry e(bob);
    CHECK_THROWS_AS(precondition::unchanged(e), vmail::invalid_value);
    e.set("entryUUID", "1b");
    CHECK_THROWS_AS(precondition::unchanged(e), vmail::invalid_value);
    e.set("entryCSN", "");
    CHECK_THROWS_AS(precondition::unchanged(e), vmail::invalid_value);
    e.set("entryCSN", "2026#0");
    auto guard = precondition::unchanged(e);
    CHECK(guard.to_filter()->text() == "(&(entryUUID=1b)(entryCSN=2026\\230))");
    guard.also.push_back(filter::equal("accountActive", "TRUE"));
    CHECK(guard.to_filter()->text() == "(&(entryUUID=1b)(entryCSN=2026\\230)(accountActive=TRUE))");
    CHECK((precondition{.entry_uuid = "1b"}).to_filter()->text() == "(entryUUID=1b)");
    CHECK_FALSE(precondition{}.to_filter().has_value());
}

TEST_CASE("a request knows its entry and its size") {
    entry e(bob);
    e.set("cn", std::vector<std::string>{"12345", "67890"});
    const auto name_size = bob.text().size();
    CHECK(target(add_request{e}) == bob);
    CHECK(approximate_size(add_request{e}) == name_size + 2 + 10);
    CHECK(target(modify_request{bob, {{change::add, "cn", {"1"}}}}) == bob);
    CHECK(approximate_size(modify_request{bob, {{change::add, "cn", {"1"}}}}) == name_size + 3);
    CHECK(approximate_size(modify_request{bob, {}, {.entry_uuid = "1"}}) == name_size + std::string_view("(entryUUID=1)").size());
    CHECK(target(delete_request{bob}) == bob);
    CHECK(approximate_size(delete_request{bob}) == name_size);
    CHECK(target(rename_request{bob, dn::parse("cn=x")}) == bob);
    CHECK(approximate_size(rename_request{bob, dn::parse("cn=x")}) == name_size + 4);
}
