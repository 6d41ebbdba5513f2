#include <vmail/jobs/journal.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/password_cost.hpp>
#include <vmail/password_policy.hpp>

#include <cli/audit.hpp>
#include <cli/terminal.hpp>

#include "entity_verbs.hpp"
#include "old_password.hpp"
#include "password_command.hpp"
#include "password_flags.hpp"

namespace vmail::tools {

namespace {

struct password_verb_flags {
    target_flags targets{};
    password_flags password{};
    std::optional<std::string> old_password_file{};
    bool server_side = false;
    bool verify = false;
};

template <typename Entity> std::string name_of_one(const stored<Entity>& e) { return entity_kind<Entity>::name(e.value); }

/// Against the stored hash, here: a wrong one costs no failed login.
template <typename Entity>
outcome verify_one(const stored<Entity>& e, const secret& password) {
    const auto whose = printable(name_of_one(e));
    if (!e->password)
        throw denied(fmt::format("cannot check the password of {}: there is none, or it may not be read", whose), {.dn = e.source.dn().text()});
    if (const auto cost = unbearable_cost(*e->password))
        throw invalid_value(fmt::format("cannot check the password of {}: its hash takes too long, {}", whose, printable(*cost)), {.dn = e.source.dn().text()});
    const auto matches = verify_password(password, *e->password);
    if (!matches)
        throw invalid_value(
            fmt::format("cannot check the password of {}: {} hashes are checked by the server alone", whose, e->password->scheme_name()),
            {.dn = e.source.dn().text()});
    if (!*matches) throw denied(fmt::format("wrong password for {}", whose), {.dn = e.source.dn().text()});
    return {"right", false};
}

template <typename Entity>
int verify_passwords(invocation& run, const std::vector<work_item<Entity>>& items, const password_source& passwords) {
    attempts said(run, entity_kind<Entity>::field);
    for (const auto& item : items)
        if (!said.attempt(item.target.text, [&] {
                const auto e = item.fetch(run.directory(), false);
                return verify_one(e, *passwords.next(personal_words(e.value)));
            }))
            break;
    return said.finish();
}

template <typename Entity> std::string job_of_password() { return std::string(entity_kind<Entity>::noun) + " password"; }

/// On record as a change without the value: the server alone knows that, and so nobody sends it again.
template <typename Entity>
void set_on_record(invocation& run, const stored<Entity>& e, const secret& password, const secret* old_password) {
    directory& d = run.directory();
    const ldap::dn name = e.source.dn();
    auto kept = journal::create(journal_folder(run.configuration()), journal_heading::of(job_of_password<Entity>(), d));
    const auto guard = e.source.has(schema::attr::entry_uuid) ? ldap::precondition::unchanged(e.source) : ldap::precondition{};
    const ldap::modify_request request{name, {{ldap::change::replace, std::string(schema::attr::user_password), {}}}, guard};
    const auto number = kept.intend(request, {.subject = name_of_one(e), .action = "password set by the server"});
    kept.flush();
    ldap::write_result r{ldap::outcome::not_done, d.session().set_password(name, password, old_password)};
    if (r.result.ok()) {
        r.outcome = ldap::outcome::done;
        if (!guard.entry_uuid.empty()) r.result.pre_read = e.source;
        r.result.post_read = d.session().find(name, ldap::whole_entry());
    }
    kept.record(number, r);
    kept.close();
    if (const auto audit = audit_of(run, job_of_password<Entity>())) {
        const planned_change change{.subject = name_of_one(e), .action = "password set by the server", .requests = {request}};
        audit({.change = change, .fate = r.result.ok() ? fate::done : fate::failed});
    }
    prune_journals_of(run);
    r.result.success("set the password of", name);
}

template <typename Entity>
outcome set_one_by_server(invocation& run, const stored<Entity>& e, const password_source& passwords, const secret* old_password) {
    const auto password = passwords.next(personal_words(e.value));
    outcome o{"password set"};
    if (run.flags().dry_run) {
        run.err().note("the server would be asked to set the password (RFC 3062); there is no LDIF for that");
        return o;
    }
    if (password->empty()) throw invalid_value("the new password is empty");
    set_on_record(run, e, *password, old_password);
    if (passwords.is_generated()) o.details.push_back({"password", std::string(password->reveal())});
    return o;
}

/// The server hashes: there is no request that a plan could hold.
template <typename Entity>
int set_by_server(invocation& run, const std::vector<work_item<Entity>>& items, const password_source& passwords, const secret* old_password) {
    if (items.size() != 1) throw error(error_kind::usage, fmt::format("--server-side sets the password of one {} at a time", entity_kind<Entity>::noun));
    attempts said(run, entity_kind<Entity>::field);
    said.attempt(items.front().target.text, [&] { return set_one_by_server(run, items.front().fetch(run.directory(), false), passwords, old_password); });
    return said.finish();
}

/// Whether the server keeps its owner from all else until there is a new password.
bool may_do_nothing_else(invocation& run, const ldap::dn& own) {
    try {
        run.session().find(own, ldap::no_attributes());
        return false;
    } catch (const denied& e) {
        return e.remedy() == remedy::set_new_password;
    }
}

/// Who must set a new password may not even look at his own entry.
int set_own_unseen(invocation& run, const std::vector<work_item<mailbox>>& items, const password_source& passwords, const secret& old_password) {
    if (passwords.is_hash()) throw error(error_kind::usage, "the server wants a new password of our own, and --hash gives none");
    const auto own = ldap::dn::parse(author_of(run.session().identity()));
    attempts said(run, entity_kind<mailbox>::field);
    for (const auto& item : items)
        said.attempt(item.target.text, [&] {
            const auto whose = item.target.parse(address::parse);
            if (run.directory().site().layout.mailbox(whose) != own)
                throw denied("the server wants a new password of our own before anything else", {.dn = own.text(), .remedy = remedy::set_new_password});
            return set_one_by_server(run, stored<mailbox>{mailbox(whose), ldap::entry(own)}, passwords, &old_password);
        });
    return said.finish();
}

template <typename Entity>
int set_by_us(invocation& run, const password_verb_flags& flags, const std::vector<work_item<Entity>>& items, password_source& passwords) {
    auto how = run_of<Entity>("password", flags.targets);
    how.ask = "replace the password of {}?";
    how.question = question::for_several_or_no;
    passwords.expect(items.size());
    const plan p = plan_each<Entity>(run, how.job, items, false, [&](draft& d, stored<Entity>& e) {
        const auto password = passwords.hashed(personal_words(e.value));
        e->password = password->hash;
        if constexpr (std::is_same_v<Entity, mailbox>)
            if (flags.password.require_change) e->must_change_password = true;
        d.update(e, "password set");
        if (passwords.is_generated() && !run.flags().dry_run) how.details[name_of_one(e)] = password->told;
    });
    return carry_out(run, p, how);
}

void require_fitting(const password_verb_flags& flags) {
    if (flags.verify && flags.password.generate)
        throw error(error_kind::usage, "--verify checks a password that is known, and --generate-password makes one");
    if (flags.password.require_change && (flags.verify || flags.server_side))
        throw error(error_kind::usage, "--require-change goes with a password that is set and hashed here, not with --verify or --server-side");
    if (flags.password.hash && flags.verify) throw error(error_kind::usage, "--verify checks a password, and --hash gives none");
    if (flags.password.hash && flags.server_side) throw error(error_kind::usage, "with --server-side the server hashes the password, and --hash gives none");
    if (flags.server_side && flags.password.scheme) throw error(error_kind::usage, "with --server-side the server chooses the scheme");
}

template <typename Entity>
password_source source_for(invocation& run, const password_verb_flags& flags, const std::vector<work_item<Entity>>& items) {
    const auto whom = items.size() == 1 ? printable(items.front().target.text) : fmt::format("{} {}", items.size(), entity_kind<Entity>::plural);
    const auto prompt = fmt::format("{}password of {}", flags.verify ? "" : "new ", whom);
    const auto use = flags.verify ? password_use::verify : password_use::set;
    password_source passwords(run, flags.password, use, [&] { return flags.verify ? ask_secret(prompt) : ask_new_secret(prompt); });
    if (passwords.empty())
        throw error(error_kind::usage, "no password is given, and there is nobody to ask",
                    {.hint = "give --password-stdin, --password-file FILE or --generate-password"});
    return passwords;
}

template <typename Entity>
int set_passwords(invocation& run, const password_verb_flags& flags) {
    refuse_two_uses_of_stdin(flags.targets.names, flags.password);
    require_fitting(flags);
    std::optional<secret> old_password;
    if constexpr (std::is_same_v<Entity, mailbox>)
        if (!flags.verify) old_password = require_old_password(run, flags.old_password_file);
    const secret* const old = old_password ? &*old_password : nullptr;
    const bool unseen = old != nullptr && may_do_nothing_else(run, ldap::dn::parse(author_of(run.session().identity())));
    const auto items = collect_work<Entity>(run, flags.targets, false);
    auto passwords = source_for(run, flags, items);
    if (flags.verify) return verify_passwords(run, items, passwords);
    if constexpr (std::is_same_v<Entity, mailbox>)
        if (unseen) return set_own_unseen(run, items, passwords, *old);
    if (flags.server_side) return set_by_server(run, items, passwords, old);
    return set_by_us(run, flags, items, passwords);
}

template <typename Entity>
void add_password(command_tree& tree, CLI::App& noun, const std::string& example) {
    tree.add_verb<password_verb_flags>(
        noun, "password", "Set or check passwords", example,
        [](CLI::App& verb, password_verb_flags& flags) {
            add_work_flags<Entity>(verb, flags.targets);
            add_password_flags(verb, flags.password);
            if constexpr (std::is_same_v<Entity, mailbox>) {
                add_require_change_flag(verb, flags.password);
                add_old_password_flag(verb, flags.old_password_file);
            }
            verb.add_flag("--server-side", flags.server_side, "let the server hash it (RFC 3062), and judge it")->group("Password");
            verb.add_flag("--verify", flags.verify, "check the password instead: 77 when it is wrong")->group("Password");
        },
        set_passwords<Entity>);
}

template <typename Entity>
void add_unlock(command_tree& tree, CLI::App& noun, const std::string& example) {
    tree.add_verb<target_flags>(noun, "unlock", fmt::format("Let {} log in again that the server has locked after wrong passwords", entity_kind<Entity>::plural), example,
                                add_work_flags<Entity>, [](invocation& run, const target_flags& flags) {
                                    const auto how = run_of<Entity>("unlock", flags);
                                    const auto items = collect_work<Entity>(run, flags, false);
                                    return carry_out(run, plan_each<Entity>(run, how.job, items, false, [](draft& d, stored<Entity>& e) { d.unlock(e); }), how);
                                });
}

} // namespace

void add_mailbox_passwords(command_tree& tree, CLI::App& noun) {
    add_password<mailbox>(tree, noun, "mailctl mailbox password bob@example.org --generate-password");
    add_unlock<mailbox>(tree, noun, "mailctl mailbox unlock bob@example.org");
}

void add_admin_passwords(command_tree& tree, CLI::App& noun) {
    add_password<admin>(tree, noun, "mailctl admin password postmaster@example.org --generate-password");
    add_unlock<admin>(tree, noun, "mailctl admin unlock postmaster@example.org");
}

} // namespace vmail::tools
