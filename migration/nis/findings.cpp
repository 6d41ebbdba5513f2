#include <array>
#include <cassert>
#include <cstddef>

#include "findings.hpp"

namespace vmail::nis {

namespace {

constexpr std::array table = {
    finding_row{code::byte_order_mark, "byte-order-mark", level::info, "the map begins with the byte order mark of UTF-8: taken away"},
    finding_row{code::nul_byte, "nul-byte", level::skip, "a NUL in the line"},
    finding_row{code::compat, "compat", level::skip, "an entry for other sources (+, -, +@netgroup): nothing to convert"},
    finding_row{code::converted, "converted", level::info, "not UTF-8: read as --charset says"},
    finding_row{code::doubtful, "doubtful", level::warn, "not UTF-8, and read as --charset it gives control characters or hides UTF-8 characters"},
    finding_row{code::key_mismatch, "key-mismatch", level::warn, "the key of ypcat -k is neither the name nor the number of its record"},
    finding_row{code::field_count, "field-count", level::skip, "too few or too many fields"},
    finding_row{code::number_rewritten, "number-rewritten", level::info, "blanks or leading zeros of a number were taken away"},

    finding_row{code::bad_login, "bad-login", level::skip, "the login is empty or cannot be a mail address or a folder"},
    finding_row{code::bad_uid, "bad-uid", level::skip, "the uid is no decimal number up to 4294967294"},
    finding_row{code::bad_gid, "bad-gid", level::skip, "the gid is no decimal number up to 4294967294"},
    finding_row{code::system_account, "system-account", level::skip, "a negative uid or gid, or a uid below --min-uid"},
    finding_row{code::duplicate_login, "duplicate-login", level::skip, "the login stands in an earlier line already, which wins"},
    finding_row{code::case_collision, "case-collision", level::skip,
                "the name differs from an earlier one in case only, which mail and LDAP do not see"},
    finding_row{code::duplicate_uid, "duplicate-uid", level::warn, "another account has this uid; both are made"},
    finding_row{code::bsd_fields, "bsd-fields", level::warn, "class, password change or expiry of a BSD line are not converted"},
    finding_row{code::no_home, "no-home", level::skip, "no home directory, which posixAccount needs; see --default-home"},
    finding_row{code::bad_home, "bad-home", level::skip, "a home directory outside printable ASCII; see --default-home"},
    finding_row{code::default_home, "default-home", level::warn, "the home directory was made from --default-home"},
    finding_row{code::bad_shell, "bad-shell", level::warn, "a login shell outside printable ASCII: left out"},
    finding_row{code::gecos_folded, "gecos-folded", level::info, "the attribute gecos takes ASCII only: folded; cn keeps the letters"},
    finding_row{code::control_characters, "control-characters", level::warn, "control characters in the name: replaced by blanks"},
    finding_row{code::password_ageing, "password-ageing", level::info, "an ageing suffix behind the hash: taken away"},
    finding_row{code::password_locked, "password-locked", level::info, "locked: kept as it is, nobody can log in, mail still arrives"},
    finding_row{code::password_empty, "password-empty", level::warn, "an empty password: the account gets none, and nobody can log in"},
    finding_row{code::password_missing, "password-missing", level::warn, "the hash is elsewhere and was not given: the account gets none"},
    finding_row{code::password_unknown, "password-unknown", level::warn, "no hash of a known form: the account gets none, nobody can log in"},
    finding_row{code::password_differs, "password-differs", level::warn, "one hash in passwd and another in shadow, which counts"},
    finding_row{code::address_is_alias, "address-is-alias", level::warn,
                "the alias map gives Name.Surname to somebody else: the address is the login"},
    finding_row{code::address_taken, "address-taken", level::warn, "another account has Name.Surname: the address is the login"},
    finding_row{code::address_login, "address-login", level::info, "the name does not give a Name.Surname: the address is the login"},
    finding_row{code::address_extension, "address-extension", level::warn,
                "mail servers take a part of the address for an extension: its mail goes to the name before it"},

    finding_row{code::orphan, "orphan", level::skip, "passwd gives no account of this name"},
    finding_row{code::duplicate_shadow, "duplicate-shadow", level::skip, "a second line for this login; the first wins"},
    finding_row{code::extra_fields, "extra-fields", level::warn, "more than the nine fields of shadow: those behind them are not converted"},
    finding_row{code::bad_age, "bad-age", level::warn, "no number: this attribute is left out"},
    finding_row{code::expired, "expired", level::info, "the account had expired: the date is kept"},

    finding_row{code::bad_group, "bad-group", level::skip, "the name of the group is empty, not printable ASCII, or longer than 240 bytes"},
    finding_row{code::name_trimmed, "name-trimmed", level::info, "blanks around the name of a group: taken away"},
    finding_row{code::unknown_member, "unknown-member", level::warn, "members that are no accounts: kept"},
    finding_row{code::member_dropped, "member-dropped", level::warn, "members outside printable ASCII: left out"},
    finding_row{code::group_merged, "group-merged", level::warn, "a group of this name was there: its members are united"},

    finding_row{code::bad_netgroup, "bad-netgroup", level::skip, "no name of printable ASCII, at most 240 bytes, at the start of the line"},
    finding_row{code::bad_triple, "bad-triple", level::warn, "triples without three fields, or with bytes that slapd refuses in them: left out"},
    finding_row{code::comma_separated, "comma-separated", level::warn, "a comma between members of a netgroup: taken as a blank"},
    finding_row{code::duplicate_netgroup, "duplicate-netgroup", level::warn, "a netgroup of this name was there, and it counts"},
    finding_row{code::empty_netgroup, "empty-netgroup", level::info, "a netgroup without members"},
    finding_row{code::netgroup_comment, "netgroup-comment", level::warn,
                "# within a netgroup begins no comment: what is behind it counts, but for words that are no netgroups"},
    finding_row{code::netgroup_loop, "netgroup-loop", level::warn, "netgroups that lead back to themselves: kept"},
    finding_row{code::unknown_netgroup, "unknown-netgroup", level::warn, "members that are no netgroups of the map: kept"},

    finding_row{code::no_colon, "no-colon", level::skip, "no colon behind the name"},
    finding_row{code::no_value, "no-value", level::skip, "no target"},
    finding_row{code::leading_continuation, "leading-continuation", level::skip, "an indented line before any alias"},
    finding_row{code::bad_name, "bad-name", level::skip, "the name cannot be a local part"},
    finding_row{code::foreign_domain, "foreign-domain", level::skip, "the name is in a domain that is not ours; see --local-domain"},
    finding_row{code::name_with_domain, "name-with-domain", level::warn, "the name has our domain behind it: Postfix never finds it, here it counts"},
    finding_row{code::duplicate_alias, "duplicate-alias", level::warn, "the name is defined twice; --dialect says which counts"},
    finding_row{code::continued_after_gap, "continued-after-gap", level::warn, "goes on behind a blank or comment line, where Sendmail stops"},
    finding_row{code::backslash_newline, "backslash-newline", level::warn, "a backslash at the end of a line: taken as a continuation"},
    finding_row{code::long_definition, "long-definition", level::warn,
                "more than 8190 bytes with its lines: Sendmail loses the definition, here it counts"},
    finding_row{code::blank_separated, "blank-separated", level::warn, "a blank where a comma should be: read as several targets"},
    finding_row{code::hash_comment, "hash-comment", level::warn, "# within a value begins no comment in any dialect: taken as one"},
    finding_row{code::group_syntax, "group-syntax", level::warn, "a group (Name: a, b;): read as its members"},
    finding_row{code::program_target, "program-target", level::warn, "a program: left out"},
    finding_row{code::file_target, "file-target", level::warn, "a file: left out"},
    finding_row{code::include_target, "include-target", level::warn, "an :include: file that was not found below --include-root: left out"},
    finding_row{code::include_expanded, "include-expanded", level::info, "an :include: file: its addresses were put in its place"},
    finding_row{code::error_target, "error-target", level::warn, "an error message: left out"},
    finding_row{code::refused_alias, "refused-alias", level::warn,
                ":fail:, :defer:, :blackhole: or :unknown: of Exim, which refuses or drops mail to the name: all its targets are left out"},
    finding_row{code::bad_target, "bad-target", level::warn, "no legal address: left out"},
    finding_row{code::non_ascii_target, "non-ascii-target", level::warn, "a target outside ASCII: left out"},
    finding_row{code::bang_path, "bang-path", level::warn, "a UUCP path: left out"},
    finding_row{code::percent_hack, "percent-hack", level::warn, "a percent route: left out"},
    finding_row{code::source_route, "source-route", level::warn, "a source route: its last hop was taken"},
    finding_row{code::unknown_target, "unknown-target", level::warn, "neither an account nor an alias nor an outside address: left out"},
    finding_row{code::loop, "loop", level::warn, "a target leads back to this name: replaced by what the whole loop leads to"},
    finding_row{code::loop_only, "loop-only", level::skip, "all that it leads to is itself"},
    finding_row{code::no_target, "no-target", level::skip, "no target is left"},
    finding_row{code::forward_outside, "forward-outside", level::info, "the name is a login: the account's mail is forwarded"},
    finding_row{code::forward_local, "forward-local", level::warn, "the name is a login: the account's mail goes to others here"},
    finding_row{code::kept_copy, "kept-copy", level::warn,
                "forward with a copy kept: written as the own address among the targets, which Phamm's stock Postfix maps refuse"},
    finding_row{code::forward_bypassed, "forward-bypassed", level::warn, "a backslash skipped a forward of that account, which now holds"},
    finding_row{code::big_list, "big-list", level::warn, "more than 1000 addresses: above Postfix's virtual_alias_expansion_limit"},
    finding_row{code::made_with_domain, "made-with-domain", level::skip, "postmaster and abuse are made with the domain, which is left out"},

    finding_row{code::duplicate_forward, "duplicate-forward", level::skip, "a second line for this login in the list of --forwards; the first wins"},
    finding_row{code::forward_ignored, "forward-ignored", level::skip,
                "a .forward that the mail server ignored: no regular file, another's, or one that others may write to"},
    finding_row{code::forward_unreadable, "forward-unreadable", level::skip, "a .forward that cannot be read, or is a filter of Exim or Sieve"},
    finding_row{code::forward_unused, "forward-unused", level::skip, "a .forward that was never read: the alias map sends the account's mail elsewhere"},
    finding_row{code::forward_united, "forward-united", level::info, "the alias map keeps a copy for the account, which goes where its .forward says"},
    finding_row{code::vacation_program, "vacation-program", level::warn, "an automatic answer: left out; see mailctl vacation"},

    finding_row{code::list_collision, "list-collision", level::warn, "an address that Mailman has for a list is taken, and stays what it is"},
    finding_row{code::list_made, "list-made", level::info, "the alias leads to the list server, and its members are in files"},
    finding_row{code::list_name, "list-name", level::warn, "a list whose name Mailman would not take: it stays an alias"},
    finding_row{code::list_nested, "list-nested", level::info, "a list is a member of this list"},
    finding_row{code::list_circle, "list-circle", level::warn, "lists that are members of one another in a circle: kept"},
    finding_row{code::list_without_members, "list-without-members", level::warn, "members of the list that the alias map does not have"},
};

constexpr bool in_order() {
    for (std::size_t i = 0; i < table.size(); ++i)
        if (static_cast<std::size_t>(table[i].code) != i) return false;
    return true;
}
static_assert(in_order());
static_assert(table.size() == static_cast<std::size_t>(code::list_without_members) + 1);

} // namespace

const finding_row& row_of(code what) noexcept {
    assert(static_cast<std::size_t>(what) < table.size());
    return table[static_cast<std::size_t>(what)];
}

std::string_view name(level l) noexcept {
    switch (l) {
    case level::info: return "INFO";
    case level::warn: return "WARN";
    case level::skip: break;
    }
    return "SKIP";
}

} // namespace vmail::nis
