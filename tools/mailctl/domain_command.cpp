#include <fmt/format.h>

#include <vmail/address.hpp>

#include "ensure.hpp"
#include "entity_verbs.hpp"
#include "other_attributes.hpp"
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
    std::optional<std::string> default_quota{};
    std::optional<std::string> send_limit{};
    std::vector<std::string> other{};
    std::optional<std::string> postmaster{};
};

void add_domain_flags(CLI::App& verb, domain_flags& flags) {
    verb.add_option("--description", flags.description, "for people")->type_name("TEXT");
    verb.add_option("--transport", flags.transport, "how Postfix delivers, \"maildrop:\", or none")->type_name("TRANSPORT");
    verb.add_option("--max-mailboxes", flags.max_mailboxes, "a number, or none")->type_name("N");
    verb.add_option("--max-aliases", flags.max_aliases, "a number, or none; role addresses such as postmaster do not count")->type_name("N");
    verb.add_option("--max-quota", flags.max_quota, "of all mailboxes together, 500G, or none")->type_name("SIZE");
    verb.add_option("--default-quota", flags.default_quota, "of new mailboxes that are given none: 2G, none, or server for what the daemons give to all")->type_name("SIZE");
    verb.add_option("--send-limit", flags.send_limit, "recipients in a time, of each mailbox that has none of its own: 200/1h, 200/1h,1000/1d, or none")->type_name("LIMIT");
    add_other_attributes_flag(verb, flags.other);
    verb.add_option("--postmaster", flags.postmaster, "who gets the mail to postmaster (postmaster in mailctl.conf)")->type_name("ADDRESS");
}

/// The flags as what they mean; nothing: leave it.
class domain_changes {
public:
    explicit domain_changes(const domain_flags& flags) : flags_(flags) {
        if (flags.max_mailboxes) max_mailboxes_ = parse_limit("--max-mailboxes", *flags.max_mailboxes);
        if (flags.max_aliases) max_aliases_ = parse_limit("--max-aliases", *flags.max_aliases);
        if (flags.max_quota) max_quota_mib_ = parse_quota_mib(*flags.max_quota);
        if (flags.default_quota) default_quota_ = parse_default_quota(*flags.default_quota);
        if (flags.send_limit) send_limits_ = send_limits::parse(*flags.send_limit);
        other_ = parse_other_attributes(flags.other);
        if (flags.postmaster) postmaster_ = maildrop::parse_also_local(*flags.postmaster);
    }

    void apply(domain& d) const {
        if (flags_.description) d.description = *flags_.description;
        if (flags_.transport) d.transport = *flags_.transport == "none" ? "" : *flags_.transport;
        if (flags_.max_mailboxes) d.max_mailboxes = max_mailboxes_;
        if (flags_.max_aliases) d.max_aliases = max_aliases_;
        if (flags_.max_quota) d.max_quota_mib = max_quota_mib_;
        d.other = other_;
        if (flags_.default_quota) d.default_quota = default_quota_;
        if (flags_.send_limit) d.send_limits = send_limits_;
    }

    const std::optional<maildrop>& postmaster() const noexcept { return postmaster_; }
    bool empty() const noexcept {
        return !flags_.description && !flags_.transport && !flags_.max_mailboxes && !flags_.max_aliases && !flags_.max_quota && !flags_.default_quota && !flags_.send_limit && flags_.other.empty() && !flags_.postmaster;
    }

private:
    const domain_flags& flags_;
    std::optional<std::uint64_t> max_mailboxes_{};
    std::optional<std::uint64_t> max_aliases_{};
    std::optional<std::uint64_t> max_quota_mib_{};
    std::optional<quota> default_quota_{};
    send_limits send_limits_{};
    attribute_values other_{};
    std::optional<maildrop> postmaster_{};
};

int add_domains(invocation& run, const domain_flags& flags) {
    const domain_changes wanted(flags);
    const plan_run how{.job = "domain add", .field = "domain", .plural = "domains", .question = question::never};
    draft d(run.directory());
    made_once names;
    for (const auto& target : read_targets(flags.targets.names, std::cin, "domain"))
        d.attempt(target.text, [&] {
            domain made(target.parse(domain_name::parse));
            names.require(made.name.text());
            wanted.apply(made);
            d.add(made, wanted.postmaster());
        });
    return carry_out(run, std::move(d).take(), how);
}

