#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <vmail/admin.hpp>
#include <vmail/alias.hpp>
#include <vmail/backup.hpp>
#include <vmail/check/domain_table.hpp>
#include <vmail/check/finding.hpp>
#include <vmail/check/suspects.hpp>
#include <vmail/check/visibility.hpp>
#include <vmail/directory.hpp>
#include <vmail/domain.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/mailbox.hpp>
#include <vmail/password_strength.hpp>
#include <vmail/service.hpp>
#include <vmail/standing.hpp>
#include <vmail/timestamp.hpp>

/// Internal to check.
namespace vmail::check {

using visitor_of_findings = std::function<void(const finding&)>;

class route_graph;

/// What is the same for all entries of a look.
struct context {
    vmail::directory& directory;
    const vmail::site& site;
    const domain_table& domains;
    timestamp now;
    standing who;
    std::optional<domain_name> only{};     ///< what is in it alone is told
    std::optional<domain_name> lists_domain{}; ///< of the list server, by the settings
    bool has_vacation = true;              ///< the server has the schema of automatic answers
    std::shared_ptr<route_graph> routes{}; ///< of the rules on where mail goes, if any of them is asked

    std::shared_ptr<visibility> attributes{};

    /// Whether what is not seen is not there.
    bool sees_all() const noexcept { return who.kind == standing::kind::service; }
};

/// An entry as the rules see it. What it is meant to be is read when it is first asked for.
class sight {
public:
    sight(const ldap::entry& e, const context& c, entry_names::ordinal n = 0) : entry(e), around(c), ordinal(n) {}

    const ldap::entry& entry;
    const context& around;
    const entry_names::ordinal ordinal; ///< the how many-th it is of the first look

    const vmail::site& site() const noexcept { return around.site; }

    /// Null when it is none, or cannot be read as one.
    const vmail::mailbox* mailbox() const;
    const vmail::alias* alias() const;
    const vmail::domain* domain() const;
    const vmail::admin* admin() const; ///< a virtual one
    const entry_state* state() const;
    /// Why an entry of one of those classes cannot be read.
    const std::string& fault() const;

    /// How a mailbox or alias stands.
    const service_state& service() const;
    /// The name of the domain right above it, if that is what is there.
    std::optional<std::string_view> name_above() const;
    /// That domain, or null.
    const known_domain* domain_above() const;
    /// Whether it lies right below this entry.
    bool is_right_below(const ldap::dn& other) const;
    /// What may be said of its passwords.
    const std::vector<password_kind>& passwords() const;
    /// The folder of its mail from the root, as readers make it of home and path, without "/" at its end; empty: it has none.
    const std::string& folder() const;
    /// Its address or domain, or its DN.
    std::string subject() const;
    /// The addresses of an entry that is one of mail, in lower case, each once.
    const std::vector<std::string>& addresses() const;
    /// Whether it is in what was asked for.
    bool is_told() const;

    /// Whether the attribute is not there, and not just hidden from us.
    bool lacks(std::string_view attribute) const;
    /// The values, or none.
    const std::vector<std::string>& values(std::string_view attribute) const;

private:
    void read() const;
    template <typename Entity> void read_as() const;

    mutable bool is_read_ = false;
    mutable std::variant<std::monostate, vmail::mailbox, vmail::alias, vmail::domain, vmail::admin, backup_domain, backup_mail> value_{};
    mutable std::string fault_{};
    mutable std::optional<service_state> service_{};
    mutable std::optional<const known_domain*> domain_above_{};
    mutable std::optional<std::vector<std::string>> addresses_{};
    mutable std::optional<std::vector<password_kind>> passwords_{};
    mutable std::optional<std::string> folder_{};
};

} // namespace vmail::check
