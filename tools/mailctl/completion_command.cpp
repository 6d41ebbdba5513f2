#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <map>
#include <set>
#include <string_view>

#include <CLI/CLI.hpp>

#include <vmail/check/finding.hpp>
#include <vmail/error.hpp>
#include <vmail/exchange/noun.hpp>
#include <vmail/jobs/journal_reader.hpp>
#include <vmail/ldap/filter.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/naming.hpp>
#include <vmail/password.hpp>
#include <vmail/schema.hpp>

#include <cli/completion.hpp>

#include "activity_verbs.hpp"
#include "command.hpp"
#include "completion_command.hpp"
#include "daemon_files.hpp"
#include "entity_fields.hpp"

namespace vmail::tools {

namespace {

namespace attr = schema::attr;
namespace cls = schema::cls;
using ldap::filter;
using words = std::vector<std::string>;

constexpr std::size_t most_candidates = 200;

/// Nobody waits for a shell to think. What was found by then is not worth more than nothing: it may be any part.
void give_up_after_300_ms() {
    std::signal(SIGALRM, [](int) { ::_exit(0); });
    const itimerval limit{{}, {0, 300'000}};
    ::setitimer(ITIMER_REAL, &limit, nullptr);
}

struct enough {};

/// What the directory holds of a kind.
class live_names {
public:
    live_names(const global_flags& flags, const diagnostics& err, fd_stream& out) : flags_(quiet(flags)), run_(flags_, err, out) {}

    words domains(std::string_view object_class, const std::string& begun) { return values({of_class(object_class), filter::begins_with(attr::vd, begun)}, attr::vd, begun); }
    words addresses(const std::vector<filter>& kind, const std::string& begun) {
        auto parts = kind;
        parts.push_back(filter::begins_with(attr::mail, begun));
        return values(parts, attr::mail, begun);
    }
    /// Below ou=admin, and postmaster@ of each domain.
    words admins(const std::string& begun) {
        words names = search(run_.directory().site().layout.admins(), {of_class(cls::admin), filter::begins_with(attr::cn, begun)}, attr::cn, begun);
        for (const auto& d : domains(cls::domain, "")) names.push_back("postmaster@" + d);
        return names;
    }
    words profiles() {
        words names;
        for (const auto& p : run_.settings().profiles()) names.push_back(p.name);
        return names;
    }
    /// The latest first.
    words journals() {
        words ids;
        for (const auto& file : list_journals(journal_folder(run_.configuration()))) ids.push_back(journal_id(file));
        return ids;
    }

    static filter of_class(std::string_view name) { return filter::equal(attr::object_class, name); }

private:
    static global_flags quiet(global_flags flags) {
        flags.output = "table";
        flags.no_input = true;
        flags.ask_bind_password = false;
        flags.detailed_exit_status = false;
        return flags;
    }

    words values(const std::vector<filter>& parts, std::string_view attribute, const std::string& begun) {
        return search(run_.directory().site().layout.container(), parts, attribute, begun);
    }

    words search(const ldap::dn& base, const std::vector<filter>& parts, std::string_view attribute, const std::string& begun) {
        words found;
        try {
            run_.session().for_each({base, ldap::scope::subtree, filter::all_of(parts), {std::string(attribute)}}, [&](ldap::entry&& e) {
                for (const auto& v : *e.find(attribute))
                    if (ascii::istarts_with(v, begun)) found.push_back(begun + v.substr(begun.size())); // a shell takes what goes on as it was typed
                if (found.size() > most_candidates) throw enough{};
            });
        } catch (const enough&) { // a part would pass for all, and a shell goes on with what all have in common
            found.clear();
        }
        return found;
    }

    global_flags flags_;
    invocation run_;
};

filter in_service() { return filter::negation(filter::equal(attr::delete_, "TRUE")); }

/// Which entries a verb is about.
std::vector<filter> kind_of(const std::string& noun, const std::string& verb) {
    const auto account = live_names::of_class(cls::account), alias = live_names::of_class(cls::alias);
    if (noun == "alias") return {alias};
    if (noun == "mailinglist") return {alias, live_names::of_class("vmailMailingList")};
    if (noun == "backup-mail") return {live_names::of_class(cls::backup_mail)};
    if (noun == "mailctl") return {filter::any_of({account, alias})};
    if (noun == "expiry") return {filter::any_of({account, alias})};
    if (verb == "restore") return {account, filter::equal(attr::delete_, "TRUE")};
    return {account, in_service()};
}

/// Something new: the domain of an address is all that can be known of it.
words new_addresses(live_names& live, const std::string& begun, std::string_view object_class) {
    const auto at = begun.find('@');
    words found;
    if (at == std::string::npos) return found;
    for (const auto& d : live.domains(object_class, begun.substr(at + 1))) found.push_back(begun.substr(0, at + 1) + d);
    return found;
}

/// Whose names are those of mailboxes that are there.
bool belongs_to_mailboxes(const std::string& noun) {
    constexpr std::array<std::string_view, 5> nouns = {"forward", "vacation", "expiry", "quota", "unix"};
    return std::find(nouns.begin(), nouns.end(), noun) != nouns.end();
}

words names_for(live_names& live, const std::string& noun, const std::string& verb, const std::string& begun) {
    const bool is_new = verb == "add" || (verb == "ensure" && !belongs_to_mailboxes(noun));
    if (noun == "domain" || noun == "backup-domain") return verb == "add" ? words{} : live.domains(noun == "domain" ? cls::domain : cls::backup_domain, begun);
    if (noun == "admin") return live.admins(begun);
    if (is_new && noun != "unix") return new_addresses(live, begun, noun == "backup-mail" ? cls::backup_domain : cls::domain);
    return live.addresses(kind_of(noun, verb), begun);
}

template <typename Entity> words names_in(std::span<const field_of<Entity>> fields) {
    words names;
    for (const auto& f : fields) names.emplace_back(f.name);
    return names;
}

words fields_of_noun(const std::string& noun) {
    if (noun == "domain") return names_in(domain_fields());
    if (noun == "alias") return names_in(alias_fields());
    if (noun == "backup-domain") return names_in(backup_domain_fields());
    if (noun == "backup-mail") return names_in(backup_mail_fields());
    if (noun == "mailinglist") return names_in(mailing_list_fields());
    if (noun == "admin") return names_in(admin_fields());
    return names_in(mailbox_fields());
}

words password_scheme_names() {
    words names;
    for (const auto s : password_schemes()) names.emplace_back(name(s));
    return names;
}

words kinds_of_records() {
    words kinds;
    for (const auto& n : exchange::nouns()) kinds.emplace_back(n.name);
    return kinds;
}

words rule_codes() {
    words codes;
    for (const auto& r : check::rules()) codes.emplace_back(r.code);
    return codes;
}

words formats_of(const std::string& verb) {
    words formats = {"table", "json", "jsonl", "csv", "ldif", "name"};
    if (verb == "export") formats = {"ldif", "json", "jsonl", "csv", "yaml"};
    return formats;
}

words files_of_daemon(const std::string& name) {
    const auto daemons = all_daemons();
    const auto found = std::find_if(daemons.begin(), daemons.end(), [&](const daemon& d) { return d.name == name; });
    return found == daemons.end() ? words{} : known_files(*found, {});
}

words values_for(live_names& live, const completion_place& place, const std::string& noun) {
    const std::string flag = place.flag->get_name(), type = place.flag->get_type_name();
    if (flag == "--output") return formats_of(place.command->get_name());
    if (flag == "--fields" || flag == "--sort") return fields_of_noun(noun);
    if (flag == "--password-scheme") return password_scheme_names();
    if (flag == "--profile") return live.profiles();
    if (type == "CODE" || type == "CODES") return noun == "activity" ? activity_rule_codes() : rule_codes();
    if (type == "KIND") return kinds_of_records();
    if (type == "DOMAIN") return live.domains(cls::domain, place.word);
    if (type == "ADDRESS") return live.addresses(kind_of("mailctl", ""), place.word);
    return values_of(*place.flag, place.word);
}

words names_at(live_names& live, const completion_place& place) {
    const std::string verb = place.command->get_name(), noun = place.command->get_parent()->get_name();
    if (noun == "config") return files_of_daemon(verb);
    if (noun != "mailctl") return noun == "sandbox" ? words{} : names_for(live, noun, verb, place.word);
    if (verb == "import" || verb == "apply" || verb == "diff") return paths(place.word);
    if (verb == "undo") return live.journals();
    if (verb == "completion") return {"bash", "zsh", "fish"};
    if (verb == "trace" || verb == "log") return live.addresses(kind_of(noun, verb), place.word);
    return {};
}

words candidates(live_names& live, const completion_place& place) {
    const bool is_noun = !place.command->get_subcommands([](const CLI::App*) { return true; }).empty();
    if (place.flag != nullptr) return values_for(live, place, place.command->get_parent() != nullptr ? place.command->get_parent()->get_name() : "");
    if (is_noun || (place.word.starts_with("-") && !place.only_names)) return known_words(place);
    return names_at(live, place);
}

struct script_flags {
    std::string shell{}, program = "mailctl";
};

int print_script(invocation& run, const script_flags& flags) {
    run.out() << completion_script(flags.shell, flags.program);
    return 0;
}

} // namespace

int complete(const CLI::App& app, const global_flags& flags, const words& typed, fd_stream& out) {
    give_up_after_300_ms();
    const auto place = find_place(app, typed);
    std::set<std::string> told;
    try {
        const diagnostics silent({.program = "mailctl", .quiet = true});
        live_names live(flags, silent, out);
        for (auto& word : candidates(live, place))
            if (word.starts_with(place.word) && is_plain_word(word)) told.insert(place.begun + word);
    } catch (const error&) { // a shell has no place for it
    }
    for (const auto& word : told) out << word << '\n';
    out.flush();
    return 0;
}

void add_completion_command(command_tree& tree) {
    tree.add_verb<script_flags>(
        tree.root(), "completion", "Print what has a shell complete commands, flags and names", "source <(mailctl completion bash)",
        [](CLI::App& verb, script_flags& flags) {
            verb.add_option("shell", flags.shell, "bash, zsh or fish")->type_name("")->required();
            verb.add_option("program", flags.program, "mailctl, or another one of its programs: mailctl-expire, mailctl-notify, mbox2maildir, nis2ldif")->type_name("");
        },
        print_script);
}

} // namespace vmail::tools
