#include <fmt/format.h>

#include <vmail/printable.hpp>
#include <vmail/standing.hpp>

#include "sight.hpp"

namespace vmail::tools {

void note_sight(invocation& run, std::string_view done) {
    const auto who = standing_of(run.session(), run.directory().site());
    if (who.kind != standing::kind::service) run.err().note(fmt::format("only what {} may see is {}: there may be more", printable(who.name), done));
}

} // namespace vmail::tools
