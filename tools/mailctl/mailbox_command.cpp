#include <vmail/password_policy.hpp>

#include <cli/terminal.hpp>

#include "domain_quotas.hpp"
#include "ensure.hpp"
#include "entity_verbs.hpp"
#include "expiry_filter.hpp"
#include "mailbox_flags.hpp"
#include "maildir_command.hpp"
#include "password_command.hpp"
#include "password_flags.hpp"
#include "password_report.hpp"
#include "record_flags.hpp"
#include "record_run.hpp"
#include "target_list.hpp"

namespace vmail::tools {

namespace {

std::string whose(const target_flags& targets) {
    return targets.names.size() == 1 ? printable(targets.names.front()) : fmt::format("{} mailboxes", targets.names.size());
}

// add

struct add_flags {
    target_flags targets{};
    mailbox_flags about{};
    password_flags password{};
    std::vector<std::string> forward{};
    bool keep_copy = false;
    std::optional<std::string> csv{};
    record_flags records{};
    new_password_flags passwords{};
};

class mailbox_maker {
public:
    mailbox_maker(invocation& run, const add_flags& flags)
        : run_(run), flags_(flags), wanted_(flags.about, run.configuration().zone), forward_(parse_targets(flags.forward)),
          passwords_(run, flags.password, password_use::set, [&] { return ask_new_secret("new password of " + whose(flags.targets)); }) {}

    /// How many will be made.
    void expect(std::size_t count) { passwords_.expect(count); }

    void plan(draft& d, const named_target& target, plan_run& how) const {
        mailbox m(target.parse(address::parse));
        wanted_.apply(m);
        m.expires = wanted_.expires();
        set_forward(m);
        const auto password = passwords_.hashed(personal_words(m));
        if (password) m.password = password->hash;
        if (flags_.password.require_change) m.must_change_password = true;
        if (!password && (!flags_.password.none || flags_.password.is_unsaid))
            run_.err().note(fmt::format("no password is set for {}", printable(m.address.text())));
        m = d.add(m);
        if (passwords_.is_generated() && !run_.flags().dry_run) how.details[m.address.text()] = password->told;
    }

    /// Of one that is there: all but its password.
    void change(draft& d, stored<mailbox>& m, domain_quotas& quotas) const {
        const auto before = m->quota;
        wanted_.apply(m.value);
        if (wanted_.takes_quota_of_domain() && before) m->quota = quotas.of(m->address.domain());
        if (wanted_.sets_expiry() && m->expires != wanted_.expires()) change_end(run_, d.where(), m, wanted_.expires(), timestamp::now());
        set_forward(m.value);
        d.update(m, "changed");
    }

private:
    void set_forward(mailbox& m) const {
        if (forward_.empty()) return;
        m.forward.active = true;
        m.forward.targets = forward_;
        m.forward.set_keep_copy(m.address, flags_.keep_copy);
        if (m.forward.elsewhere(m.address).empty()) throw invalid_value(fmt::format("{} would forward to itself alone", printable(m.address.text())));
    }

