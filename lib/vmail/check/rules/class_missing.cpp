#include <string_view>

#include <vmail/check/rules/table.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace attr = schema::attr;
namespace cls = schema::cls;

namespace {

/// With the class that is on which the entry says already: that is to change where its mail goes.
bool is_quiet(const ldap::entry& e, std::string_view flag) {
    const auto* const values = e.find(flag);
    return values == nullptr || (values->size() == 1 && values->front() == "FALSE");
}

bool lacks_forward(const ldap::entry& e) { return e.has_class(cls::account) && !e.has_class(cls::forward); }
bool lacks_vacation(const sight& e, const ldap::entry& of) { return e.around.has_vacation && of.has_class(cls::account) && !of.has_class(cls::vacation); }

void look(const sight& e, const telling& tell) {
    if (lacks_forward(e.entry)) tell(e, "it has no class VirtualForward, and so no forwardActive", is_quiet(e.entry, attr::forward_active));
    if (lacks_vacation(e, e.entry)) tell(e, "it has no class Vacation, and so no vacationActive", is_quiet(e.entry, attr::vacation_active));
}

void complete(ldap::entry& e, std::string_view object_class, std::string_view flag) {
    if (!is_quiet(e, flag)) return;
    e.add_class(object_class);
    if (!e.has(flag)) e.set(flag, "FALSE");
}

void mend(const sight& e, ldap::entry& after) {
    if (lacks_forward(after)) complete(after, cls::forward, attr::forward_active);
    if (lacks_vacation(e, after)) complete(after, cls::vacation, attr::vacation_active);
}

} // namespace

const rule class_missing{{"class-missing", severity::warning, reach::tree, repair::safe,
                          "A mailbox lacks the classes VirtualForward or Vacation, whose flags the maps that come with Phamm ask for as FALSE: they refuse its mail."},
                         look, mend};

} // namespace vmail::check
