#include <vmail/vacation_phase.hpp>

namespace vmail {

std::string_view name(vacation_phase p) noexcept {
    switch (p) {
    case vacation_phase::off: return "off";
    case vacation_phase::waits: return "waits";
    case vacation_phase::answers: return "answers";
    case vacation_phase::over: break;
    }
    return "over";
}

local_minute minute_at(timestamp t, const time_zone& zone) { return local_minute::parse(t.local_text(zone).substr(0, std::string_view("2026-08-01 14:30").size())); }

vacation_phase phase_of(const vacation& v, local_minute now) noexcept {
    if (!v.active) return vacation_phase::off;
    if (v.end && *v.end < now) return vacation_phase::over;
    return v.start && now < *v.start ? vacation_phase::waits : vacation_phase::answers;
}

} // namespace vmail
