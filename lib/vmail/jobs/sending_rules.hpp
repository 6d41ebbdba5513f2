#pragma once

#include <functional>
#include <map>
#include <string>

#include <vmail/directory.hpp>
#include <vmail/export.hpp>
#include <vmail/send_limits.hpp>

namespace vmail {

/// How much each account of a directory may send, for the programs that count: names in lower case, and no name that nothing follows from.
struct sending_rules {
    std::map<std::string, send_limits> mailboxes{}; ///< those of their own, where they are not the ones that their domain gives: they may be none
    std::map<std::string, send_limits> domains{};   ///< of each of their other mailboxes; never none
};

/// From a complete answer. What cannot be read is told to the function, in a sentence that is safe to print, and does not count. Throws denied for who is not the site: of what he does
/// not see he would lift the limits.
VMAIL_EXPORT sending_rules read_sending_rules(directory& d, const std::function<void(const std::string& sentence)>& on_nonsense);

/// The rules of a file of postfwd(8), version 1.35: each is by sasl_username at the stage of RCPT, so that each recipient is one. They decide nothing that others are to
/// decide: whoever is below his limits leaves them at their end.
VMAIL_EXPORT std::string postfwd_rules(const sending_rules& rules);

/// The lines of a map of Rspamd, "ann@example.org 200/1h,1000/1d": a domain is "@example.org".
VMAIL_EXPORT std::string rspamd_map(const sending_rules& rules);

} // namespace vmail
