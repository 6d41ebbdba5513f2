#include <vmail/check/rules/table.hpp>
#include <vmail/naming.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace attr = schema::attr;

namespace {

bool lacks(const sight& e) { return e.mailbox() != nullptr && e.mailbox()->vacation.active && e.lacks(attr::mail_autoreply); }

void look(const sight& e, const telling& tell) {
    if (lacks(e)) tell(e, "its automatic answer is on, and mailAutoreply is missing: no answer is sent", true);
}

void mend(const sight& e, ldap::entry& after) {
    if (lacks(e)) after.set(attr::mail_autoreply, naming::autoreply_of(e.mailbox()->address));
}

} // namespace

const rule autoreply_missing{{"autoreply-missing", severity::warning, reach::tree, repair::adoption,
                              "An automatic answer is on without mailAutoreply, by which the maps find where to send the copy that is answered."},
                             look, mend};

} // namespace vmail::check
