#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "message.hpp"

namespace vmail::mbox {

/// What tells a message of ours in its file name: its identity, and whether it is the first, second ... of the same in its folder (from 1).
std::string file_key(const checksum& identity, std::size_t occurrence);

/// "1069338600.M123456P1Q0123456789abcdef01234567.mbox,S=2310,W=2369": the time of delivery, the key, and the size as it is and with CR LF. The same message
/// gets the same name in every run.
std::string file_name(const message& m, const std::string& key);

/// The key in the name of a file in cur or new, whatever flags it has; nothing where the name is none of ours.
std::optional<std::string_view> key_in(std::string_view file);

/// Without ":2," and the flags.
std::string_view without_flags(std::string_view file);

/// The number behind ",S=" in a name.
std::optional<std::uint64_t> size_in(std::string_view file);

/// The letters of the flags, in their order: D draft, F flagged, R answered, S seen, T deleted.
std::string flag_letters(const mail_flags& flags);

} // namespace vmail::mbox
