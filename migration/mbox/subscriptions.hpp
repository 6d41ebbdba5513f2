#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "folder_name.hpp"

namespace vmail::mbox {

/// The folders of a list of subscriptions: a name a line with "/" in it, as UW-IMAP and Pine (.mailboxlist) and older Dovecots (.subscriptions) write it, or
/// "V\t2" and tabs instead, as Dovecot 2.3 does. Names may begin with the name of the tree ("mail/sent" for a list that lies beside ~/mail).
/// Lines with a remote host ("{host}...") are passed over.
std::vector<folder_name> parse_subscriptions(std::string_view text, std::string_view tree);

/// Dovecot's file `subscriptions` of a Maildir with these folders added, in the form that it has already. The same text where all are in it.
std::string add_to_dovecot(std::string_view text, const std::set<folder_name>& folders);

/// Courier's file `courierimapsubscribed`, likewise.
std::string add_to_courier(std::string_view text, const std::set<folder_name>& folders);

} // namespace vmail::mbox
