#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/routing.hpp>

using namespace vmail;

namespace {

/// Who sends mail on to whom, in example.org.
using tree = std::map<std::string, std::vector<std::string>>;

std::string full(const std::string& local) { return local + "@example.org"; }

std::vector<maildrop> targets_of(const std::vector<std::string>& locals) {
    std::vector<maildrop> all;
    for (const auto& l : locals) all.push_back(maildrop::from_attribute(l.find('@') == std::string::npos ? full(l) : l));
    return all;
}

routing::lookup in(const tree& t) {
    return [&t](const address& a) {
        routing::stop s{.is_ours = a.domain().text() == "example.org", .name = a.key()};
        if (!s.is_ours) return s;
        const auto it = t.find(a.local_part());
        s.is_there = it != t.end();
        if (s.is_there) s.targets = targets_of(it->second);
        return s;
    };
}

std::vector<std::string> circle(const tree& t, const std::string& from) {
    return routing::circle_of(address::parse(full(from)), targets_of(t.at(from)), in(t));
}

/// What Postfix does with its virtual_alias_maps (cleanup_map1n.c): false where it gives up, "unreasonable nesting".
bool postfix_expands(const tree& t, const std::string& from) {
    std::vector<std::string> recipients{from};
    std::set<std::string> been_here;
    for (std::size_t i = 0; i < recipients.size(); ++i)
        for (int count = 0;; ++count) {
            const std::string now = recipients[i];
            if (been_here.contains(now)) break;
            if (count >= 1000 || recipients.size() > 1000) return false;
            const auto found = t.find(now);
            if (found == t.end() || found->second.empty()) break;
            for (std::size_t k = 0; k < found->second.size(); ++k) {
                const std::string& to = found->second[k];
                if (k == 0) recipients[i] = to;
                else recipients.push_back(to);
                if (to == now) been_here.insert(now);
            }
        }
    return true;
}

} // namespace

TEST_CASE("a circle is told with all who are in it") {
    const tree t{{"a", {"b"}}, {"b", {"x@example.net", "c"}}, {"c", {"a"}}, {"d", {"a"}}, {"e", {"b@example.net"}}};
    CHECK(circle(t, "a") == std::vector<std::string>{full("a"), full("b"), full("c"), full("a")});
    CHECK(circle(t, "d") == std::vector<std::string>{full("a"), full("b"), full("c"), full("a")});
    CHECK(circle(t, "e").empty());
}

TEST_CASE("a copy that somebody keeps ends a circle, whoever is in it") {
    const tree t{{"a", {"a", "b"}}, {"b", {"a"}}, {"c", {"b"}}, {"d", {"d", "e"}}, {"e", {"f"}}, {"f", {"e"}}};
    for (const char* const quiet : {"a", "b", "c"}) CHECK_MESSAGE(circle(t, quiet).empty(), quiet);
    CHECK(circle(t, "d") == std::vector<std::string>{full("e"), full("f"), full("e")});
}

TEST_CASE("what is no address, and a long chain, end somewhere") {
    tree t{{"login", {"login"}}};
    CHECK(routing::circle_of(address::parse(full("a")), {maildrop::from_attribute("bob"), maildrop::from_attribute("a@autoreply.x.autoreply")}, in(t)).empty());
    for (int i = 0; i < 5000; ++i) t["n" + std::to_string(i)] = {"n" + std::to_string(i + 1)};
    CHECK(circle(t, "n0").empty());
}

TEST_CASE("there is a circle where Postfix would find no end") {
    std::mt19937 random(7);
    const auto upto = [&](unsigned n) { return static_cast<std::size_t>(random() % (n + 1)); };
    int circles = 0;
    for (int round = 0; round < 4000; ++round) {
        tree t;
        for (char c = 'a'; c <= 'f'; ++c)
            for (std::size_t n = upto(2); n > 0; --n) {
                const std::string to(1, static_cast<char>('a' + upto(7)));
                auto& all = t[std::string(1, c)];
                if (std::find(all.begin(), all.end(), to) == all.end()) all.push_back(to);
            }
        for (const auto& [name, targets] : t) {
            if (targets.size() == 1 && targets.front() == name) continue; // refused before
            const bool found = !circle(t, name).empty();
            circles += found;
            CAPTURE(round);
            CHECK(found != postfix_expands(t, name));
        }
    }
    CHECK(circles > 1000);
}

TEST_CASE("why mail to a target does not arrive") {
    routing::stop found;
    const routing::lookup find = [&](const address&) { return found; };
    const maildrop bob = maildrop::parse("bob@example.org");
    CHECK(!routing::fault_of(bob, find));
    found = {.is_ours = true};
    CHECK(routing::fault_of(bob, find) == "which is not there");
    CHECK(!routing::fault_of(maildrop::from_attribute("bob"), find));
    found.is_there = true;
    CHECK(!routing::fault_of(bob, find));
    found.why_not = service_word::expired;
    CHECK(routing::fault_of(bob, find) == "which is expired");
    found.why_not = service_word::domain_removed;
    CHECK(routing::fault_of(bob, find) == "whose domain is removed");
}
