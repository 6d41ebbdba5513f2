#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/routing_sources.hpp>
#include <vmail/routing_targets.hpp>
#include <vmail/routing_trace.hpp>

using namespace vmail;
using routing::domain_class;
using routing::ending;
using routing::holder;
using routing::holding;
using routing::outcome;
using routing::recipient;

namespace {

/// A directory in memory, which counts how often it is asked.
struct tree {
    std::map<std::string, holding> entries{};
    std::map<std::string, routing::domain_holding> domains{{"a.example", {domain_class::ours, {}}},
                                                           {"off.example", {domain_class::ours, "domain disabled"}},
                                                           {"spare.example", {domain_class::backup, {}}},
                                                           {"past.example", {domain_class::backup, "domain disabled"}},
                                                           {"lists.example", {domain_class::lists, {}}},
                                                           {"theirs.example", {domain_class::hidden, {}}}};
    std::size_t asked = 0;

    void mailbox(const std::string& address) { entries[address] = {.kind = holder::mailbox, .entries = 1}; }
    void forward(const std::string& address, std::vector<std::string> to) { entries[address] = {.kind = holder::forward, .targets = std::move(to), .entries = 1}; }
    void alias(const std::string& address, std::vector<std::string> to) { entries[address] = {.kind = holder::alias, .targets = std::move(to), .entries = 1}; }
    void idle(const std::string& address, std::string why) { entries[address] = {.entry = "mailbox", .why = std::move(why), .entries = 1}; }

    routing::trace trace(const std::string& address, std::string delimiters = "+") {
        return routing::trace_of(recipient::parse(address), {[this](const std::string& a) {
                                                                 ++asked;
                                                                 const auto it = entries.find(a);
                                                                 return it == entries.end() ? holding{} : it->second;
                                                             },
                                                             [this](const std::string& d) {
                                                                 const auto it = domains.find(d);
                                                                 return it == domains.end() ? routing::domain_holding{} : it->second;
                                                             },
                                                             std::move(delimiters)});
    }

    /// "bob@a.example mailbox, x@b.example outside".
    std::string ends(const std::string& address, const std::string& delimiters = "+") {
        constexpr const char* words[] = {"mailbox", "list", "backup", "outside", "server", "hidden", "lost"};
        std::string text;
        for (const auto& d : trace(address, delimiters).ends)
            text += (text.empty() ? "" : ", ") + d.address + ' ' + words[static_cast<std::size_t>(d.kind)] + (d.why.empty() ? "" : ": " + d.why);
        return text;
    }

    std::string refusal(const std::string& address) {
        const auto t = trace(address);
        return t.outcome == outcome::refused ? t.why : "(let in)";
    }
};

} // namespace

TEST_CASE("an address is taken apart as Postfix does") {
    struct row {
        std::string text, delimiters, base, extension;
    };
    for (const auto& [text, delimiters, base, extension] : std::vector<row>{
             {"bob+x@a.example", "+", "bob@a.example", "+x"},
             {"bob+x+y@a.example", "+", "bob@a.example", "+x+y"},
             {"bob+@a.example", "+", "bob@a.example", "+"},
             {"bob-x+y@a.example", "+-", "bob@a.example", "-x+y"},
             {"\"a b+x\"@a.example", "+", "\"a b\"@a.example", "+x"},
             {"+bob@a.example", "+", "", ""},
             {"+bob+x@a.example", "+", "", ""},
             {"bob@a.example", "+", "", ""},
             {"bob+x@a.example", "", "", ""},
             {"bob+x@a.example", "-", "", ""},
             {"owner-x@a.example", "-", "", ""},
             {"x-Request@a.example", "-", "", ""},
             {"-request@a.example", "-", "", ""},
             {"owner-x@a.example", "+", "", ""},
             {"Postmaster@a.example", "m", "", ""},
             {"postmaster+x@a.example", "+", "postmaster@a.example", "+x"}}) {
        const std::string& asked = text; // clang captures no structured binding
        CAPTURE(asked);
        const auto split = routing::without_extension(recipient::parse(asked), delimiters);
        CHECK((split ? split->base.text() : "") == base);
        CHECK((split ? split->extension : "") == extension);
    }
}

