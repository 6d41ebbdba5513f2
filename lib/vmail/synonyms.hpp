#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include <vmail/ascii.hpp>

namespace vmail {

/// An attribute may be called otherwise (RFC 4519, RFC 4524, RFC 2798): "userid" is uid.
struct synonym {
    std::string_view name, of;
};

inline constexpr std::array synonyms = {synonym{"rfc822Mailbox", "mail"}, synonym{"userid", "uid"}, synonym{"commonName", "cn"}, synonym{"surname", "sn"},
                                        synonym{"gn", "givenName"}, synonym{"organizationName", "o"}, synonym{"mobileTelephoneNumber", "mobile"}};

/// The name by which an attribute is known here; without its options, as it is one of its subtypes with them (RFC 4512 section 2.5).
inline std::string_view usual_name(std::string_view description) {
    const std::string_view name = description.substr(0, description.find(';'));
    const auto* const found = std::find_if(synonyms.begin(), synonyms.end(), [&](const synonym& s) { return ascii::iequals(s.name, name); });
    return found == synonyms.end() ? name : found->of;
}

} // namespace vmail
