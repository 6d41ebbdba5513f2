#pragma once

#include <string_view>

namespace vmail::nis {

/// What an alias that leads to a program of a list server asks of it.
struct list_program {
    enum class kind {
        other,     ///< another program
        post,      ///< takes messages for a list of Mailman 2
        resend,    ///< takes messages for a list of Majordomo
        companion, ///< takes commands, bounces and the like, of either
    };
    kind what = kind::other;
    std::string_view list{};     ///< of post and resend
    std::string_view outgoing{}; ///< of resend: the alias with the members
};

/// Reads "|/usr/lib/mailman/mail/mailman post NAME" and "|/usr/lib/majordomo/wrapper resend -l NAME ... NAME-outgoing".
list_program parse_list_program(std::string_view command);

} // namespace vmail::nis
