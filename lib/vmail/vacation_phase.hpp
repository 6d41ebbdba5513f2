#pragma once

#include <array>
#include <string_view>

#include <vmail/export.hpp>
#include <vmail/schema.hpp>
#include <vmail/timestamp.hpp>
#include <vmail/vacation.hpp>

namespace vmail::schema {

namespace cls {
inline constexpr std::string_view vacation_waits = "vmailVacationWaits";
}

/// The name of vmail.schema for an automatic answer that waits for its first day: a class without attributes.
inline constexpr std::array waiting_classes = {cls::vacation_waits};

} // namespace vmail::schema

namespace vmail {

/// Where an answer stands at a moment.
enum class vacation_phase {
    off,     ///< nobody wants one
    waits,   ///< it is switched on, and its first minute has not come
    answers,
    over,    ///< it is switched on, and its last minute has passed
};
/// "off", "waits", "answers", "over".
VMAIL_EXPORT std::string_view name(vacation_phase p) noexcept;

/// What the clocks of the zone show at an instant, without its seconds.
VMAIL_EXPORT local_minute minute_at(timestamp t, const time_zone& zone);

/// The first and the last minute belong to the window; one that would end before it begins is over after its end.
VMAIL_EXPORT vacation_phase phase_of(const vacation& v, local_minute now) noexcept;

} // namespace vmail
