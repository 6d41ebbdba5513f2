#include <fmt/format.h>

#include <vmail/printable.hpp>

#include <vmail/check/comparisons.hpp>
#include <vmail/check/rules/table.hpp>
#include <vmail/check/suspects.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace {

/// Also one that is removed has its folder, for ever.
class same_folder : public comparison {
public:
    void gather(const sight& e) override {
        if (const auto& folder = e.folder(); !folder.empty()) folders_.add(folder, e.ordinal);
    }
    bool settle(const telling&) override {
        folders_.settle();
        return !folders_.empty();
    }
    void look_again(const sight& e, const telling& tell) override {
        const auto& folder = e.folder();
        if (folder.empty() || !folders_.may_hold(folder)) return;
        if (const auto other = first_.meet(folder, e.subject())) tell(e, fmt::format("its folder {} is that of {} as well", vmail::quoted(folder), name_of_other(*other)), false, *other);
    }
    ldap::filter accused() const override { return ldap::filter::equal(schema::attr::object_class, schema::cls::account); }
    std::vector<std::string_view> reads() const override { return {schema::attr::vd_home, schema::attr::mailbox}; }
    const std::vector<entry_names::ordinal>* whose() const override { return &folders_.whose(); }

private:
    twice folders_;
    first_holders first_;
};

} // namespace

const rule folder_twice{{"folder-twice", severity::error, reach::tree, repair::none,
                         "Two mailboxes have one folder: each owner reads the other's mail."},
                        nullptr, nullptr, make<same_folder>};

} // namespace vmail::check
