#include <array>
#include <cstddef>

#include <vmail/remedy.hpp>

namespace vmail {

namespace {

constexpr std::array<std::string_view, 36> names = {
    "none",
    "add_domain",
    "add_backup_domain",
    "restore_domain",
    "restore_domain_instead",
    "empty_domain_or_mark_removed",
    "empty_backup_domain",
    "restore_mailbox_or_remove_for_good",
    "raise_limit_mailboxes",
    "raise_limit_aliases",
    "raise_limit_quota",
    "give_quota",
    "ask_identity",
    "name_a_server",
    "name_only_a_server",
    "use_encrypted_connection",
    "encrypt_or_allow_clear_on_loopback",
    "name_certificate_authority",
    "load_schema_or_name_expiry_attribute",
    "look_then_allow_changes",
    "name_journal_folder",
    "name_another_journal_folder",
    "make_room_for_journal",
    "name_lock_folder",
    "name_state_folder",
    "accept_clock",
    "commit_first_run",
    "set_base",
    "give_bind_password",
    "see_settings",
    "set_new_password",
    "let_server_set_password",
    "name_whole_dn",
    "rename_one_by_one",
    "unset_variable",
    "finish_domain_rename",
};

constexpr auto in_order() {
    std::array<remedy, names.size()> all{};
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<remedy>(i);
    return all;
}
constexpr auto all = in_order();
static_assert(all.back() == remedy::finish_domain_rename);

} // namespace

std::string_view name(remedy r) noexcept { return names[static_cast<std::size_t>(r)]; }

std::span<const remedy> all_remedies() noexcept { return all; }

} // namespace vmail
