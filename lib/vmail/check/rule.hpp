#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/check/finding.hpp>
#include <vmail/check/sight.hpp>
#include <vmail/domain_name.hpp>
#include <vmail/ldap/dn.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/ldap/filter.hpp>
#include <vmail/schema.hpp>

/// Internal to check.
namespace vmail::check {

class server_sight;
class mending;

/// Where a rule says what it has found. What is elsewhere than where was asked for goes no further.
class telling {
public:
    telling(const rule_info& rule, const std::optional<domain_name>& only, const visitor_of_findings& visit) : rule_(rule), only_(only), visit_(visit) {}

    /// Of an entry; and of another one, by its address, that has to do with it.
    void operator()(const sight& e, std::string sentence, bool repairable = false, std::string_view other = {}) const;
    /// Of what has no entry of its own.
    void about(std::string subject, std::string sentence, const ldap::dn& dn = {}, bool repairable = false) const;
    /// What could not be seen.
    void unknown(std::string subject, std::string sentence) const;

private:
    bool concerns(std::string_view subject) const;

    const rule_info& rule_;
    const std::optional<domain_name>& only_;
    const visitor_of_findings& visit_;
};

/// What a rule has to compare over the whole tree. It keeps a few bytes of each entry, and looks again at those that these accuse.
class comparison {
public:
    virtual ~comparison() = default;
    virtual void gather(const sight& e) = 0;
    /// After the last entry. Whether some of them have to be looked at again.
    virtual bool settle(const telling&) { return false; }
    virtual void look_again(const sight&, const telling&) {}
    /// Which entries that may be, and what is to be read of them beside their names and classes.
    virtual ldap::filter accused() const { return ldap::filter::present(schema::attr::object_class); }
    virtual std::vector<std::string_view> reads() const { return {}; }
    /// Where it is known who they are, so that few of them can be read one by one: in ascending order.
    virtual const std::vector<entry_names::ordinal>* whose() const { return nullptr; }
    /// Whether what is told of one domain depends on entries of others.
    virtual bool looks_elsewhere() const { return true; }
    /// What puts right what it has told of, where that may be as `most` says.
    virtual void mend(mending&, repair) {}
};

struct rule : rule_info {
    void (*look)(const sight&, const telling&) = nullptr;             ///< at one entry
    void (*mend)(const sight&, ldap::entry& after) = nullptr;         ///< in that entry, what look() tells of
    std::unique_ptr<comparison> (*compare)(const context&) = nullptr;
    void (*ask)(server_sight&, const telling&) = nullptr;             ///< the server
};

/// The table.
std::span<const rule> all_rules();

} // namespace vmail::check
