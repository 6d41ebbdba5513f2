#include <vmail/password_policy.hpp>

#include <cli/terminal.hpp>

#include "ensure.hpp"
#include "entity_verbs.hpp"
#include "password_command.hpp"
#include "password_flags.hpp"
#include "words.hpp"

namespace vmail::tools {

namespace {

struct admin_flags {
    target_flags targets{};
    std::optional<std::string> mail{}, max_domains{};
    std::vector<std::string> domains{}, add_domains{}, remove_domains{};
    std::optional<bool> edit_accounts{};
    password_flags password{};
};

void add_domains_option(CLI::App& verb, const std::string& name, std::vector<std::string>& domains, const std::string& help) {
    verb.add_option(name, domains, help)->type_name("DOMAIN")->delimiter(',')->allow_extra_args(false);
}

void add_admin_flags(CLI::App& verb, admin_flags& flags) {
    verb.add_option("--mail", flags.mail, "where a virtual admin is written to")->type_name("ADDRESS");
    add_domains_option(verb, "--domain", flags.domains, "those that a virtual admin runs; repeat it for several");
    verb.add_option("--max-domains", flags.max_domains, "how many that may be, or none")->type_name("N");
    add_switch(verb, "--edit-accounts", "--no-edit-accounts", flags.edit_accounts, "makes and changes mailboxes, not aliases alone");
}

std::vector<domain_name> parse_domains(const std::vector<std::string>& texts) {
    std::vector<domain_name> domains;
    for (const auto& text : texts)
        if (auto d = domain_name::parse(text); std::find(domains.begin(), domains.end(), d) == domains.end()) domains.push_back(std::move(d));
    return domains;
}

/// The flags as what they mean; nothing: leave it.
class admin_changes {
public:
    explicit admin_changes(const admin_flags& flags)
        : flags_(flags), exactly_(parse_domains(flags.domains)), add_(parse_domains(flags.add_domains)), remove_(parse_domains(flags.remove_domains)) {
        if (flags.mail) mail_ = address::parse(*flags.mail);
        if (flags.max_domains) max_domains_ = parse_limit("--max-domains", *flags.max_domains);
        if (!exactly_.empty() && !(add_.empty() && remove_.empty()))
            throw error(error_kind::usage, "--domain says what the domains are, and goes with neither --add-domain nor --remove-domain");
    }

    bool empty() const noexcept { return concerns_all() && !flags_.edit_accounts; }

    void apply(admin& a) const {
        if (flags_.edit_accounts) {
            a.edit_accounts = *flags_.edit_accounts;
            a.forget_problem(schema::attr::edit_accounts);
        }
        if (a.is_postmaster() && !concerns_all())
            throw invalid_value(fmt::format("{} runs his own domain and no other: --mail, --max-domains and domains are for virtual admins", a.name.text()));
        if (mail_) a.mail = mail_;
        if (flags_.max_domains) a.max_domains = max_domains_;
        change(a.domains);
    }

private:
    /// Nothing but what a postmaster has, too.
    bool concerns_all() const noexcept { return !mail_ && !flags_.max_domains && exactly_.empty() && add_.empty() && remove_.empty(); }

    void change(std::vector<domain_name>& domains) const {
        if (!exactly_.empty()) domains = exactly_;
        for (const auto& d : remove_) std::erase(domains, d);
        for (const auto& d : add_)
            if (std::find(domains.begin(), domains.end(), d) == domains.end()) domains.push_back(d);
    }

