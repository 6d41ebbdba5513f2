#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <vmail/address.hpp>
#include <vmail/service.hpp>

/// Where mail for an address goes on. Pure: what the directory holds comes from a lookup that the caller gives. Internal.
namespace vmail::routing {

/// What the directory has for an address.
struct stop {
    bool is_ours = false;   ///< its domain is in the directory
    bool is_there = false;  ///< an entry, or the catch-all of its domain, takes the mail
    std::string name{};     ///< lower-case address of the entry that takes it: the address without extension, or "@domain"
    std::string why_not{};  ///< when the mail is refused all the same: one of service_word, "closed to mail"
    std::vector<maildrop> targets{}; ///< where it goes on: of an alias, or a forward that is on; none where it ends
};

using lookup = std::function<stop(const address&)>;

/// The same, which asks for each address once.
lookup remembering(lookup find);

/// Whether mail for `from`, sent on to the targets, would come by an address twice without ever arriving: the addresses in their order, the first one again at
/// the end. Empty when it would not. Postfix expands an address that is among its own targets once, so that such a one ends every circle.
std::vector<std::string> circle_of(const alias_address& from, const std::vector<maildrop>& targets, const lookup& find);

/// Why mail to a target would not arrive, in words that follow its address: "which is not there", "which is disabled". Nothing where it would, or goes
/// elsewhere.
std::optional<std::string> fault_of(const maildrop& target, const lookup& find);

} // namespace vmail::routing
