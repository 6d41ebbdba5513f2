#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/check/check.hpp>
#include <vmail/directory.hpp>
#include <vmail/routing_trace.hpp>

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

/// Two domains with a few addresses that lead to one another at random, and what was meant by each value, in memory.
class tangle {
public:
    tangle(scene& where, std::mt19937& random, const std::string& name) : random_(random), domains_{name, "too-" + name} {
        for (const std::string& domain : domains_) {
            where.domain(domain);
            for (const auto* const role : {"postmaster@", "abuse@"}) routes_[role + domain] = {.is_alias = true, .targets = {"postmaster"}}; // as scene makes them
        }
        for (const std::string& domain : domains_) {
            for (int i = 0; i < addresses; ++i) put(where, "a" + std::to_string(i), domain);
            put(where, "\"b c\"", domain);
            if (random_() % 2 == 0) put(where, "", domain);
        }
        where.flush();
    }

    struct route {
        bool works = true, is_alias = false;
        std::vector<std::string> targets{}; ///< each by itself
    };
    const std::map<std::string, route>& routes() const { return routes_; }

    /// Whatever mail may be sent to.
    std::set<std::string> questions() const {
        std::set<std::string> all;
        for (const std::string& domain : domains_) all.insert("anybody@" + domain);
        for (const auto& [name, r] : routes_) {
            if (!name.starts_with('@')) all.insert(name);
            all.insert(r.targets.begin(), r.targets.end());
        }
        for (const std::string& text : std::set<std::string>(all))
            for (const std::string& domain : domains_) all.insert(text.substr(0, text.rfind('@')) + '@' + domain);
        std::erase_if(all, [](const std::string& text) { return text.find('@') == std::string::npos || text.starts_with('@'); });
        return all;
    }

    routing::trace trace(const std::string& address) const {
        const auto find = [this](const std::string& key) {
            routing::holding h;
            const auto it = routes_.find(key);
            if (it == routes_.end() || !it->second.works) return h;
            const bool sends_on = it->second.is_alias || !it->second.targets.empty();
            h.kind = it->second.is_alias ? routing::holder::alias : sends_on ? routing::holder::forward : routing::holder::mailbox;
            h.targets = it->second.targets;
            h.entries = 1;
            return h;
        };
        const auto find_domain = [this](const std::string& name) { return routing::domain_holding{is_ours(name) ? routing::domain_class::ours : routing::domain_class::elsewhere, {}}; };
        return routing::trace_of(routing::recipient::parse(address), {find, find_domain, "+"});
    }

    /// The entry that a target means, whether it is in service or not; nothing: none, or it is elsewhere, or whoever is asked for.
    const route* meant_by(const std::string& target) const {
        const auto r = routing::recipient::parse(target);
        for (const std::string& name : {r.key(), routing::recipient{r.local.substr(0, r.local.find('+')), r.domain}.key(), '@' + r.domain})
            if (const auto it = routes_.find(name); it != routes_.end()) return &it->second;
        return nullptr;
    }
    bool is_in_domain(const std::string& target) const { return is_ours(target.substr(target.rfind('@') + 1)) && !target.starts_with('@'); }

private:
    static constexpr int addresses = 6;

    bool is_ours(const std::string& name) const { return std::find(domains_.begin(), domains_.end(), name) != domains_.end(); }

    std::string some_target() {
        const std::string n = std::to_string(random_() % (addresses + 1)); // the last one is nobody's
        const std::string& domain = domains_[random_() % 2];
        switch (random_() % 8) {
            case 0: return "a" + n + "+x@" + domain;
            case 1: return "someone@elsewhere.example";
            case 2: return random_() % 2 == 0 ? "\"b c\"@" + domain : "\"b c+x\"@" + domain;
            default: return "a" + n + '@' + domain;
        }
    }

    /// A value that means some targets, in one of the ways in which Postfix reads it.
    std::string value_of(std::vector<std::string> meant) {
        std::string text;
        for (std::string& t : meant) {
            switch (random_() % 6) {
                case 0: t = "\"Jones, B\" <" + t + '>'; break;
                case 1: t += " (a, comment)"; break;
                case 2: t += '.'; break;
                case 3: t[0] = t[0] == 'a' ? 'A' : t[0]; break;
                default: break;
            }
            text += (text.empty() ? "" : ", ") + t;
        }
        return text;
    }

