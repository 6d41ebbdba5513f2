#include <set>
#include <string>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/printable.hpp>

#include <vmail/check/comparisons.hpp>
#include <vmail/check/rules/table.hpp>
#include <vmail/mailing_list.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace {

/// By the setting, and by what the lists themselves lead to.
class list_domains : public comparison {
public:
    explicit list_domains(const context& around) : around_(around) {
        if (around.lists_domain) domains_.insert(around.lists_domain->text());
    }

    void gather(const sight& e) override {
        const auto* const a = e.entry.has_class(schema::cls::mailing_list) ? e.alias() : nullptr;
        if (const auto leads_to = a != nullptr ? mailing_list::lists_domain_of(*a) : std::nullopt) domains_.insert(leads_to->text());
    }

    bool settle(const telling& tell) override {
        for (const std::string& name : domains_)
            if (const auto* const d = around_.domains.find(name); d != nullptr && !d->is_backup && d->service.in_service)
                tell.about(d->name, fmt::format("mailing lists lead to {}, and Postfix looks for their mailboxes here", printable(d->name)), d->dn);
        return false;
    }

private:
    const context& around_;
    std::set<std::string, ascii::iless> domains_;
};

} // namespace

const rule lists_domain_here{{"lists-domain-here", severity::error, reach::tree, repair::none,
                              "The domain of the list server is a domain with mailboxes, too: Postfix delivers its mail here, and the list server gets none."},
                             nullptr, nullptr, make<list_domains>};

} // namespace vmail::check
