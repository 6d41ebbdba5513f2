#pragma once

#include <string>
#include <string_view>

#include <vmail/error.hpp>

#include "record.hpp"

/// The JSON that our programs write, on one line, ASCII only: what a terminal makes of it is harmless. Bytes that are no UTF-8 become U+FFFD.
namespace vmail::tools {

/// {"address":"bob@example.org",...}
std::string json_object(const record& r);

/// The same behind what is there.
void append_json(std::string& out, const record& r);

/// {"version":1,"note":"..."}
std::string json_message(std::string_view word, std::string_view sentence);

/// {"version":1,"error":{"kind":...,"message":...,"dn":...,"ldap_code":...,"hint":...,"exit_status":...}}
std::string json_failure(const error& e, int exit_status);

} // namespace vmail::tools
