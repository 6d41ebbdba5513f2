#include <string>

#include <doctest/doctest.h>

#include <vmail/jobs/sending_rules.hpp>

using vmail::postfwd_rules;
using vmail::rspamd_map;
using vmail::send_limits;
using vmail::sending_rules;

namespace {

sending_rules example() {
    sending_rules rules;
    rules.domains = {{"example.org", send_limits::parse("200/1h")}, {"other.example", send_limits::parse("200/1h,1000/1d")}, {"third.example", send_limits::parse("200/1h")}};
    rules.mailboxes = {{"ann@example.org", send_limits::parse("9/90m")}, {"free@example.org", send_limits()}, {"o'x#y$$z@example.org", send_limits::parse("200/1h")}};
    return rules;
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t n = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
    return n;
}

} // namespace

TEST_CASE("the rules of postfwd ask first who has limits of his own, then whose domain has some, and count each by itself") {
    CHECK(postfwd_rules(example()) == R"(id=vmail-without-login
	sasl_username=~^$
	action=jump(vmail-end)
id=vmail-mailboxes-1
	sasl_username=~^(o\x27x\x23y\x24\x24z@example\.org)$
	action=jump(vmail-200-1h)
id=vmail-mailboxes-2
	sasl_username=~^(ann@example\.org)$
	action=jump(vmail-9-90m)
id=vmail-mailboxes-3
	sasl_username=~^(free@example\.org)$
	action=jump(vmail-end)
id=vmail-domains-1
	sasl_username=~@(example\.org|third\.example)$
	action=jump(vmail-200-1h)
id=vmail-domains-2
	sasl_username=~@(other\.example)$
	action=jump(vmail-200-1h-1000-1d)
id=vmail-others
	action=jump(vmail-end)
id=vmail-200-1h
	action=rate(sasl_username/200/3600/450 4.7.1 This account has reached its limit of 200 recipients in 1h, try again later)
id=vmail-200-1h-1
	action=jump(vmail-end)
id=vmail-200-1h-1000-1d
	action=rate(sasl_username/200/3600/450 4.7.1 This account has reached its limit of 200 recipients in 1h, try again later)
id=vmail-200-1h-1000-1d-1
	action=rate(sasl_username/1000/86400/450 4.7.1 This account has reached its limit of 1000 recipients in 1d, try again later)
id=vmail-200-1h-1000-1d-2
	action=jump(vmail-end)
id=vmail-9-90m
	action=rate(sasl_username/9/5400/450 4.7.1 This account has reached its limit of 9 recipients in 90m, try again later)
id=vmail-9-90m-1
	action=jump(vmail-end)
id=vmail-end
	action=note()
)");
}

TEST_CASE("where nobody has a limit there is one rule all the same, which does nothing: postfwd wants one") {
    CHECK(postfwd_rules({}) == "id=vmail-end\n\taction=note()\n");
    CHECK(rspamd_map({}).empty());
}

TEST_CASE("a rule of postfwd has at most five hundred names") {
    sending_rules rules;
    for (int i = 0; i < 1250; ++i) rules.mailboxes.emplace("u" + std::to_string(i) + "@example.org", send_limits::parse("9/1h"));
    const auto text = postfwd_rules(rules);
    CHECK(count(text, "@example") == 1250);
    CHECK(count(text, "action=jump(vmail-9-1h)") == 3);
    CHECK(count(text, "action=rate(") == 1);
}

TEST_CASE("the map of Rspamd has a line for each domain and mailbox, without a character that means something there") {
    CHECK(rspamd_map(example()) == R"(@example.org 200/1h
@other.example 200/1h,1000/1d
@third.example 200/1h
ann@example.org 9/90m
free@example.org none
o=27x=23y=24=24z@example.org 200/1h
)");
}
