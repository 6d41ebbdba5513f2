#include "domain_quotas.hpp"
#include "ensure.hpp"
#include "entity_verbs.hpp"
#include "quota_report.hpp"
#include "words.hpp"

namespace vmail::tools {

namespace {

struct set_flags {
    target_flags names{};
    std::string quota{};
};

int change_quotas(invocation& run, const plan_run& how, const set_flags& flags) {
    const auto wanted = parse_quota(flags.quota);
    domain_quotas quotas(run.directory());
    return change_each<mailbox>(run, how, flags.names, "changed", [&](directory&, stored<mailbox>& m) { m->quota = wanted ? wanted : quotas.of(m->address.domain()); },
                                fields_named(quota_fields(), {"quota"}));
}

void add_quota_flag(CLI::App& verb, set_flags& flags) {
    verb.add_option("--quota", flags.quota, "2G, 500M, none, or domain for what its domain gives")->type_name("SIZE")->required();
}

} // namespace

void add_quota_commands(command_tree& tree) {
    auto& noun = tree.add_noun("quota", "How much mailboxes may hold");
    add_list<mailbox>(tree, noun, quota_fields(), "the quotas of mailboxes");
    add_show<mailbox>(tree, noun, quota_fields());
    add_set_and_ensure<set_flags>(
        tree, noun, {"Set the quota of mailboxes", "mailctl quota set bob@example.org --quota 5G"},
        {"Change the quotas that differ", "mailctl quota ensure bob@example.org --quota 5G -o json"}, add_quota_flag, change_quotas);
    add_quota_report(tree, noun);
}

} // namespace vmail::tools
