#include <array>
#include <string_view>
#include <vector>

#include <vmail/check/problems.hpp>
#include <vmail/check/rules/table.hpp>
#include <vmail/check/target_shape.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace attr = schema::attr;

namespace {

constexpr std::array looked_at = {attr::maildrop, attr::list_owner};

const std::vector<maildrop>& targets_of(const sight& e) {
    static const std::vector<maildrop> none;
    if (const auto* const a = e.alias()) return a->targets;
    return e.mailbox() != nullptr ? e.mailbox()->forward.targets : none;
}

void look(const sight& e, const telling& tell) {
    tell_problems(e, tell, [](std::string_view attribute) { return has_name(looked_at, attribute); });
    for (const maildrop& t : targets_of(e))
        if (const auto fault = fault_of_target(t.text()); !fault.empty()) tell(e, fault);
}

} // namespace

const rule target_malformed{{"target-malformed", severity::error, reach::tree, repair::none,
                             "A place to send mail to is none: mail that goes there is lost or comes back."},
                            look};

} // namespace vmail::check
