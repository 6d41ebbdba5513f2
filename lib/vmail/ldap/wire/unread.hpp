#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vmail::ldap::wire {

/// Whether what a server sends of this attribute stays unread: it is one of the names, with whatever options.
bool is_unread(const std::vector<std::string>& names, std::string_view attribute) noexcept;

/// What is taken of a value in an answer. In a record of slapo-accesslog (reqMod, reqOld), where a line is "NAME:+ value" or "NAME: value", the value of
/// such a name is left out.
std::string_view value_to_read(const std::vector<std::string>& names, std::string_view attribute, std::string_view value);

} // namespace vmail::ldap::wire