TEST_CASE("quotes are put where they are needed, and nowhere else") {
    for (const std::string text : {"bob@a.example", "\"a b\"@a.example", "\"a\\\"b\"@a.example", "\".bob\"@a.example", "\"b..b\"@a.example", "root", "@a.example"})
        CHECK(recipient::parse(text).text() == text);
    CHECK(recipient::parse("\"bob\"@a.example").text() == "bob@a.example");
    CHECK(recipient::parse("\"b\\ob\"@A.example").key() == "bob@a.example");
}

TEST_CASE("mail goes to the mailbox, the alias, the address without extension, and last to the catch-all") {
    tree t;
    t.mailbox("bob@a.example");
    t.alias("info@a.example", {"Bob@a.example", "x@b.example"});
    t.alias("bob+own@a.example", {"x@b.example"});
    t.alias("@a.example", {"bob@a.example"});
    CHECK(t.ends("bob@a.example") == "bob@a.example mailbox");
    CHECK(t.ends("BOB@A.example") == "BOB@A.example mailbox");
    CHECK(t.ends("bob+x@a.example") == "bob@a.example mailbox");
    CHECK(t.ends("bob+own@a.example") == "x@b.example outside");
    CHECK(t.ends("info@a.example") == "Bob@a.example mailbox, x@b.example outside");
    CHECK(t.ends("info+x@a.example") == "Bob@a.example mailbox, x+x@b.example outside");
    CHECK(t.ends("nobody+x@a.example") == "bob@a.example mailbox");
    CHECK(t.trace("info+x@a.example").ends.front().recipient == "Bob+x@a.example");
}

TEST_CASE("what is not in service leaves its mail to the catch-all, or has it refused with the reason") {
    tree t;
    t.idle("bob@a.example", "disabled");
    CHECK(t.refusal("bob@a.example") == "disabled");
    CHECK(t.refusal("bob+x@a.example") == "disabled");
    CHECK(t.refusal("nobody@a.example") == "not there");
    CHECK(t.refusal("bob@off.example") == "domain disabled");
    CHECK(t.refusal("x@past.example") == "domain disabled");
    t.mailbox("ann@a.example");
    t.alias("@a.example", {"ann@a.example"});
    CHECK(t.ends("bob@a.example") == "ann@a.example mailbox");
    CHECK(t.trace("bob@a.example").steps.front().passed_over == "disabled");
}

TEST_CASE("what an alias leads to is not asked at the door") {
    tree t;
    t.mailbox("ann@a.example");
    t.idle("bob@a.example", "closed to mail");
    t.mailbox("ann@off.example");
    t.forward("fwd@off.example", {"x@b.example"});
    t.alias("all@a.example", {"bob@a.example", "nobody@a.example", "ann@off.example", "fwd@off.example", "any@spare.example", "x@past.example", "s@lists.example", "root",
                              "postmaster@localhost", "y@theirs.example"});
    CHECK(t.ends("all@a.example") == "bob@a.example lost: closed to mail, nobody@a.example lost: not there, ann@off.example lost: domain disabled, x@b.example outside, "
                                     "any@spare.example backup, x@past.example outside, s@lists.example list, root server, postmaster@localhost server, y@theirs.example hidden");
    CHECK(t.trace("all@a.example").outcome == outcome::partly);
    t.alias("sad@a.example", {"nobody@a.example"});
    CHECK(t.trace("sad@a.example").outcome == outcome::lost);
}

