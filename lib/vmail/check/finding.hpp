#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <vmail/export.hpp>

/// What is wrong in a directory: rules, each with a code, and what they find.
namespace vmail::check {

/// How bad it is, the least first.
enum class severity {
    unknown, ///< could not be seen, by whom we are: neither right nor wrong
    note,    ///< worth knowing
    warning, ///< does no harm yet, or to few
    error,   ///< mail is lost, or somebody gets in who should not, or does not who should
};

/// "unknown", "note", "warning", "error".
VMAIL_EXPORT std::string_view name(severity s) noexcept;

/// What a rule looks at.
enum class reach { tree, server };

/// Who may put right by himself what a rule finds.
enum class repair {
    none,     ///< a person decides
    safe,     ///< any time: what daemons do with the entry stays the same
    adoption, ///< once, by who takes over the tree: other programs may read what goes, and what was meant begins
};

/// One row of the table of rules.
struct rule_info {
    std::string_view code;        ///< stable: "address-twice"
    check::severity severity;     ///< of its findings
    check::reach reach;
    check::repair repair;
    std::string_view explanation; ///< one sentence, which begins with a capital letter
};

/// All rules, in the order in which they are asked.
VMAIL_EXPORT std::span<const rule_info> rules() noexcept;
/// Nothing for a code that no rule has.
VMAIL_EXPORT std::optional<rule_info> find_rule(std::string_view code) noexcept;

/// What a rule found, of one entry or of the server.
struct finding {
    std::string_view code;
    check::severity severity = check::severity::note;
    std::string subject{};   ///< an address or a domain, or a DN where there is neither, or the URI of a server; raw
    std::string sentence{};  ///< what is wrong; safe to print
    std::string dn{};        ///< of the entry, if it is about one
    bool repairable = false; ///< by plan_repairs()
};

} // namespace vmail::check