    invocation& run_;
    const add_flags& flags_;
    mailbox_changes wanted_;
    std::vector<maildrop> forward_;
    password_source passwords_;
};

bool says_something(const add_flags& flags) {
    const password_flags& p = flags.password;
    return !flags.targets.names.empty() || !mailbox_changes(flags.about, time_zone::named("UTC")).empty() || !flags.forward.empty() || flags.keep_copy || p.from_stdin || p.prompt || p.generate || p.none || p.require_change || p.file || p.hash;
}

/// All that is said of them stands in the file.
int add_from_csv(invocation& run, const add_flags& flags) {
    if (says_something(flags)) throw error(error_kind::usage, "with --csv the file says which mailboxes, and all about them", {.hint = "--passwords-out makes passwords for them"});
    auto options = read_options(flags.records, record_format::csv);
    options.what = exchange::noun::mailbox;
    const auto file = read_checked(run, *flags.csv, options);
    for (const auto& r : file.records)
        if (r.what != exchange::noun::mailbox) exchange::refuse(*flags.csv, r.at, printable(r.name) + " is no mailbox", "\"mailctl import\" makes what else there is");
    auto passwords = flags.passwords;
    passwords.scheme = flags.password.scheme;
    return carry_out_records(run, file.records, {.job = "mailbox add", .file = *flags.csv}, passwords);
}

void require_csv(const add_flags& flags) {
    if (is_given(flags.records)) throw error(error_kind::usage, "--map, --ignore, --delimiter, --charset, --address-rule, --domain and --empty-clears go with --csv");
    if (is_given(flags.passwords)) throw error(error_kind::usage, "--passwords-out, --letters and --template go with --csv", {.hint = "--generate-password prints the passwords"});
}

int add_mailboxes(invocation& run, const add_flags& flags) {
    if (flags.csv) return add_from_csv(run, flags);
    require_csv(flags);
    refuse_two_uses_of_stdin(flags.targets.names, flags.password);
    if (flags.keep_copy && flags.forward.empty()) throw error(error_kind::usage, "--keep-copy goes with --forward");
    mailbox_maker maker(run, flags);
    const auto targets = read_targets(flags.targets.names, std::cin, "mailbox");
    maker.expect(targets.size());
    std::vector<std::string> names;
    for (const auto& target : targets) names.push_back(target.text);
    const mailbox_changes wanted(flags.about, run.configuration().zone);
    plan_run how = asking_if_past({.job = "mailbox add", .field = "address", .plural = "mailboxes", .question = question::never},
                                  wanted.sets_expiry() ? wanted.expires() : std::nullopt);
    draft d(run.directory(), {.token = token_of(how.job, names)});
    made_once once;
    foretelling<mailbox> told(d, std::move(names), expected::absent);
    for (const auto& target : targets)
        d.attempt(target.text, [&] {
            told.next();
            once.require(target.parse(address::parse).text());
            maker.plan(d, target, how);
        });
    return carry_out(run, std::move(d).take(), how);
}

int ensure_mailboxes(invocation& run, const add_flags& flags) {
    refuse_two_uses_of_stdin(flags.targets.names, flags.password);
    require_fixed_day(flags.about.expires);
    if (flags.keep_copy && flags.forward.empty()) throw error(error_kind::usage, "--keep-copy goes with --forward");
    const mailbox_maker maker(run, flags);
    const mailbox_changes wanted(flags.about, run.configuration().zone);
    const auto end = wanted.sets_expiry() ? wanted.expires() : std::nullopt;
    domain_quotas quotas(run.directory());
    return ensure_each<mailbox>(run, flags.targets,
                                {[&](draft& d, const named_target& target, plan_run& how) {
                                     maker.plan(d, target, how);
                                     how = asking_if_past(std::move(how), end);
                                 },
                                 [&](draft& d, stored<mailbox>& m) { maker.change(d, m, quotas); }});
}

void add_ensure(command_tree& tree, CLI::App& noun) {
    tree.add_verb<add_flags>(
        noun, "ensure", "Make mailboxes that are not there, and change what differs; a password is for those that are made", "mailctl mailbox ensure bob@example.org --name \"Bob Jones\" --quota 2G -o json",
        [](CLI::App& verb, add_flags& flags) {
            add_ensured_flags<mailbox>(verb, flags.targets);
            add_mailbox_flags(verb, flags.about);
            add_addresses_option(verb, "--forward", flags.forward, "send the mail on; repeat it for several");
            verb.add_flag("--keep-copy", flags.keep_copy, "with --forward: in the mailbox as well");
            add_password_flags(verb, flags.password);
            add_require_change_flag(verb, flags.password);
            verb.add_flag("--no-password", flags.password.none, "one that is made has none")->group("Password");
        },
        [](invocation& run, const add_flags& flags) { return ensure_mailboxes(run, never_asking(flags)); });
}

void add_add(command_tree& tree, CLI::App& noun) {
    tree.add_verb<add_flags>(
        noun, "add", "Make mailboxes", "mailctl mailbox add bob@example.org --name \"Bob Jones\" --quota 2G --generate-password",
        [](CLI::App& verb, add_flags& flags) {
            verb.add_option("address", flags.targets.names, "mailboxes, or - for standard input")->type_name("");
            add_mailbox_flags(verb, flags.about);
            add_addresses_option(verb, "--forward", flags.forward, "send the mail on; repeat it for several");
            verb.add_flag("--keep-copy", flags.keep_copy, "with --forward: in the mailbox as well");
            add_password_flags(verb, flags.password);
            add_require_change_flag(verb, flags.password);
            verb.add_flag("--no-password", flags.password.none, "nobody can log in until one is set")->group("Password");
            verb.add_option("--csv", flags.csv, "those that this file lists, with a line of headings; - for standard input")->type_name("FILE");
            add_csv_flags(verb, flags.records);
            add_new_password_flags(verb, flags.passwords);
        },
        add_mailboxes);
}

// set

struct set_flags {
    target_flags targets{};
    mailbox_flags about{};
};

int set_mailboxes(invocation& run, const set_flags& flags) {
    const mailbox_changes wanted(flags.about, run.configuration().zone);
    if (wanted.empty()) throw error(error_kind::usage, "there is nothing to set", {.hint = "mailctl mailbox set --help"});
    const auto now = timestamp::now();
    const auto how = asking_if_past(run_of<mailbox>("set", flags.targets), wanted.sets_expiry() ? wanted.expires() : std::nullopt);
    domain_quotas quotas(run.directory());
    return change_each<mailbox>(run, how, flags.targets, "changed", [&](directory& d, stored<mailbox>& m) {
        wanted.apply(m.value);
        if (wanted.takes_quota_of_domain()) m->quota = quotas.of(m->address.domain());
        if (wanted.sets_expiry()) change_end(run, d, m, wanted.expires(), now);
    });
}

void add_set(command_tree& tree, CLI::App& noun) {
    tree.add_verb<set_flags>(
        noun, "set", "Change what is known of mailboxes", "mailctl mailbox set bob@example.org --quota 5G --expires 2026-12-31",
        [](CLI::App& verb, set_flags& flags) {
            add_work_flags<mailbox>(verb, flags.targets);
            add_mailbox_flags(verb, flags.about);
        },
        set_mailboxes);
}

// list

struct mailbox_list_flags {
    list_flags common{};
    bool expired = false;
    bool locked = false;
};

std::vector<ldap::filter> locked_filters(invocation& run, bool locked) {
    if (!locked) return {};
    run.directory().require_password_policy("list locked mailboxes");
    return {ldap::filter::present(schema::attr::pwd_account_locked_time)};
}

int list_mailboxes(invocation& run, const mailbox_list_flags& flags) {
    auto filters = locked_filters(run, flags.locked);
    if (!flags.expired) return list_all<mailbox>(run, make_list_options(run, flags.common, filters), mailbox_fields());
    const auto now = timestamp::now();
    filters.push_back(ends_until(run, now));
    const auto options = make_list_options(run, flags.common, filters);
    return list_all<mailbox>(run, options, mailbox_fields(), [now](const mailbox& m) { return m.expires && m.expires->passed(now); });
}

void add_mailbox_list(command_tree& tree, CLI::App& noun) {
    tree.add_verb<mailbox_list_flags>(
        noun, "list", "List mailboxes", "mailctl mailbox list --domain example.org --disabled",
        [](CLI::App& verb, mailbox_list_flags& flags) {
            add_list_flags<mailbox>(verb, flags.common);
            verb.add_flag("--expired", flags.expired, "those whose time is up");
            verb.add_flag("--locked", flags.locked, "those that the server has locked after wrong passwords");
        },
        list_mailboxes);
}

// rename

struct rename_flags {
    std::string from{};
    std::string to{};
    bool keep_alias = false;
};

int rename_mailbox(invocation& run, const rename_flags& flags) {
    const auto from = address::parse(flags.from);
    const auto to = address::parse(flags.to);
    draft d(run.directory(), {.token = token_of("mailbox rename", {from.text(), to.text()})});
    d.attempt(flags.from, [&] { d.rename(from, to, {.keep_alias = flags.keep_alias}); });
    const plan p = std::move(d).take();
    const auto led_over = std::count_if(p.changes.begin(), p.changes.end(), [](const planned_change& c) { return c.action == "led over"; });
    const plan_run how{.job = "mailbox rename",
                       .field = "address",
                       .plural = "mailboxes",
                       .question = question::never,
                       .details = {{from.text(), {{"to", to.text()}, {"references", static_cast<std::int64_t>(led_over)}}}}};
    return carry_out_with_latecomers(run, p, how, [&] {
        draft rest(run.directory());
        rest.lead_over_latecomers(from, to);
        if (const auto now = from.domain() == to.domain() ? std::nullopt : rest.find<mailbox>(to)) rest.follow_domain(*now);
        return std::move(rest).take();
    });
}

void add_rename(command_tree& tree, CLI::App& noun) {
    tree.add_verb<rename_flags>(
        noun, "rename", "Give a mailbox another address; aliases and forwards follow, the mail stays where it is on disk",
        "mailctl mailbox rename bob@example.org robert@example.org",
        [](CLI::App& verb, rename_flags& flags) {
            verb.add_option("address", flags.from, "the mailbox")->type_name("")->required();
            verb.add_option("new-address", flags.to, "its new address")->type_name("")->required();
            verb.add_flag("--keep-alias", flags.keep_alias, "the old address stays, as an alias to the new one");
        },
        rename_mailbox);
}

} // namespace

void add_mailbox_commands(command_tree& tree) {
    auto& noun = tree.add_noun("mailbox", "Mailboxes");
    add_mailbox_list(tree, noun);
    add_show<mailbox>(tree, noun, mailbox_fields());
    add_add(tree, noun);
    add_set(tree, noun);
    add_ensure(tree, noun);
    add_enable_and_disable<mailbox>(tree, noun);
    add_remove<mailbox>(tree, noun);
    add_restore<mailbox>(tree, noun);
    add_rename(tree, noun);
    add_mailbox_passwords(tree, noun);
    add_password_report(tree, noun);
    add_maildir_verb(tree, noun);
}

} // namespace vmail::tools