TEST_CASE("a backup domain has the addresses that are in the directory, and what is below one has none") {
    tree t;
    t.entries["ann@spare.example"] = {.is_taken = true, .entries = 1};
    CHECK(t.ends("ann+x@spare.example") == "ann+x@spare.example backup");
    CHECK(t.refusal("bob@spare.example") == "not taken");
    CHECK(t.refusal("ann@sub.spare.example") == "not taken");
    t.entries["@spare.example"] = {.is_taken = true, .entries = 1};
    CHECK(t.ends("bob@spare.example") == "bob@spare.example backup");
    CHECK(t.ends("any@lists.example") == "any@lists.example list");
    CHECK(t.trace("x@b.example").outcome == outcome::outside);
    CHECK(t.ends("y@theirs.example") == "y@theirs.example hidden");
}

TEST_CASE("an alias that names itself has no mailbox, and a forward that does keeps a copy") {
    tree t;
    t.alias("itself@a.example", {"itself@a.example", "x@b.example"});
    CHECK(t.ends("itself@a.example") == "itself@a.example lost: no mailbox, x@b.example outside");
    t.forward("bob@a.example", {"x@b.example", "BOB@a.example", "round@a.example"});
    t.alias("round@a.example", {"bob@a.example"});
    CHECK(t.ends("bob@a.example") == "x@b.example outside, BOB@a.example mailbox");
}

TEST_CASE("Dovecot cuts a name at its first delimiter, wherever that is, and knows none with quotes") {
    tree t;
    for (const std::string local : {"+bob", "first-last", "\"a b\"", "first"}) t.mailbox(local + "@a.example");
    CHECK(t.ends("+bob@a.example") == "+bob@a.example lost: no user of dovecot");
    CHECK(t.ends("+bob@a.example", "") == "+bob@a.example mailbox");
    CHECK(t.ends("\"a b\"@a.example") == "\"a b\"@a.example lost: no user of dovecot");
    CHECK(t.ends("first-last@a.example") == "first-last@a.example mailbox");
    CHECK(t.ends("first-last@a.example", "-") == "first@a.example mailbox"); // somebody else's
    t.entries.erase("first@a.example");
    CHECK(t.ends("first-last@a.example", "-") == "first-last@a.example lost: no user of dovecot");
}

TEST_CASE("a domain that leads to another one keeps the name") {
    tree t;
    t.mailbox("bob@a.example");
    t.domains["old.example"] = {domain_class::ours, {}};
    t.alias("@older.example", {"@a.example, x@b.example"});
    t.alias("@oldest.example", {"@a.example", "x@b.example"});
    for (const std::string domain : {"older.example", "oldest.example"}) {
        t.domains[domain] = {domain_class::ours, {}};
        CHECK(t.ends("bob+x@" + domain) == "bob@a.example mailbox, x@b.example outside");
    }
    t.alias("@old.example", {"@a.example"});
    CHECK(t.ends("bob+x@old.example") == "bob@a.example mailbox");
    CHECK(t.ends("ann@old.example") == "ann@a.example lost: not there");
}

TEST_CASE("the transport of a domain is that of its mailboxes, and of nothing else") {
    tree t;
    t.mailbox("bob@a.example");
    t.alias("info@a.example", {"bob@a.example", "nobody@a.example", "x@b.example"});
    t.domains["a.example"].transport = "maildrop:";
    const auto ends = t.trace("info@a.example").ends;
    REQUIRE(ends.size() == 3);
    CHECK(ends[0].transport == "maildrop:");
    CHECK(ends[1].transport.empty());
    CHECK(ends[2].transport.empty());
}

TEST_CASE("what Postfix takes for a route is refused at the door, and nowhere else") {
    tree t;
    for (const char* const local : {"a%b", "a!b", "\"a@b\""}) {
        const std::string address = std::string(local) + "@a.example";
        t.mailbox(address);
        CHECK(t.refusal(address) == "routed");
    }
    t.alias("in@a.example", {"a%b@a.example"});
    CHECK(t.ends("in@a.example") == "a%b@a.example mailbox");
}

