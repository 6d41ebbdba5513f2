#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <vmail/ascii.hpp>
#include <vmail/rule_codes.hpp>

#include <vmail/check/rules/table.hpp>

namespace vmail::check {

std::span<const rule> all_rules() {
    // Of the server first: it may explain the rest.
    static const std::array table = {
        schema_missing,     schema_incomplete,     connection_clear,     anonymous_reads,      replica_behind,  index_missing,        unique_over_mail,
        ordering_missing,   password_module_missing, policy_missing,     size_limit,           tree_in_part,    entry_unreadable,     entry_misplaced,
        flag_missing,       flag_malformed,        class_missing,        smtp_auth_missing,    value_malformed, date_malformed,       quota_malformed,
        quota_dialect_other, limit_malformed,      target_malformed,     targets_too_many,     steps_too_many,       mailbox_relayed,      expiry_elsewhere,     overdue,         domain_stopped,       password_clear,
        clear_password,     password_weak,         password_missing,     folder_hostile,       folder_twice,    folder_nested,        address_twice,
        alias_shadows_mailbox, second_address,     login_twice,          number_twice,         number_outside,  alias_empty,          alias_to_itself,
        forward_empty,      alias_loop,            target_missing,       target_stopped,       catch_all_takes_over, autoreply_missing, role_address_missing,
        list_incomplete,    lists_domain_here,    domain_over_limit,     admin_over_limit,     admin_domain_missing, reservation_left, reservation_ahead};
    return table;
}

std::span<const rule_info> rules() noexcept {
    static const std::vector<rule_info> table(all_rules().begin(), all_rules().end());
    return table;
}

std::optional<rule_info> find_rule(std::string_view code) noexcept { return rule_codes::find(rules(), code); }

std::string_view name(severity s) noexcept {
    constexpr std::array<std::string_view, 4> names = {"unknown", "note", "warning", "error"};
    return names[static_cast<std::size_t>(s)];
}

bool telling::concerns(std::string_view subject) const {
    return !only_ || ascii::iequals(subject.substr(subject.rfind('@') + 1), only_->text());
}

void telling::operator()(const sight& e, std::string sentence, bool repairable, std::string_view other) const {
    if (!e.is_told() && (other.empty() || !concerns(other))) return;
    visit_({rule_.code, rule_.severity, e.subject(), std::move(sentence), e.entry.dn().text(), repairable && rule_.repair != repair::none});
}

void telling::about(std::string subject, std::string sentence, const ldap::dn& dn, bool repairable) const {
    if (rule_.reach == reach::tree && !concerns(subject)) return;
    visit_({rule_.code, rule_.severity, std::move(subject), std::move(sentence), dn.empty() ? std::string() : dn.text(), repairable && rule_.repair != repair::none});
}

void telling::unknown(std::string subject, std::string sentence) const { visit_({rule_.code, severity::unknown, std::move(subject), std::move(sentence)}); }

} // namespace vmail::check