    const admin_flags& flags_;
    std::vector<domain_name> exactly_, add_, remove_;
    std::optional<address> mail_{};
    std::optional<std::uint64_t> max_domains_{};
};

std::string whose(const std::vector<named_target>& targets) {
    return targets.size() == 1 ? printable(targets.front().text) : fmt::format("{} administrators", targets.size());
}

/// The password of one administrator, to be told when it was generated.
void give_password(invocation& run, admin& a, const password_source& passwords, plan_run& how) {
    const auto password = passwords.hashed(personal_words(a));
    if (!password) return;
    a.password = password->hash;
    if (passwords.is_generated() && !run.flags().dry_run) how.details[a.name.text()] = password->told;
}

int add_admins(invocation& run, const admin_flags& flags) {
    const admin_changes wanted(flags);
    refuse_two_uses_of_stdin(flags.targets.names, flags.password);
    const auto targets = read_targets(flags.targets.names, std::cin, "admin");
    const password_source passwords(run, flags.password, password_use::set, [&] { return ask_new_secret("new password of " + whose(targets)); });
    plan_run how{.job = "admin add", .field = "name", .plural = "administrators", .question = question::never};
    draft d(run.directory(), {.token = token_of(how.job, texts_of(targets))});
    made_once names;
    for (const auto& target : targets)
        d.attempt(target.text, [&] {
            admin a(target.parse(admin_name::parse));
            names.require(a.name.text());
            a.edit_accounts = true;
            wanted.apply(a);
            if (!a.mail && !a.is_postmaster()) throw invalid_value(fmt::format("the administrator {} needs an address to be written to", printable(target.text)), {.hint = "give --mail ADDRESS"});
            give_password(run, a, passwords, how);
            if (!a.password && (!flags.password.none || flags.password.is_unsaid)) run.err().note(fmt::format("no password is set for {}", printable(target.text)));
            d.add(a);
        });
    return carry_out(run, std::move(d).take(), how);
}

int set_admins(invocation& run, const admin_flags& flags) {
    const admin_changes wanted(flags);
    if (wanted.empty()) throw error(error_kind::usage, "there is nothing to set", {.hint = "mailctl admin set --help"});
    return change_each<admin>(run, "set", flags.targets, "changed", [&](directory&, stored<admin>& a) { wanted.apply(a.value); },
                              fields_named(admin_fields(), {"domains", "edit_accounts"}));
}

/// A password is for one that is made: what somebody has set himself stays.
int ensure_admins(invocation& run, const admin_flags& flags) {
    const admin_changes wanted(flags);
    const password_source passwords(run, flags.password, password_use::set, [] { return secret(); });
    const auto make = [&](draft& d, admin a, plan_run& how) {
        a.edit_accounts = true;
        wanted.apply(a);
        if (!a.mail && !a.is_postmaster()) throw invalid_value(fmt::format("the administrator {} needs an address to be written to", printable(a.name.text())), {.hint = "give --mail ADDRESS"});
        give_password(run, a, passwords, how);
        d.add(a);
    };
    return ensure_each<admin>(run, flags.targets,
                              {[&](draft& d, const named_target& target, plan_run& how) { make(d, admin(target.parse(admin_name::parse)), how); },
                               [&](draft& d, stored<admin>& a) {
                                   wanted.apply(a.value);
                                   d.update(a, "changed");
                               },
                               [](const admin& a) { return !a.is_postmaster() || a.password; }});
}

} // namespace

void add_admin_commands(command_tree& tree) {
    auto& noun = tree.add_noun("admin", "Who administers domains: virtual admins, and postmaster@DOMAIN");
    add_list<admin>(tree, noun, admin_fields());
    add_show<admin>(tree, noun, admin_fields());
    tree.add_verb<admin_flags>(
        noun, "add", "Make administrators", "mailctl admin add matrix --mail matrix@example.org --domain example.org --domain example.net --generate-password",
        [](CLI::App& verb, admin_flags& flags) {
            verb.add_option("name", flags.targets.names, "names of virtual admins, postmaster@DOMAIN, or - for standard input")->type_name("");
            add_admin_flags(verb, flags);
            add_password_flags(verb, flags.password);
            verb.add_flag("--no-password", flags.password.none, "nobody can log in until one is set")->group("Password");
        },
        add_admins);
    tree.add_verb<admin_flags>(
        noun, "set", "Change what administrators may do", "mailctl admin set matrix --add-domain example.com --remove-domain example.net",
        [](CLI::App& verb, admin_flags& flags) {
            add_work_flags<admin>(verb, flags.targets);
            add_admin_flags(verb, flags);
            add_domains_option(verb, "--add-domain", flags.add_domains, "this one as well");
            add_domains_option(verb, "--remove-domain", flags.remove_domains, "this one no more");
        },
        set_admins);
    tree.add_verb<admin_flags>(
        noun, "ensure", "Make administrators that are not there, and change what differs", "mailctl admin ensure matrix --mail matrix@example.org --domain example.org --no-password -o json",
        [](CLI::App& verb, admin_flags& flags) {
            add_ensured_flags<admin>(verb, flags.targets);
            add_admin_flags(verb, flags);
            add_domains_option(verb, "--add-domain", flags.add_domains, "this one as well");
            add_domains_option(verb, "--remove-domain", flags.remove_domains, "this one no more");
            add_password_flags(verb, flags.password);
            verb.add_flag("--no-password", flags.password.none, "one that is made has none")->group("Password");
        },
        [](invocation& run, const admin_flags& flags) { return ensure_admins(run, never_asking(flags)); });
    add_enable_and_disable<admin>(tree, noun);
    add_remove<admin>(tree, noun);
    add_admin_passwords(tree, noun);
}

} // namespace vmail::tools
