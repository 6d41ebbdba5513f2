#include <functional>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include <vmail/service.hpp>

#include "tree.hpp"

using vmail::address;
using vmail::alias;
using vmail::domain;
using vmail::domain_name;
using vmail::domain_states;
using vmail::mailbox;
using vmail::service_of;
using vmail::service_state;
using vmail::timestamp;

namespace {

const timestamp before = timestamp::parse_digits("20261231235959");
const timestamp end = timestamp::parse_digits("20270101000000");
const timestamp stop = timestamp::parse_digits("20260102030405");

domain example() { return domain(domain_name::parse("example.org")); }
mailbox bob() { return mailbox(address::parse("bob@example.org")); }

void disable(vmail::entry_state& e, std::string_view reason = vmail::reason::manual) {
    e.active = false;
    e.disabled.reason = reason;
    e.disabled.at = stop;
}

void remove(vmail::entry_state& e) {
    e.removed = true;
    e.removed_at = stop;
}

} // namespace

TEST_CASE("how a mailbox stands is one word, and what still works of it") {
    struct row {
        std::string what;
        std::function<void(mailbox&, domain&)> set;
        service_state expected;
    };
    const row rows[] = {
        {"nothing", [](mailbox&, domain&) {}, {.logs_in = true, .sends = true}},
        {"no sending", [](mailbox& m, domain&) { m.smtp_auth = false; }, {.logs_in = true}},
        {"no reading", [](mailbox& m, domain&) { m.may_log_in = false; }, {.sends = true}},
        {"no mail", [](mailbox& m, domain&) { m.may_receive = false; }, {.receives = false, .logs_in = true, .sends = true}},
        {"no mail, its time is up", [](mailbox& m, domain&) { m.may_receive = false, m.expires = vmail::expiry(end); }, {true, "overdue", end, false, true, true}},
        {"disabled", [](mailbox& m, domain&) { disable(m); }, {false, "disabled", stop, false}},
        {"by nobody knows whom", [](mailbox& m, domain&) { m.active = false; }, {false, "disabled", {}, false}},
        {"by the expiry run", [](mailbox& m, domain&) { disable(m, vmail::reason::expired); }, {false, "expired", stop, false}},
        {"removed", [](mailbox& m, domain&) { remove(m); }, {false, "removed", stop, false}},
        {"disabled, then removed", [](mailbox& m, domain&) { disable(m), remove(m); }, {false, "removed", stop, false}},
        {"its time is up", [](mailbox& m, domain&) { m.expires = vmail::expiry(end); }, {true, "overdue", end, true, true, true}},
        {"domain disabled", [](mailbox&, domain& d) { disable(d); }, {false, "domain disabled", stop, false, true, true}},
        {"domain removed", [](mailbox&, domain& d) { remove(d); }, {false, "domain removed", stop, false, true, true}},
        {"no sending, domain removed", [](mailbox& m, domain& d) { m.smtp_auth = false, remove(d); }, {false, "domain removed", stop, false, true}},
        {"both", [](mailbox& m, domain& d) { m.active = false, remove(d); }, {false, "disabled", {}, false}},
        {"overdue, domain disabled",
         [](mailbox& m, domain& d) { m.expires = vmail::expiry(end), disable(d); },
         {false, "domain disabled", stop, false, true, true}},
    };
    for (const auto& r : rows) {
        CAPTURE(r.what);
        mailbox m = bob();
        domain d = example();
        r.set(m, d);
        const auto found = service_of(m, service_of(d), end);
        CHECK(found.why == r.expected.why);
        CHECK(found == r.expected);
    }
}

TEST_CASE("a mailbox works until the instant that its end names, and is not overdue before") {
    mailbox m = bob();
    m.expires = vmail::expiry(end);
    CHECK(service_of(m, {}, before).why == "active");
    CHECK_FALSE(service_of(m, {}, before).since.has_value());
    CHECK(service_of(m, {}, end).why == "overdue");
}

TEST_CASE("an alias receives and nobody logs in to it") {
    alias a(address::parse("info@example.org"));
    CHECK(service_of(a, {}, end) == service_state{});
    a.expires = vmail::expiry(end);
    CHECK(service_of(a, {}, end) == service_state{.why = "overdue", .since = end});
    CHECK(service_of(a, {.in_service = false, .why = "disabled"}, end) ==
          service_state{.in_service = false, .why = "domain disabled", .receives = false});
    disable(a, vmail::reason::expired);
    CHECK(service_of(a, {}, end) == service_state{.in_service = false, .why = "expired", .since = stop, .receives = false});
}

TEST_CASE("an entry whose accountActive makes no sense is found by no daemon") {
    for (const std::vector<std::string>& values : {std::vector<std::string>{}, {"yes"}, {"TRUE", "FALSE"}}) {
        const auto e = tree::entry("vd=example.org", {{"objectClass", {"VirtualDomain"}}, {"accountActive", values}, {"delete", {"FALSE"}}});
        const auto state = service_of(domain::from_entry(e, tree::site()));
        CHECK(state == service_state{.in_service = false, .why = "invalid", .receives = false});
        CHECK(service_of(bob(), state, end).why == "domain disabled");
    }
}

TEST_CASE("each domain is looked up once, in any spelling, and what is known already is not") {
    int asked = 0;
    domain_states states([&](const domain_name& name) -> std::optional<service_state> {
        ++asked;
        domain d(name);
        d.removed = name == domain_name::parse("gone.example");
        return service_of(d);
    });
    domain known = example();
    known.active = false;
    states.add(known);
    CHECK(states.of(domain_name::parse("EXAMPLE.org")).why == "disabled");
    CHECK(asked == 0);
    for (int i = 0; i < 3; ++i) {
        CHECK(states.of(domain_name::parse("gone.example")).why == "removed");
        CHECK(states.of(domain_name::parse("there.example")).why == "active");
    }
    CHECK(asked == 2);
}

TEST_CASE("a domain of which nothing is known stops nothing") {
    domain_states hidden([](const domain_name&) { return std::optional<service_state>(); });
    CHECK(hidden.of(domain_name::parse("example.org")) == service_state{});
    CHECK(domain_states().of(domain_name::parse("example.org")) == service_state{});
}

TEST_CASE("what was stopped with its domain stands as its domain does, and by itself once that works again") {
    domain d = example();
    mailbox m = bob();
    disable(m, vmail::reason::domain);
    CHECK(service_of(m, service_of(d), before).why == "disabled");

    disable(d);
    CHECK(service_of(m, service_of(d), before).why == "domain disabled");
    CHECK_FALSE(service_of(m, service_of(d), before).logs_in);
    remove(d);
    CHECK(service_of(m, service_of(d), before).why == "domain removed");
    disable(m, vmail::reason::compromised);
    CHECK(service_of(m, service_of(d), before).why == "disabled");
}
