#include <algorithm>
#include <iterator>
#include <optional>
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

/// The part of a name behind its own RDN, as it is spelled; nothing where that cannot be told at sight.
std::optional<std::string_view> parent_text(std::string_view name) {
    const auto end = name.find_first_of("\\,\"");
    if (end == std::string_view::npos || name[end] != ',') return std::nullopt;
    return name.substr(end + 1);
}

/// Puts parents before children. A server sends entries in the order in which they were made, so that only what was moved below a younger one
/// has to wait; of the others, only those that have children are remembered.
class parents_first {
public:
    parents_first(const ldap::dn& base, std::function<void(ldap::entry_view&)> visit) : visit_(std::move(visit)) { gone_.insert(base.parent().key()); }

    void take(ldap::entry_view& e) {
        if (is_beside_the_last(e)) return go(e);
        const std::string parent = e.dn().parent().key();
        if (!gone_.contains(parent)) return waiting_[parent].push_back(e.to_entry());
        last_parent_ = parent_text(e.dn_text()).value_or("");
        go(e);
    }

    /// What is left lies below entries that we may not see.
    void finish() {
        std::vector<ldap::entry> left;
        for (auto& [parent, children] : std::exchange(waiting_, {})) std::move(children.begin(), children.end(), std::back_inserter(left));
        std::stable_sort(left.begin(), left.end(), [](const ldap::entry& a, const ldap::entry& b) { return a.dn().depth() < b.dn().depth(); });
        go(left);
    }

private:
    /// Nearly all: one domain comes after the other.
    bool is_beside_the_last(const ldap::entry_view& e) const {
        const auto parent = parent_text(e.dn_text());
        return parent && !parent->empty() && *parent == last_parent_;
    }

    void go(ldap::entry_view& e) {
        const bool is_leaf = has_no_children(e);
        e.erase_if([](std::string_view name) { return ascii::iequals(name, has_subordinates); });
        visit_(e);
        if (is_leaf) return;
        const std::string key = e.dn().key();
        gone_.insert(key);
        if (auto freed = waiting_.extract(key)) go(freed.mapped());
    }

    void go(const std::vector<ldap::entry>& all) {
        for (const ldap::entry& e : all) {
            ldap::entry_view view(e);
            go(view);
        }
    }

    static bool has_no_children(const ldap::entry_view& e) {
        const auto* const told = e.find(has_subordinates);
        return told != nullptr && ascii::iequals(e.values(*told).front(), "FALSE");
    }

    std::function<void(ldap::entry_view&)> visit_;
    std::unordered_set<std::string> gone_;
    std::unordered_map<std::string, std::vector<ldap::entry>> waiting_; ///< by the key of the parent
    std::string last_parent_;                                           ///< of what came last, as it was spelled; it is gone
};

void count(const ldap::entry_view& e, export_summary& sum) {
    ++sum.entries;
    if (!e.has_class(schema::cls::account)) return;
    ++sum.mailboxes;
    if (!e.has(schema::attr::user_password)) ++sum.without_password;
}

/// The daemons' own identity: nothing but a password, without which no server takes it back.
bool is_mere_identity(const ldap::entry_view& e) { return e.has_class("simpleSecurityObject") && !e.has(schema::attr::mail) && !e.has(schema::attr::vd); }

} // namespace

export_summary export_tree(ldap::session& s, const layout& where, const export_options& options, const std::function<void(const ldap::entry_view&)>& visit) {
    const ldap::search_request everything{.base = options.domain ? where.domain(*options.domain) : where.container(),
                                          .attributes = {"*", std::string(has_subordinates)}};
    s.never_read(schema::attr::clear_password);
    export_summary sum;
    parents_first ordered(everything.base, [&](ldap::entry_view& e) {
        if (!options.passwords) e.erase_if(jobs::is_password);
        visit(e);
        count(e, sum);
    });
    s.for_each_view(everything, [&](ldap::entry_view& e) {
        if (options.passwords || !is_mere_identity(e)) ordered.take(e);
    });
    ordered.finish();
    return sum;
}

} // namespace vmail
