#pragma once

#include <cstdint>
#include <string_view>

namespace vmail::nis {

/// How much a finding matters.
enum class level {
    info, ///< a value was changed
    warn, ///< an entry is made, but something in it is not exact
    skip, ///< no entry comes from this line
};

/// What was found in a line. Each has one level, one word and one meaning: see finding_table().
enum class code : std::uint8_t {
    // any map
    byte_order_mark,
    nul_byte,
    compat,
    converted,
    doubtful,
    key_mismatch,
    field_count,
    number_rewritten,
    // passwd
    bad_login,
    bad_uid,
    bad_gid,
    system_account,
    duplicate_login,
    case_collision,
    duplicate_uid,
    bsd_fields,
    no_home,
    bad_home,
    default_home,
    bad_shell,
    gecos_folded,
    control_characters,
    password_ageing,
    password_locked,
    password_empty,
    password_missing,
    password_unknown,
    password_differs,
    address_is_alias,
    address_taken,
    address_login,
    address_extension,
    // shadow, adjunct
    orphan,
    duplicate_shadow,
    extra_fields,
    bad_age,
    expired,
    // group
    bad_group,
    name_trimmed,
    unknown_member,
    member_dropped,
    group_merged,
    // netgroup
    bad_netgroup,
    bad_triple,
    comma_separated,
    duplicate_netgroup,
    empty_netgroup,
    netgroup_comment,
    netgroup_loop,
    unknown_netgroup,
    // aliases
    no_colon,
    no_value,
    leading_continuation,
    bad_name,
    foreign_domain,
    name_with_domain,
    duplicate_alias,
    continued_after_gap,
    backslash_newline,
    long_definition,
    blank_separated,
    hash_comment,
    group_syntax,
    program_target,
    file_target,
    include_target,
    include_expanded,
    error_target,
    refused_alias,
    bad_target,
    non_ascii_target,
    bang_path,
    percent_hack,
    source_route,
    unknown_target,
    loop,
    loop_only,
    no_target,
    forward_outside,
    forward_local,
    kept_copy,
    forward_bypassed,
    big_list,
    made_with_domain,
    // .forward files
    duplicate_forward,
    forward_ignored,
    forward_unreadable,
    forward_unused,
    forward_united,
    vacation_program,
    // --lists mailman
    list_collision,
    list_made,
    list_name,
    list_nested,
    list_circle,
    list_without_members,
};

struct finding_row {
    nis::code code;
    std::string_view word; ///< as it is printed
    nis::level level;
    std::string_view meaning; ///< for the manual
};

const finding_row& row_of(code what) noexcept;

/// "INFO", "WARN", "SKIP".
std::string_view name(level l) noexcept;

} // namespace vmail::nis
