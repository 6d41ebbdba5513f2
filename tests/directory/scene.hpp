#pragma once

#include <map>
#include <string>
#include <vector>

#include <vmail/alias.hpp>
#include <vmail/directory.hpp>
#include <vmail/domain.hpp>
#include <vmail/ldap/pipeline.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/mailbox.hpp>

#include "support/test_directory.hpp"

/// Trees that are put up by the dozen: the same names each time, all else gone.
class scene {
public:
    explicit scene(vmail::ldap::session& s) : session_(s) {}

    static vmail::site site() { return {.layout = vmail::layout(vmail::ldap::dn::parse(test_directory::shared().base()))}; }
    static const vmail::ldap::dn& container() {
        static const vmail::ldap::dn name = site().layout.container();
        return name;
    }

    /// Takes all domains away.
    void clear() {
        const auto isnt_service = vmail::ldap::filter::any_of({vmail::ldap::filter::present("vd"), vmail::ldap::filter::present("mail"),
                                                               vmail::ldap::filter::equal("objectClass", "organizationalRole")});
        std::map<std::size_t, std::vector<vmail::ldap::dn>, std::greater<>> by_depth;
        for (const auto& e : session_.search({container(), vmail::ldap::scope::children, isnt_service, vmail::ldap::no_attributes()}))
            if (e.dn().text().find("vd=") != std::string::npos) by_depth[e.dn().depth()].push_back(e.dn());
        for (const auto& [depth, names] : by_depth) {
            for (const auto& n : names) send(vmail::ldap::delete_request{n});
            flush();
        }
    }

    void domain(const std::string& name, const std::function<void(vmail::domain&)>& change = {}) {
        vmail::domain d(vmail::domain_name::parse(name));
        if (change) change(d);
        put(d);
        alias("postmaster@" + name, {"postmaster"});
        alias("abuse@" + name, {"postmaster"});
    }
    void mailbox(const std::string& text, const std::vector<std::string>& targets = {}, const std::function<void(vmail::ldap::entry&)>& change = {}) {
        vmail::mailbox m(vmail::address::parse(text));
        m.forward.active = !targets.empty();
        for (const auto& t : targets) m.forward.targets.push_back(vmail::maildrop::from_attribute(t));
        put(m, change);
    }
    void alias(const std::string& text, const std::vector<std::string>& targets) {
        vmail::alias a(vmail::alias_address::parse(text));
        for (const auto& t : targets) a.targets.push_back(vmail::maildrop::from_attribute(t));
        put(a);
    }
    void entry(const vmail::ldap::entry& e) { send(vmail::ldap::add_request{e}); }
    void flush() { pipeline_.drain(); }

private:
    template <typename Entity> void put(const Entity& value, const std::function<void(vmail::ldap::entry&)>& change = {}) {
        vmail::ldap::entry e;
        value.to_entry(e, site());
        if (change) change(e);
        entry(e);
    }
    void send(vmail::ldap::write_request request) {
        pipeline_.submit(std::move(request), [](const vmail::ldap::write_request& sent, const vmail::ldap::write_result& r) {
            r.success(vmail::ldap::doing(sent), vmail::ldap::target(sent));
        });
    }

    vmail::ldap::session& session_;
    vmail::ldap::pipeline pipeline_{session_, {}};
};
