#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/ldap/request.hpp>

#include <vmail/jobs/export_tree.hpp>
#include <vmail/jobs/passwords.hpp>
#include <vmail/schema.hpp>

namespace vmail {

namespace {

constexpr std::string_view has_subordinates = "hasSubordinates";

/// Puts parents before children. A server sends entries in the order in which they were made, so that only what was moved below a younger one
/// has to wait; of the others, only those that have children are remembered.
class parents_first {
public:
    parents_first(const ldap::dn& base, std::function<void(ldap::entry&&)> visit) : visit_(std::move(visit)) { gone_.insert(base.parent().key()); }

    void take(ldap::entry&& e) {
        const std::string parent = e.dn().parent().key();
        if (gone_.contains(parent)) go(std::move(e));
        else waiting_[parent].push_back(std::move(e));
    }

    /// What is left lies below entries that we may not see.
    void finish() {
        std::vector<ldap::entry> left;
        for (auto& [parent, children] : std::exchange(waiting_, {})) std::move(children.begin(), children.end(), std::back_inserter(left));
        std::stable_sort(left.begin(), left.end(), [](const ldap::entry& a, const ldap::entry& b) { return a.dn().depth() < b.dn().depth(); });
        for (ldap::entry& e : left) go(std::move(e));
    }

private:
    void go(ldap::entry&& e) {
        const std::string key = e.dn().key();
        const auto children = e.first(has_subordinates);
        const bool is_leaf = children && ascii::iequals(*children, "FALSE");
        e.erase(has_subordinates);
        visit_(std::move(e));
        if (!is_leaf) gone_.insert(key);
        if (auto freed = waiting_.extract(key))
            for (ldap::entry& child : freed.mapped()) go(std::move(child));
    }

    std::function<void(ldap::entry&&)> visit_;
    std::unordered_set<std::string> gone_;
    std::unordered_map<std::string, std::vector<ldap::entry>> waiting_; ///< by the key of the parent
};

void forget_passwords(ldap::entry& e) {
    const std::vector<ldap::attribute> all = e.attributes();
    for (const ldap::attribute& a : all)
        if (jobs::is_password(a.name)) e.erase(a.name);
}

void count(const ldap::entry& e, export_summary& sum) {
    ++sum.entries;
    if (!e.has_class(schema::cls::account)) return;
    ++sum.mailboxes;
    if (!e.has(schema::attr::user_password)) ++sum.without_password;
}

/// The daemons' own identity: nothing but a password, without which no server takes it back.
bool is_mere_identity(const ldap::entry& e) { return e.has_class("simpleSecurityObject") && !e.find(schema::attr::mail) && !e.find(schema::attr::vd); }

} // namespace

export_summary export_tree(ldap::session& s, const layout& where, const export_options& options, const std::function<void(const ldap::entry&)>& visit) {
    const ldap::search_request everything{.base = options.domain ? where.domain(*options.domain) : where.container(),
                                          .attributes = {"*", std::string(has_subordinates)}};
    s.never_read(schema::attr::clear_password);
    export_summary sum;
    parents_first ordered(everything.base, [&](ldap::entry&& e) {
        if (!options.passwords) forget_passwords(e);
        visit(e);
        count(e, sum);
    });
    s.for_each(everything, [&](ldap::entry&& e) {
        if (options.passwords || !is_mere_identity(e)) ordered.take(std::move(e));
    });
    ordered.finish();
    return sum;
}

} // namespace vmail
