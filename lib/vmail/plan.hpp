#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <vmail/domain_name.hpp>
#include <vmail/domain_usage.hpp>
#include <vmail/error.hpp>
#include <vmail/export.hpp>
#include <vmail/ldap/request.hpp>

namespace vmail {

/// A value that one entry alone may have, and that a server takes from two who write it at the same moment.
struct sole_value {
    enum class kind {
        folder,        ///< of mail
        chosen_folder, ///< the same, and neither around that of somebody else nor inside of it
        login,
        unix_number,
    };
    kind what = kind::folder;
    std::string value;
};

/// What is done to one subject: requests that go one after the other, each guarded by the version of the entry that was read for the plan. What the same
/// run did to an entry meanwhile counts as that version.
struct planned_change {
    std::string subject; ///< an address or the name of a domain, or a DN where there is neither; raw
    std::string action;  ///< what it is when it is done: "created", "changed", "renamed", ...
    std::string why{};   ///< "expired 2026-12-31", "of the domain example.org"; empty: it was asked for
    std::vector<ldap::write_request> requests{}; ///< none: it is as it should be already, unless parts of it are done before it
    std::optional<error> fault{};                ///< known already: it cannot be done, and the rest goes on
    bool left_out = false;    ///< with a fault: because of something else that could not be done
    std::size_t item = 0;     ///< which of the things asked for it belongs to: what fails in one stops nothing in another
    std::size_t stage = 0;    ///< begins when all earlier stages of its item are done, and not at all if something there was not
    std::size_t wave = 0;     ///< begins when all changes of earlier waves have ended, whatever became of them
    bool part = false;        ///< of a bigger thing, whose own change stands beside it: a reference led over, an account of a domain
    bool drastic = true;      ///< counts against the cap: the same command cannot take it back
    /// Entries that its requests have added go again when a later one of them is refused, unless because somebody else has made just that entry.
    bool all_or_none = false;
    std::size_t line = 0;     ///< of the input that asked for it; 0: none
    std::optional<std::size_t> claim{}; ///< which of the plan's claims it needs
    /// What its last request writes and nobody else may have. It is looked at after that one: who finds somebody else with it takes the request back.
    std::vector<sole_value> alone{};
    /// What of it somebody else has made after its first request is left as it is, and belongs to it.
    bool keeps_others = false;
    /// Entries that are all there when it is done. Where one is not, since somebody else takes away what is made, what was added goes again.
    std::vector<ldap::dn> whole{};
};

/// Places and quota in a domain with limits, which a run sets aside before its changes, so that runs side by side do not exceed them together.
struct place_claim {
    domain_name domain;
    std::string entry_uuid, entry_csn; ///< the domain as it was when its places were counted
    domain_places places{};
    std::string token{}; ///< the same for the same command, which so takes over what it left behind when it was cut
};

/// A reference or the like that a person should know of before, in words that name no command.
struct plan_notice {
    std::string subject;
    std::string sentence; ///< safe to print
};

/// What is to be done, in this order: made from complete results only, printed by a dry run and carried out, this very object, by the runner.
struct plan {
    std::vector<planned_change> changes{};
    std::vector<place_claim> claims{};
    std::vector<plan_notice> notices{};
    /// What all changes rest on, carried out before them and guarded by the version that was read. Where somebody was faster, or may have been, the plan is out of
    /// date: nothing of it is done, and it has to be made anew.
    std::optional<ldap::modify_request> premise{};

    bool empty() const noexcept { return changes.empty(); }
    /// How many of them count against the cap.
    VMAIL_EXPORT std::size_t drastic() const noexcept;
    /// How many things were asked for.
    VMAIL_EXPORT std::size_t items() const noexcept;
};

/// What became of a change.
enum class fate {
    done,
    unchanged,  ///< there was nothing to do
    conflict,   ///< somebody else changed the entry between the plan and the write: it is left as it is
    failed,     ///< refused, by the server or by the rules
    in_doubt,   ///< sent, never answered, and not to be settled
    unfinished, ///< begun, and the run ended before its last request: the same command finishes it
    skipped,    ///< nothing of it was sent
};
/// "done", "unchanged", "conflict", "failed", "in_doubt", "unfinished", "skipped".
VMAIL_EXPORT std::string_view name(fate f) noexcept;
/// Whether the entry is as the change wants it.
constexpr bool is_good(fate f) noexcept { return f == fate::done || f == fate::unchanged; }
/// Whether something was written, or may have been.
constexpr bool has_written(fate f) noexcept { return f == fate::done || f == fate::unfinished || f == fate::in_doubt; }

} // namespace vmail