    void put(scene& where, const std::string& local, const std::string& domain) {
        const std::string text = local + '@' + domain;
        const std::string key = local.starts_with('"') ? text : address::parse("x" + text).key().substr(1);
        route r{.works = random_() % 6 != 0, .is_alias = local.empty() || local.starts_with('"') || random_() % 3 != 0};
        std::vector<std::string> values;
        if (r.is_alias && random_() % (local.empty() ? 2 : 10) == 0) {
            const std::string& other = domains_[random_() % 2];
            values = {'@' + other};
            r.targets = values;
        }
        for (auto n = random_() % 3 + (r.is_alias && values.empty() ? 1 : 0); n > 0; --n) {
            std::vector<std::string> meant;
            for (auto k = 1 + random_() % 4 / 3; k > 0; --k) meant.push_back(random_() % 10 == 0 && !local.empty() ? text : some_target());
            const std::string value = value_of(meant);
            if (std::any_of(values.begin(), values.end(), [&](const std::string& v) { return maildrop::from_attribute(v).key() == maildrop::from_attribute(value).key(); })) continue;
            values.push_back(value);
            r.targets.insert(r.targets.end(), meant.begin(), meant.end());
        }
        const auto stop = [&](ldap::entry& e) { e.set("accountActive", r.works ? "TRUE" : "FALSE"); };
        if (r.is_alias) {
            alias a(alias_address::parse(text));
            for (const std::string& v : values) a.targets.push_back(maildrop::from_attribute(v));
            ldap::entry e;
            a.to_entry(e, scene::site());
            stop(e);
            where.entry(e);
        } else where.mailbox(text, values, [&](ldap::entry& e) {
            stop(e);
            e.set("mailbox", domain + "/f" + std::to_string(routes_.size()) + '/');
        });
        routes_[key] = std::move(r);
    }

    std::mt19937& random_;
    std::vector<std::string> domains_;
    std::map<std::string, route> routes_;
};

std::set<std::string> told(const codes& all, const std::string& code) {
    std::set<std::string> some;
    for (const std::string& subject : subjects(all, code)) some.insert(subject);
    return some;
}

/// Whether mail to an entry leads to it again, hop by hop. Extensions grow: two are as good as one.
bool comes_again(const tangle& t, const std::string& entry) {
    std::set<std::string> seen;
    std::vector<std::string> left = {entry};
    while (!left.empty()) {
        const auto first = t.trace(std::exchange(left.back(), {})).steps.front();
        left.pop_back();
        for (std::string to : first.to) {
            if (const auto at = to.find("+x+x"); at != std::string::npos) to.erase(at, 2);
            const auto next = t.trace(to);
            if (!next.steps.empty() && next.steps.front().found == entry) return true;
            if (seen.insert(to).second) left.push_back(to);
        }
    }
    return false;
}

std::string joined(const std::set<std::string>& all) {
    std::string text;
    for (const std::string& one : all) text += one + ' ';
    return text;
}

std::set<std::string> within(std::set<std::string> all, const std::string& domain) {
    std::erase_if(all, [&](const std::string& address) { return !address.ends_with('@' + domain); });
    return all;
}

} // namespace

TEST_CASE("of any tangle of aliases and forwards the same is found wrong as when mail to each of them is traced") {
    ldap::session s(test_directory::shared().as_owner());
    directory d(s, {.site = scene::site()});
    std::mt19937 random(20261129);
    std::size_t circles = 0;
    for (int n = 0; n < 40; ++n) {
        scene where(s);
        where.clear();
        const std::string name = unique_domain().text();
        const tangle t(where, random, name);
        CAPTURE(name);
        std::string shown;
        for (const auto& [of, r] : t.routes()) {
            shown += (r.works ? "" : "# ") + of + (r.is_alias ? " ->" : " =");
            for (const auto& to : r.targets) shown += ' ' + to + ',';
            shown += '\n';
        }
        CAPTURE(shown);
        check::options about{.only = {"alias-loop", "target-missing", "target-stopped", "targets-too-many"}};
        const auto found = found_by(d, about);
        about.domain = domain_name::parse(name);
        const auto found_there = found_by(d, about);
        for (const std::string& code : about.only) REQUIRE(joined(told(found_there, code)) == joined(within(told(found, code), name)));
        const auto loops = told(found, "alias-loop");
        circles += loops.size();
        CHECK(told(found, "targets-too-many").empty());

        std::set<std::string> missing, stopped;
        for (const std::string& asked : t.questions()) {
            const auto traced = t.trace(asked);
            CAPTURE(asked);
            const auto circle = joined({traced.circle.begin(), traced.circle.end()});
            CAPTURE(circle);
            for (const std::string& one : traced.circle) {
                CAPTURE(one);
                REQUIRE(loops.contains(one)); // a trace tells of one circle, and there may be more
            }
            const auto key = routing::recipient::parse(asked).key();
            if (loops.contains(key)) REQUIRE(traced.why == routing::loss_word::in_circle);
            if (loops.contains(key)) REQUIRE(comes_again(t, key));
            if (traced.why == routing::loss_word::too_many || traced.why == routing::loss_word::too_deep) FAIL("the circle was not seen");
        }
        for (const auto& [name_of_it, r] : t.routes())
            for (std::string target : r.works ? r.targets : std::vector<std::string>{}) {
                if (target.starts_with('@')) target.insert(0, name_of_it.substr(0, name_of_it.rfind('@')));
                if (!t.is_in_domain(target)) continue;
                const auto* const to = t.meant_by(target);
                if (to == nullptr) missing.insert(name_of_it);
                else if (!to->works) stopped.insert(name_of_it);
            }
        REQUIRE(joined(told(found, "target-missing")) == joined(missing));
        REQUIRE(joined(told(found, "target-stopped")) == joined(stopped));
    }
    CHECK(circles > 50);
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