TEST_CASE("a stored target is read as Postfix does, which finds several in one") {
    const auto in = [](const char* value) {
        std::string all;
        for (const auto& t : routing::targets_in(value)) all += '[' + t.text + ']';
        return all;
    };
    CHECK(in("a@x.org") == "[a@x.org]");
    CHECK(in("a@x.org, b@x.org,c@x.org") == "[a@x.org][b@x.org][c@x.org]");
    CHECK(in("a@x.org b@x.org") == "[a@x.org][b@x.org]");
    CHECK(in("a @ x.org") == "[a@x.org]");
    CHECK(in("B Jones <b@x.org>, a@x.org") == "[b@x.org][a@x.org]");
    CHECK(in("\"Jones, B\" <b@x.org>") == "[b@x.org]");
    CHECK(in("\"a, b\"@x.org") == "[\"a, b\"@x.org]");
    CHECK(in("<@relay.org,@other.org:b@x.org>") == "[b@x.org]");
    CHECK(in("b@x.org (B, Jones)") == "[b@x.org]");
    CHECK(in("b@x.org.") == "[b@x.org]");
    CHECK(in("@x.org") == "[@x.org]");
    CHECK(in("bob") == "[bob]");
    CHECK(in("a@x.org,,") == "[a@x.org]");
    CHECK(in("\"open@x.org") == "[\"open@x.org]");
    CHECK(in("(open") == "[(open]");
    CHECK(in("<b@x.org") == "[b@x.org]");
    CHECK(in("") == "[]");
    tree t;
    t.mailbox("bob@a.example");
    t.mailbox("ann@a.example");
    t.alias("both@a.example", {"Bob <bob@a.example>, ann@a.example."});
    CHECK(t.ends("both+x@a.example") == "bob@a.example mailbox, ann@a.example mailbox");
}

TEST_CASE("Postfix' limits hold to the one") {
    tree t;
    for (int i = 0; i < 1001; ++i) t.alias("c" + std::to_string(i) + "@a.example", {"c" + std::to_string(i + 1) + "@a.example"});
    t.mailbox("c1001@a.example");
    CHECK(t.trace("c2@a.example").outcome == outcome::arrives);
    CHECK(t.trace("c1@a.example").why == "too many steps");
    const auto many = [](int count) {
        std::vector<std::string> all;
        for (int i = 0; i < count; ++i) all.push_back("x" + std::to_string(i) + "@b.example");
        return all;
    };
    t.alias("thousand@a.example", many(1000));
    t.alias("more@a.example", many(1001));
    CHECK(t.trace("thousand@a.example").ends.size() == 1000);
    CHECK(t.trace("more@a.example").why == "too many recipients");
    t.alias("twice@a.example", {"thousand@a.example", "x1@b.example"}); // the same recipient counts again
    CHECK(t.trace("twice@a.example").why == "too many recipients");
    t.alias("long@a.example", {std::string(991, 'x') + "@b.example"});
    CHECK(t.trace("long@a.example").why == "too long an address");
}

TEST_CASE("what goes round is told with the entries of the circle, from where the mail came into it") {
    tree t;
    t.alias("in@a.example", {"x@b.example", "one@a.example"});
    t.alias("one@a.example", {"two@a.example"});
    t.alias("two@a.example", {"one@a.example", "y@b.example"});
    const auto circle = t.trace("in@a.example");
    CHECK(circle.outcome == outcome::deferred);
    CHECK(circle.why == "circle");
    CHECK(circle.circle == std::vector<std::string>{"one@a.example", "two@a.example", "one@a.example"});
    CHECK(circle.ends.empty());
    t.alias("grows@a.example", {"grows+x@a.example"});
    CHECK(t.trace("grows@a.example").circle == std::vector<std::string>{"grows@a.example", "grows@a.example"});
    for (int i = 0; i < 1000; ++i) t.alias("ring" + std::to_string(i) + "@a.example", {"ring" + std::to_string((i + 1) % 1000) + "@a.example"});
    CHECK(t.trace("ring0@a.example").circle.size() == 1001);
}

