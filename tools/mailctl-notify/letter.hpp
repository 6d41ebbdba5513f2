#pragma once

#include <string>

#include <vmail/timestamp.hpp>

namespace vmail::tools {

/// A message to one person, in plain words.
struct letter {
    std::string from;        ///< an address
    std::string to;          ///< an address
    std::string to_name{};   ///< UTF-8; empty: none
    std::string subject{};   ///< UTF-8, one line
    std::string body{};      ///< UTF-8, lines that end with "\n"
    std::string language{};  ///< RFC 5646
    std::string id{};        ///< the same for the same notice, so that one that is sent twice can be known by it; without "<>"
    timestamp date = timestamp::now();
};

/// As RFC 5322 and RFC 2045 to 2047 want it, in ASCII, with lines that end with "\n", marked as sent by a program (RFC 3834), so that no vacation message comes back.
std::string message_of(const letter& l);

} // namespace vmail::tools
