#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <vmail/directory.hpp>
#include <vmail/domain_name.hpp>
#include <vmail/exchange/noun.hpp>
#include <vmail/exchange/record.hpp>
#include <vmail/export.hpp>
#include <vmail/mailbox.hpp>
#include <vmail/plan.hpp>

namespace vmail {

/// A field that is to be another than it is.
struct field_change {
    std::string_view field;
    exchange::value before, after;
};

/// What a record asks for.
struct record_change {
    enum class kind { creation, change, removal };

    exchange::noun what;
    std::string name;
    kind how;
    std::vector<field_change> fields{}; ///< of a new one, those that are given
};

/// What is to be taken away where no record names it: a kind of what lies in a domain, and is neither a role address nor one of a mailing list.
struct record_pruning {
    std::vector<exchange::noun> kinds{}; ///< mailbox (it is marked as removed), alias, mailing_list, backup_mail
    std::optional<domain_name> domain{};
};

/// What the records may do beside what they say.
struct record_plan_options {
    record_pruning prune{};
    bool update = true;                        ///< false: what is there and differs fails
    std::string token{};                       ///< as draft_options::token
    std::optional<domain_name> lists_domain{}; ///< of mailing lists that do not say where Mailman gets their mail
    std::function<void(mailbox&)> on_new_mailbox{}; ///< before it is planned: it may be given a password
    std::function<void(const record_change&)> tell{}; ///< of each that is planned, in the order in which it is carried out
};

/// Plans what makes the directory say what the records say: what is not there is made, what differs changed, what a record says nothing of left alone. The order is
/// that in which they depend on each other, in waves: domains, then addresses after those that their mail goes to, then administrators, then what is taken away. What cannot be
/// planned is a fault in the plan. The records must be checked (exchange::check). `line` of each change is that of its record.
VMAIL_EXPORT plan plan_records(directory& d, const std::vector<exchange::record>& records, const record_plan_options& options);

} // namespace vmail
