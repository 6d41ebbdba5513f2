#pragma once

#include <vmail/check/rule.hpp>

/// Internal to check: all rules, one in each file of this folder.
namespace vmail::check {

extern const rule entry_unreadable, entry_misplaced, flag_missing, smtp_auth_missing, class_missing, date_malformed, quota_malformed, limit_malformed, target_malformed,
    flag_malformed, value_malformed, quota_dialect_other, expiry_elsewhere, overdue, domain_stopped, password_clear, password_weak, folder_hostile, forward_empty, alias_empty,
    alias_to_itself, autoreply_missing, second_address, reservation_left, reservation_ahead, number_outside, admin_domain_missing, admin_over_limit, targets_too_many, mailbox_relayed;
extern const rule address_twice, alias_shadows_mailbox, folder_twice, folder_nested, login_twice, number_twice, alias_loop, target_missing, target_stopped, catch_all_takes_over,
    domain_over_limit, role_address_missing, list_incomplete, lists_domain_here, steps_too_many, password_missing, clear_password, tree_in_part;
extern const rule schema_missing, schema_incomplete, ordering_missing, index_missing, size_limit, unique_over_mail, connection_clear, replica_behind, password_module_missing,
    anonymous_reads, policy_missing;

} // namespace vmail::check
