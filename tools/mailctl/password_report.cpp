#include <map>

#include <vmail/password_strength.hpp>

#include "entity_verbs.hpp"
#include "password_report.hpp"

namespace vmail::tools {

namespace {

struct report_flags {
    list_flags common{};
    bool weak = false;
};

/// What the accounts that were looked at have.
class password_count {
public:
    void add(const stored<mailbox>& m, std::string_view verdict) {
        ++accounts_;
        ++verdicts_[std::string(verdict)];
        const auto* const values = m.source.find(schema::attr::user_password);
        if (values == nullptr) return;
        for (const auto& kind : kinds_of_passwords(*values)) ++schemes_[kind.scheme];
    }

    void tell(const diagnostics& err) const {
        err.note(fmt::format("{}: {}", counted(accounts_, "accounts"), listed(verdicts_)));
        if (!schemes_.empty()) err.note(fmt::format("stored as {}", listed(schemes_)));
        if (const auto hidden = verdicts_.find("unknown"); hidden != verdicts_.end())
            err.note(fmt::format("of {} nothing can be said: the server does not show us their passwords", counted(hidden->second, "accounts")));
    }

private:
    using counts = std::map<std::string, std::size_t>;
    static std::string listed(const counts& all) {
        std::vector<std::string> parts;
        for (const auto& [what, how_many] : all) parts.push_back(fmt::format("{} {}", how_many, what));
        return fmt::format("{}", fmt::join(parts, ", "));
    }

    std::size_t accounts_ = 0;
    counts verdicts_{}, schemes_{};
};

bool is_bad(std::string_view verdict) { return verdict == "weak" || verdict == "clear"; }

/// clearPassword is never read. Whether there is any is asked of the server, which answers for those that we may search.
void tell_of_clear_passwords(invocation& run, const list_choice& options) {
    auto& d = run.directory();
    const auto base = options.domain ? d.site().layout.domain(*options.domain) : d.site().layout.container();
    const auto account = ldap::filter::equal(schema::attr::object_class, schema::cls::account);
    const auto present = ldap::filter::present(schema::attr::clear_password);
    std::size_t clear = 0;
    d.session().for_each({base, ldap::scope::subtree, ldap::filter::all_of({account, present}), ldap::no_attributes()}, [&](ldap::entry&&) { ++clear; });
    if (clear > 0) return run.err().warning(fmt::format("{} hold a password in clear text, as clearPassword", counted(clear, "accounts")));
    const bool shown = !d.session().search({d.site().layout.container(), ldap::scope::base, ldap::filter::negation(present), ldap::no_attributes()}).empty();
    if (!shown) run.err().note("whether accounts have a clearPassword cannot be seen: the access rules of the server show it to nobody like us");
}

int report_passwords(invocation& run, const report_flags& flags) {
    auto options = make_list_options(run, flags.common);
    options.counts_all = true;
    password_count seen;
    const int status = list_all<mailbox>(run, options, password_fields(), {}, [&](const stored<mailbox>& m, const viewpoint& v) {
        const auto verdict = password_verdict(m, v);
        seen.add(m, verdict);
        return !flags.weak || is_bad(verdict);
    });
    if (run.out().is_broken()) return status;
    seen.tell(run.err());
    tell_of_clear_passwords(run, options);
    return status;
}

} // namespace

void add_password_report(command_tree& tree, CLI::App& noun) {
    tree.add_verb<report_flags>(
        noun, "password-report", "Tell how passwords are stored, and which are stored badly", "mailctl mailbox password-report --domain example.org --weak",
        [](CLI::App& verb, report_flags& flags) {
            add_list_flags<mailbox>(verb, flags.common);
            verb.add_flag("--weak", flags.weak, "those alone that are stored weakly or in clear text");
        },
        report_passwords);
}

} // namespace vmail::tools
