#include <fmt/format.h>

#include <vmail/address.hpp>

#include "entity_verbs.hpp"
#include "words.hpp"

namespace vmail::tools {

namespace {

struct domain_flags {
    target_flags targets{};
    std::optional<std::string> description{};
    std::optional<std::string> transport{};
    std::optional<std::string> max_mailboxes{};
    std::optional<std::string> max_aliases{};
    std::optional<std::string> max_quota{};
    std::optional<std::string> postmaster{};
};

void add_domain_flags(CLI::App& verb, domain_flags& flags) {
    verb.add_option("--description", flags.description, "for people")->type_name("TEXT");
    verb.add_option("--transport", flags.transport, "how Postfix delivers, \"maildrop:\"")->type_name("TRANSPORT");
    verb.add_option("--max-mailboxes", flags.max_mailboxes, "a number, or none")->type_name("N");
    verb.add_option("--max-aliases", flags.max_aliases, "a number, or none; postmaster and abuse do not count")->type_name("N");
    verb.add_option("--max-quota", flags.max_quota, "of all mailboxes together, 500G, or none")->type_name("SIZE");
    verb.add_option("--postmaster", flags.postmaster, "who gets the mail to postmaster")->type_name("ADDRESS");
}

/// The flags as what they mean; nothing: leave it.
class domain_changes {
public:
    explicit domain_changes(const domain_flags& flags) : flags_(flags) {
        if (flags.max_mailboxes) max_mailboxes_ = parse_limit("--max-mailboxes", *flags.max_mailboxes);
        if (flags.max_aliases) max_aliases_ = parse_limit("--max-aliases", *flags.max_aliases);
        if (flags.max_quota) max_quota_mib_ = parse_quota_mib(*flags.max_quota);
        if (flags.postmaster) postmaster_ = maildrop::parse(*flags.postmaster);
    }

    void apply(domain& d) const {
        if (flags_.description) d.description = *flags_.description;
        if (flags_.transport) d.transport = *flags_.transport;
        if (flags_.max_mailboxes) d.max_mailboxes = max_mailboxes_;
        if (flags_.max_aliases) d.max_aliases = max_aliases_;
        if (flags_.max_quota) d.max_quota_mib = max_quota_mib_;
    }

    const std::optional<maildrop>& postmaster() const noexcept { return postmaster_; }
    bool empty() const noexcept {
        return !flags_.description && !flags_.transport && !flags_.max_mailboxes && !flags_.max_aliases && !flags_.max_quota && !flags_.postmaster;
    }

private:
    const domain_flags& flags_;
    std::optional<std::uint64_t> max_mailboxes_{};
    std::optional<std::uint64_t> max_aliases_{};
    std::optional<std::uint64_t> max_quota_mib_{};
    std::optional<maildrop> postmaster_{};
};

int add_domains(invocation& run, const domain_flags& flags) {
    const domain_changes wanted(flags);
    const auto targets = read_targets(flags.targets.names, std::cin, "domain");
    report said(run, "domain");
    auto& d = run.directory();
    const auto create = [&](const named_target& target) {
        domain made(target.parse(domain_name::parse));
        wanted.apply(made);
        d.add_domain(made, wanted.postmaster());
        return outcome{"created"};
    };
    for (const auto& target : targets)
        if (!said.attempt(target.text, [&] { return create(target); })) break;
    return said.finish();
}

bool set_postmaster(directory& d, const domain_name& domain, const maildrop& target) {
    const auto address = address::make("postmaster", domain);
    if (auto postmaster = d.find_alias(address)) {
        postmaster->value.targets = {target};
        return d.update(*postmaster);
    }
    alias made(address); // somebody has removed it
    made.targets = {target};
    d.add_alias(made);
    return true;
}

int set_domains(invocation& run, const domain_flags& flags) {
    const domain_changes wanted(flags);
    if (wanted.empty()) throw error(error_kind::usage, "there is nothing to set", {.hint = "mailctl domain set --help"});
    return change_each<domain>(run, flags.targets, [&](directory& d, stored<domain> e) {
        wanted.apply(e.value);
        // First what may be refused: a target that makes a circle.
        bool changed = wanted.postmaster() && set_postmaster(d, e->name, *wanted.postmaster());
        changed = d.update(e) || changed;
        return changed_or_not(changed, "changed");
    });
}

struct rename_flags {
    std::string from{};
    std::string to{};
    bool resume = false;
};

int rename_domain(invocation& run, const rename_flags& flags) {
    const auto from = domain_name::parse(flags.from);
    const auto to = domain_name::parse(flags.to);
    if (!run.confirm(fmt::format("move all addresses of {} to {}? Mail to the old ones is refused from then on.", from.text(), to.text()))) return 1;
    report said(run, "domain");
    auto& d = run.directory();
    said.attempt(flags.from, [&] {
        const auto moved = static_cast<std::int64_t>(d.rename(get_present<domain>(d, from), to, flags.resume));
        return outcome{"renamed", true, {{"to", to.text()}, {"addresses", moved}}};
    });
    return said.finish();
}

void add_rename(command_tree& tree, CLI::App& noun) {
    tree.add_verb<rename_flags>(
        noun, "rename", "Move all mailboxes and aliases to another name; what sends mail to them follows, the mail stays where it is on disk",
        "mailctl domain rename example.org example.net",
        [](CLI::App& verb, rename_flags& flags) {
            verb.add_option("domain", flags.from, "the domain")->type_name("")->required();
            verb.add_option("new-domain", flags.to, "its new name")->type_name("")->required();
            verb.add_flag("--resume", flags.resume, "go on with a renaming that was cut short");
        },
        rename_domain);
}

} // namespace

void add_domain_commands(command_tree& tree) {
    auto& noun = tree.add_noun("domain", "Mail domains");
    add_list<domain>(tree, noun, domain_fields());
    add_show<domain>(tree, noun, domain_fields());
    tree.add_verb<domain_flags>(
        noun, "add", "Make domains, with their postmaster and abuse addresses",
        "mailctl domain add example.org --max-mailboxes 200 --postmaster hostmaster@example.net",
        [](CLI::App& verb, domain_flags& flags) {
            verb.add_option("domain", flags.targets.names, "domains, or - for standard input")->type_name("");
            add_domain_flags(verb, flags);
        },
        add_domains);
    tree.add_verb<domain_flags>(
        noun, "set", "Change what is known of domains", "mailctl domain set example.org --max-quota 500G --max-aliases none",
        [](CLI::App& verb, domain_flags& flags) {
            add_target_flags<domain>(verb, flags.targets);
            add_domain_flags(verb, flags);
        },
        set_domains);
    add_enable_and_disable<domain>(tree, noun);
    add_remove<domain>(tree, noun);
    add_restore<domain>(tree, noun);
    add_rename(tree, noun);
}

} // namespace vmail::tools
