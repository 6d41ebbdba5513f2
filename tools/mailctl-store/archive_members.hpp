#pragma once

#include <cstdint>
#include <string_view>

#include <vmail/mail_store/digest.hpp>

/// What the writer and the reader of archives agree on.
namespace vmail::tools::member {

inline constexpr const char* entry = "entry.ldif";
inline constexpr const char* mail = "mail";
inline constexpr const char* manifest = "manifest";

/// What is digested of a member of the mail, before its contents. The path is from the folder of mail.
void add_to(mail_store::digest& all, char kind, std::string_view path, std::uint64_t size, std::int64_t seconds, long nanoseconds);

} // namespace vmail::tools::member