TEST_CASE("what runs into a limit and not round is no circle, and a mailbox is never in one") {
    tree t;
    t.mailbox("m@a.example");
    std::vector<std::string> many = {"m@a.example"};
    for (int i = 0; i < 1000; ++i) many.push_back("x" + std::to_string(i) + "@b.example");
    t.alias("wide@a.example", many);
    CHECK(t.trace("wide@a.example").why == "too many recipients");
    CHECK(t.trace("wide@a.example").circle.empty());
    t.alias("r@a.example", {"m@a.example", "r2@a.example"});
    t.alias("r2@a.example", {"r@a.example"});
    CHECK(t.trace("r@a.example").circle == std::vector<std::string>{"r@a.example", "r2@a.example", "r@a.example"});
    for (int i = 0; i < 40; ++i)
        for (const std::string side : {"a", "b"}) t.alias(side + std::to_string(i) + "@a.example", {"a" + std::to_string(i + 1) + "@a.example", "b" + std::to_string(i + 1) + "@a.example"});
    t.mailbox("a40@a.example");
    t.mailbox("b40@a.example");
    CHECK(t.trace("a0@a.example").why == "too many recipients");
    // By one catch-all twice, for two names.
    t.domains["old.example"] = {domain_class::ours, {}};
    t.alias("@old.example", {"@a.example"});
    t.alias("k@a.example", {"j@old.example"});
    t.alias("j@a.example", many);
    CHECK(t.trace("k@old.example").why == "too many recipients");
    t.domains["new.example"] = {domain_class::ours, {}};
    t.alias("@new.example", {"@back.example"});
    t.domains["back.example"] = {domain_class::ours, {}};
    t.alias("@back.example", {"@new.example"});
    CHECK(t.trace("k@new.example").circle == std::vector<std::string>{"@new.example", "@back.example", "@new.example"});
}

TEST_CASE("each address is asked for once, and an alias with a hundred thousand targets costs none of theirs") {
    tree t;
    t.mailbox("bob@a.example");
    t.alias("all@a.example", {"bob@a.example", "also@a.example", "info@a.example"});
    t.alias("also@a.example", {"bob@a.example"});
    t.alias("info@a.example", {"bob@a.example"});
    t.trace("all@a.example");
    CHECK(t.asked == 4);
    std::vector<std::string> many;
    for (int i = 0; i < 100000; ++i) many.push_back("x" + std::to_string(i) + "@b.example");
    t.alias("many@a.example", many);
    t.asked = 0;
    const auto lost = t.trace("many@a.example");
    CHECK(lost.why == "too many recipients");
    CHECK(t.asked < 10);
    CHECK(lost.steps.front().targets == 100000);
    CHECK(lost.steps.front().to.size() == 1000);
}

TEST_CASE("the way back goes through what sends to senders, each once") {
    const std::map<std::string, std::vector<std::string>> senders{{"bob", {"info", "team"}}, {"info", {"team", "@old"}}, {"team", {"info"}}, {"@old", {"bob"}}};
    std::size_t asked = 0;
    const auto all = routing::sources_of("bob", [&](const std::string& to) {
        ++asked;
        std::vector<routing::sender> found;
        if (const auto it = senders.find(to); it != senders.end())
            for (const auto& s : it->second) found.push_back({s, routing::sender_word::alias, {}});
        return found;
    });
    CHECK(asked == 4);
    std::string text;
    for (const auto& s : all) {
        text += s.who.address + " to";
        for (const auto& to : s.to) text += ' ' + to;
        text += "; ";
    }
    CHECK(text == "info to bob team; team to bob info; @old to info; bob to @old; ");
}