int set_domains(invocation& run, const domain_flags& flags) {
    const domain_changes wanted(flags);
    if (wanted.empty()) throw error(error_kind::usage, "there is nothing to set", {.hint = "mailctl domain set --help"});
    const auto how = run_of<domain>("set", flags.targets);
    const auto items = collect_work<domain>(run, flags.targets, false);
    return carry_out(run, plan_each<domain>(run, how.job, items, false, [&](draft& d, stored<domain>& e) {
        wanted.apply(e.value);
        d.set(e, wanted.postmaster());
    }), how);
}

int ensure_domains(invocation& run, const domain_flags& flags) {
    const domain_changes wanted(flags);
    return ensure_each<domain>(run, flags.targets,
                               {[&](draft& d, const named_target& target, plan_run&) {
                                    domain made(target.parse(domain_name::parse));
                                    wanted.apply(made);
                                    d.add(made, wanted.postmaster());
                                },
                                [&](draft& d, stored<domain>& e) {
                                    wanted.apply(e.value);
                                    d.set(e, wanted.postmaster());
                                }});
}

struct rename_flags {
    std::string from{};
    std::string to{};
};

int rename_domain(invocation& run, const rename_flags& flags) {
    const auto from = domain_name::parse(flags.from);
    const auto to = domain_name::parse(flags.to);
    const plan_run how{.job = "domain rename",
                       .field = "domain",
                       .plural = "domains",
                       .ask = fmt::format("move all addresses of {{}} to {}? Mail to the old ones is refused from then on.", to.text()),
                       .question = question::always,
                       .details = {{from.text(), {{"to", to.text()}}}}};
    draft d(run.directory(), {.token = token_of(how.job, {from.text(), to.text()})});
    d.attempt(flags.from, [&] { d.rename(from, to); });
    return carry_out_with_latecomers(run, std::move(d).take(), how, [&] {
        draft rest(run.directory());
        rest.lead_over_latecomers(from, to);
        return std::move(rest).take();
    });
}

void add_rename(command_tree& tree, CLI::App& noun) {
    tree.add_verb<rename_flags>(
        noun, "rename", "Move a domain and all its addresses to another name; what sends mail to them follows, the mail stays where it is on disk",
        "mailctl domain rename example.org example.net",
        [](CLI::App& verb, rename_flags& flags) {
            verb.add_option("domain", flags.from, "the domain")->type_name("")->required();
            verb.add_option("new-domain", flags.to, "its new name")->type_name("")->required();
        },
        rename_domain);
}

} // namespace

void add_domain_commands(command_tree& tree) {
    auto& noun = tree.add_noun("domain", "Mail domains");
    add_list<domain>(tree, noun, domain_fields());
    add_show<domain>(tree, noun, domain_fields());
    tree.add_verb<domain_flags>(
        noun, "add", "Make domains, with their role addresses (postmaster, abuse)",
        "mailctl domain add example.org --max-mailboxes 200 --postmaster hostmaster@example.net",
        [](CLI::App& verb, domain_flags& flags) {
            verb.add_option("domain", flags.targets.names, "domains, or - for standard input")->type_name("");
            add_domain_flags(verb, flags);
        },
        add_domains);
    tree.add_verb<domain_flags>(
        noun, "set", "Change what is known of domains", "mailctl domain set example.org --max-quota 500G --max-aliases none",
        [](CLI::App& verb, domain_flags& flags) {
            add_work_flags<domain>(verb, flags.targets);
            add_domain_flags(verb, flags);
        },
        set_domains);
    tree.add_verb<domain_flags>(
        noun, "ensure", "Make domains that are not there, and change what differs", "mailctl domain ensure example.org --max-mailboxes 200 -o json",
        [](CLI::App& verb, domain_flags& flags) {
            add_ensured_flags<domain>(verb, flags.targets);
            add_domain_flags(verb, flags);
        },
        ensure_domains);
    add_enable_and_disable<domain>(tree, noun);
    add_remove<domain>(tree, noun);
    add_restore<domain>(tree, noun);
    add_rename(tree, noun);
}

} // namespace vmail::tools
