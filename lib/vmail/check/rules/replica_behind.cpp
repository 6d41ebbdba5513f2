#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <vmail/error.hpp>
#include <vmail/ldap/context_csn.hpp>
#include <vmail/ldap/session.hpp>

#include <vmail/check/rules/table.hpp>
#include <vmail/check/server_sight.hpp>

namespace vmail::check {

namespace {

using namespace std::chrono_literals;

std::vector<std::string> csns_at(ldap::session& s, const ldap::dn& top) {
    const auto e = s.find(top, {"contextCSN"});
    const auto* const values = e ? e->find("contextCSN") : nullptr;
    return values != nullptr ? *values : std::vector<std::string>{};
}

struct replica {
    std::string uri;
    ldap::session session;
};

class comparison_of_servers {
public:
    comparison_of_servers(server_sight& s, const telling& tell) : s_(s), tell_(tell), top_(s.suffix()) {}

    void run() {
        for (const std::string& uri : s_.session().options().uris) connect(uri);
        ldap::context_csn all;
        for (replica& r : replicas_) all.join(ldap::context_csn(csns_at(r.session, top_)));
        if (all.empty()) return tell_.unknown(s_.uri(), "none of the servers shows a contextCSN: whether they hold the same cannot be told");
        for (replica& r : replicas_) look(r, all);
    }

private:
    void connect(const std::string& uri) {
        try {
            replicas_.push_back({uri, s_.connect(uri, false)});
        } catch (const error& e) {
            tell_.about(uri, e.what());
        }
    }

    /// What was written just now is on its way for a moment.
    void look(replica& r, const ldap::context_csn& all) {
        ldap::context_csn has;
        for (int n = 0; n < 4; ++n) {
            has = ldap::context_csn(csns_at(r.session, top_));
            if (has.covers(all)) return;
            if (has.empty()) return tell_.unknown(r.uri, "it shows no contextCSN");
            std::this_thread::sleep_for(500ms);
        }
        tell_.about(r.uri, "it has not all that the other servers have, after two seconds");
    }

    server_sight& s_;
    const telling& tell_;
    ldap::dn top_;
    std::vector<replica> replicas_;
};

void ask(server_sight& s, const telling& tell) {
    if (s.session().options().uris.size() > 1) comparison_of_servers(s, tell).run();
}

} // namespace

const rule replica_behind{{"replica-behind", severity::warning, reach::server, repair::none,
                           "A server of the site does not answer, or has not what the others have: what is read there is of yesterday."},
                          nullptr, nullptr, nullptr, ask};

} // namespace vmail::check
