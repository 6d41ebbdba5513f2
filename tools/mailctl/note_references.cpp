#include <fmt/format.h>

#include "entity_verbs.hpp"

namespace vmail::tools {

namespace {

void note_senders(invocation& run, directory& d, const address& gone) {
    for (const auto& name : d.references_to(gone))
        run.err().note(fmt::format("{} still sends mail to {}", printable(name.rdns().front().front().value), printable(gone.text())));
}

} // namespace

void note_references(invocation& run, directory& d, const mailbox& m) { note_senders(run, d, m.address); }

void note_references(invocation& run, directory& d, const alias& a) {
    if (!a.address.is_catch_all()) note_senders(run, d, address::make(a.address.local_part(), a.address.domain()));
}

} // namespace vmail::tools
