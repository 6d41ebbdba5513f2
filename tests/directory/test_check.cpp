#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/check/check.hpp>
#include <vmail/directory.hpp>
#include <vmail/extension.hpp>
#include <vmail/routing.hpp>

#include "scene.hpp"
#include "support/replicated_directory.hpp"
#include "support/test_directory.hpp"

using namespace vmail;

namespace {

using codes = std::multimap<std::string, std::string>; ///< subjects, by code

codes found_by(directory& d, check::options wanted) {
    codes found;
    check::look(d, wanted, [&](const check::finding& f) { found.emplace(f.code, f.subject); });
    return found;
}

std::multiset<std::string> subjects(const codes& all, const std::string& code) {
    std::multiset<std::string> some;
    for (auto [it, end] = all.equal_range(code); it != end; ++it) some.insert(it->second);
    return some;
}

/// A domain with a few addresses that lead to one another at random, and the same in memory.
class tangle {
public:
    tangle(scene& where, std::mt19937& random, const std::string& name) : random_(random), domain_(name) {
        where.domain(name);
        // What scene gives each domain leads elsewhere.
        for (const auto* const role : {"postmaster@", "abuse@"}) routes_[role + name] = {.targets = {}};
        for (int i = 0; i < addresses; ++i) put(where, "a" + std::to_string(i));
        if (random_() % 2 == 0) put(where, "");
        where.flush();
    }

    struct route {
        bool works = true;
        std::vector<maildrop> targets{};
    };
    const std::map<std::string, route>& routes() const { return routes_; }

    routing::stop stop_of(const address& a) const {
        if (a.domain().text() != domain_) return {};
        std::string name = a.key();
        if (!routes_.contains(name))
            if (const auto base = without_extension(a, scene::site())) name = base->key();
        if (!routes_.contains(name)) name = '@' + domain_;
        const auto it = routes_.find(name);
        if (it == routes_.end()) return {.is_ours = true, .name = a.key()};
        const route& r = it->second;
        return {.is_ours = true, .is_there = true, .name = name, .why_not = r.works ? "" : "disabled", .targets = r.works ? r.targets : std::vector<maildrop>{}};
    }

private:
    static constexpr int addresses = 9;

    std::string some_target() {
        const std::string n = std::to_string(random_() % (addresses + 1)); // the last one is nobody's
        switch (random_() % 5) {
            case 0: return "a" + n + "+x@" + domain_;
            case 1: return "someone@elsewhere.example";
            default: return "A" + n + '@' + domain_;
        }
    }

    void put(scene& where, const std::string& local) {
        const std::string text = local + '@' + domain_;
        route r{.works = random_() % 5 != 0};
        std::vector<std::string> targets;
        const bool is_alias = local.empty() || random_() % 3 != 0;
        for (unsigned n = is_alias ? 1 + random_() % 2 : random_() % 3; n > 0; --n) targets.push_back(some_target());
        if (!is_alias && !targets.empty() && random_() % 2 == 0) targets.push_back(text);
        std::set<std::string> seen;
        std::erase_if(targets, [&](const std::string& t) { return !seen.insert(maildrop::from_attribute(t).key()).second || (is_alias && maildrop::from_attribute(t).key() == text); });
        if (is_alias && targets.empty()) targets = {"someone@elsewhere.example"};
        for (const std::string& t : targets) r.targets.push_back(maildrop::from_attribute(t));
        const auto stop = [&](ldap::entry& e) { e.set("accountActive", r.works ? "TRUE" : "FALSE"); };
        if (is_alias) {
            alias a(alias_address::parse(text));
            a.targets = r.targets;
            ldap::entry e;
            a.to_entry(e, scene::site());
            stop(e);
            where.entry(e);
        } else where.mailbox(text, targets, stop);
        routes_[text] = std::move(r);
    }

    std::mt19937& random_;
    std::string domain_;
    std::map<std::string, route> routes_;
};

/// Whether mail to the address comes by one of these, wherever it goes on.
bool reaches(const tangle& t, const std::string& from, const std::multiset<std::string>& goals) {
    std::set<std::string> seen;
    std::vector<std::string> left = {from};
    while (!left.empty()) {
        const std::string name = left.back();
        left.pop_back();
        if (goals.contains(name)) return true;
        if (!seen.insert(name).second) continue;
        for (const maildrop& m : t.routes().at(name).works ? t.routes().at(name).targets : std::vector<maildrop>{}) {
            const auto next = t.stop_of(address::parse(m.text()));
            if (next.is_there) left.push_back(next.name);
        }
    }
    return false;
}

} // namespace

TEST_CASE("of any tangle of aliases and forwards the same is found wrong as when each of them is followed") {
    ldap::session s(test_directory::shared().as_owner());
    directory d(s, {.site = scene::site()});
    std::mt19937 random(20261129);
    for (int n = 0; n < 60; ++n) {
        scene where(s);
        where.clear();
        const std::string name = unique_domain().text();
        const tangle t(where, random, name);
        CAPTURE(name);
        const auto found = found_by(d, {.domain = domain_name::parse(name), .only = {"alias-loop", "target-missing", "target-stopped"}});
        const auto loops = subjects(found, "alias-loop");

        std::multiset<std::string> missing, stopped;
        const routing::lookup find = [&](const address& a) { return t.stop_of(a); };
        for (const auto& [name_of_it, r] : t.routes()) {
            const std::string& address_text = name_of_it; // clang captures no structured binding
            CAPTURE(address_text);
            if (!r.works) continue;
            for (const maildrop& m : r.targets)
                if (const auto fault = routing::fault_of(m, find)) (*fault == "which is not there" ? missing : stopped).insert(address_text);
            const bool runs_in_circle = !routing::circle_of(alias_address::parse(address_text), r.targets, find).empty();
            REQUIRE(runs_in_circle == reaches(t, address_text, loops));
        }
        REQUIRE(subjects(found, "target-missing") == missing);
        REQUIRE(subjects(found, "target-stopped") == stopped);
    }
}

TEST_CASE("a server that has not what the others have is told, and not when it has caught up") {
    replicated_directory servers(replicated_directory::kind::multi_provider);
    servers.wait_until_even();
    ldap::session s(servers.at({servers.first(), servers.second()}));
    directory d(s, {.site = {.layout = layout(ldap::dn::parse(servers.base()))}});
    const check::options replicas{.only = {"replica-behind"}, .tree = false};
    CHECK(found_by(d, replicas).empty());

    servers.hold_back_second();
    ldap::entry fresh(ldap::dn::parse(servers.base()).child("o", "new"));
    fresh.set("objectClass", "organization");
    fresh.set("o", "new");
    s.add(fresh).success("add", fresh.dn());
    CHECK(subjects(found_by(d, replicas), "replica-behind") == std::multiset<std::string>{servers.second()});

    servers.let_go();
    servers.wait_until_even();
    CHECK(found_by(d, replicas).empty());
}
