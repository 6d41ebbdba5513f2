#include <vmail/unix_account.hpp>

#include "ensure.hpp"
#include "entity_verbs.hpp"

namespace vmail::tools {

namespace {

struct unix_flags {
    target_flags names{};
    std::optional<std::string> uid_number{}, gid_number{}, home{}, shell{}, gecos{};
};

void add_wishes(CLI::App& verb, unix_flags& flags) {
    verb.add_option("--uid-number", flags.uid_number, "the number of the user, in the site's range and nobody else's")->type_name("N");
    verb.add_option("--gid-number", flags.gid_number, "the number of the group")->type_name("N");
    verb.add_option("--home", flags.home, "the home folder, which nothing makes")->type_name("DIR");
    verb.add_option("--shell", flags.shell, "the program that a login starts")->type_name("PATH");
    verb.add_option("--gecos", flags.gecos, "the name for passwd(5); without one, nslcd tells that of the mailbox")->type_name("TEXT");
}

void add_unix_flags(CLI::App& verb, unix_flags& flags) {
    add_work_flags<mailbox>(verb, flags.names);
    add_wishes(verb, flags);
}

/// Two cannot have one number.
void require_one(const unix_flags& flags) {
    if (flags.uid_number && (flags.names.filter || flags.names.names.size() > 1)) throw error(error_kind::usage, "--uid-number goes with one mailbox");
}

unix_wishes wishes_of(const unix_flags& flags) {
    require_one(flags);
    unix_wishes w{.home = flags.home, .shell = flags.shell, .gecos = flags.gecos};
    if (flags.uid_number) w.uid_number = unix_number::parse(*flags.uid_number);
    if (flags.gid_number) w.gid_number = unix_number::parse(*flags.gid_number);
    return w;
}

/// What is done to each; told is what it has then.
using unix_change = std::function<unix_account(draft&, const stored<mailbox>&)>;

void ask_if_most_are_passed(plan_run& how, const passed_numbers& passed) {
    if (!passed.are_most()) return;
    how.ask = fmt::format("give {{}} a number by which {} others are given up, and {} are left?", passed.given_up, passed.left);
    how.question = question::always;
}

/// The plan is made anew while others take the numbers that are in it.
int change_accounts(invocation& run, plan_run how, const unix_flags& flags, const std::function<unix_change()>& begin) {
    const auto items = collect_work<mailbox>(run, flags.names, false);
    const viewpoint view(run.directory().site());
    const auto told = fields_named(unix_fields(), {"uid_number", "gid_number", "unix_home", "unix_shell"});
    const auto plan_all = [&](const std::vector<work_item<mailbox>>& all) {
        const auto change = begin();
        return plan_each<mailbox>(run, how.job, all, false, [&](draft& d, stored<mailbox>& m) {
            change(d, m).put_on(m.value);
            how.details[text_of(m.value)] = make_record(told, m, view);
            ask_if_most_are_passed(how, d.numbers_passed_over());
        });
    };
    if (!how.looks_again) return carry_out(run, [&] { return plan_all(items); }, how);
    const plan first = plan_all(items);
    how.again = [&](const std::vector<std::string>& subjects) { return plan_all(items_named<mailbox>(subjects)); };
    return carry_out(run, first, how);
}

int add_accounts(invocation& run, const unix_flags& flags) {
    return change_accounts(run, run_of<mailbox>("unix add", flags.names), flags, [wishes = wishes_of(flags)]() -> unix_change {
        return [&wishes, names = made_once()](draft& d, const stored<mailbox>& m) mutable {
            names.require(m->address.text());
            return d.add_unix_account(m, wishes);
        };
    });
}

int set_accounts(invocation& run, const unix_flags& flags) {
    const unix_wishes wishes = wishes_of(flags);
    if (wishes.empty()) throw error(error_kind::usage, "there is nothing to set", {.hint = "mailctl unix set --help"});
    return change_accounts(run, run_of<mailbox>("unix set", flags.names), flags, [&]() -> unix_change { return [&](draft& d, const stored<mailbox>& m) { return d.set_unix_account(m, wishes); }; });
}

int ensure_accounts(invocation& run, const unix_flags& flags) {
    const unix_wishes wishes = wishes_of(flags);
    return change_accounts(run, ensuring<mailbox>("unix ensure", flags.names), flags, [&]() -> unix_change {
        return [&](draft& d, const stored<mailbox>& m) { return unix_account::is_on(m.value) ? d.set_unix_account(m, wishes) : d.add_unix_account(m, wishes); };
    });
}

int remove_accounts(invocation& run, const target_flags& names) {
    auto how = run_of<mailbox>("unix remove", names);
    how.question = question::always;
    how.ask = "take the Unix account of {} away?";
    const auto items = collect_work<mailbox>(run, names, false);
    return carry_out(run, plan_each<mailbox>(run, how.job, items, false, [](draft& d, stored<mailbox>& m) { d.remove_unix_account(m); }), how);
}

} // namespace

void add_unix_commands(command_tree& tree) {
    auto& noun = tree.add_noun("unix", "Accounts of Unix on mailboxes, for nslcd, PAM and RADIUS");
    add_list<mailbox>(tree, noun, unix_fields(), "mailboxes that have an account of Unix", ldap::filter::present(schema::attr::uid_number));
    add_show<mailbox>(tree, noun, unix_fields());
    tree.add_verb<unix_flags>(noun, "add", "Give mailboxes an account of Unix, with the next free number", "mailctl unix add bob@example.org --shell /bin/bash", add_unix_flags, add_accounts);
    tree.add_verb<unix_flags>(noun, "set", "Change accounts of Unix", "mailctl unix set bob@example.org --home /home/bob", add_unix_flags, set_accounts);
    tree.add_verb<unix_flags>(
        noun, "ensure", "Give accounts of Unix to mailboxes that have none, and change what differs", "mailctl unix ensure bob@example.org --shell /bin/bash -o json",
        [](CLI::App& verb, unix_flags& flags) {
            add_ensured_flags<mailbox>(verb, flags.names);
            add_wishes(verb, flags);
        },
        ensure_accounts);
    tree.add_verb<target_flags>(noun, "remove", "Take accounts of Unix away; the mailboxes stay", "mailctl unix remove bob@example.org", add_work_flags<mailbox>, remove_accounts);
}

} // namespace vmail::tools
