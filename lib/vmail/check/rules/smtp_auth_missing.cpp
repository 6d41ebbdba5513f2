#include <vmail/check/rules/table.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace attr = schema::attr;
namespace cls = schema::cls;

namespace {

bool lacks(const sight& e) { return e.entry.has_class(cls::account) && e.lacks(attr::smtp_auth); }

void look(const sight& e, const telling& tell) {
    if (lacks(e)) tell(e, "smtpAuth is missing: nothing says whether it may send, and it may not", true);
}

void mend(const sight& e, ldap::entry& after) {
    if (lacks(e)) after.set(attr::smtp_auth, "FALSE");
}

} // namespace

const rule smtp_auth_missing{{"smtp-auth-missing", severity::warning, reach::tree, repair::safe,
                              "A mailbox without smtpAuth cannot send, since the daemons look for TRUE, and nothing says whether that is meant; FALSE says so."},
                             look, mend};

} // namespace vmail::check
