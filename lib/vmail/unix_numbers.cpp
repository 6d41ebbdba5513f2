#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/naming.hpp>
#include <vmail/schema.hpp>
#include <vmail/unix_numbers.hpp>

namespace vmail {

namespace attr = schema::attr;
namespace cls = schema::cls;
using ldap::filter;

namespace {

/// 0 for what is none.
std::uint64_t number_in(const ldap::entry& e, std::string_view attribute) {
    const std::string text = e.first(attribute).value_or("");
    std::uint64_t n = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), n);
    return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() ? n : 0;
}

std::string text_of(const number_range& r) { return fmt::format("{} to {}", r.first, r.last); }

[[noreturn]] void refuse_used(std::uint32_t n, const ldap::dn& whose) {
    throw already_exists(fmt::format("the number {} is taken: {} has it", n, printable(naming::subject_of(whose))), {.dn = whose.text()});
}

} // namespace

std::uint32_t unix_numbers::take(const ldap::dn& whose) {
    look();
    const number_range& range = site_.unix_accounts.uids;
    for (std::uint64_t n = next_; n <= range.last; ++n) {
        const auto number = static_cast<std::uint32_t>(n);
        if (unix_number::is_reserved(number) || taken_.contains(number) || owner(number)) continue;
        taken_.emplace(number, whose);
        pass(n + 1);
        return number;
    }
    throw limit_exceeded(fmt::format("no number for a Unix account is left: the last of those from {} was given, and none before it is given by itself any more", text_of(range)),
                         {.dn = site_.layout.container().text(), .hint = "let unix-uid-range reach further, to numbers that nothing else uses"});
}

bool unix_numbers::take(std::uint32_t n, const ldap::dn& whose) {
    const number_range& range = site_.unix_accounts.uids;
    if (!range.holds(n))
        throw limit_exceeded(fmt::format("{} is no number for a Unix account: those go from {}", n, text_of(range)), {.hint = "they are what is set as unix-uid-range"});
    look();
    if (const auto other = owner(n); other && !(*other == whose)) refuse_used(n, *other);
    if (const auto [first, is_new] = taken_.try_emplace(n, whose); !is_new) refuse_used(n, first->second);
    const bool is_old = n < next_;
    if (!is_old) passed_over_ = {passed_over_.given_up + (n - next_), range.last - n};
    pass(std::max(next_, std::uint64_t{n} + 1));
    return is_old;
}

void unix_numbers::look() {
    if (container_) return;
    if (!session_.schema().has_attribute(attr::next_uid_number))
        throw error(error_kind::configuration, fmt::format("the server cannot keep which numbers were given: its schema has no attribute {}", attr::next_uid_number),
                    {.hint = "load vmail.schema there, as it is now"});
    container_ = session_.find(site_.layout.container(), ldap::whole_entry());
    if (!container_) // it is above the account, and so it is there
        throw denied(fmt::format("numbers of Unix accounts are given by who may change {} alone", site_.layout.container().text()), {.dn = site_.layout.container().text(), .remedy = remedy::ask_identity});
    const std::uint64_t kept = number_in(*container_, attr::next_uid_number);
    next_ = std::max<std::uint64_t>(site_.unix_accounts.uids.first, kept > 0 ? kept : std::uint64_t{highest_in_use()} + 1);
}

/// Of this range: what is above it was never to be given.
std::uint32_t unix_numbers::highest_in_use() {
    std::uint32_t highest = 0;
    session_.for_each({site_.layout.base(), ldap::scope::subtree, filter::present(attr::uid_number), {std::string(attr::uid_number)}}, [&](ldap::entry&& e) {
        const std::uint64_t n = number_in(e, attr::uid_number);
        if (n <= site_.unix_accounts.uids.last) highest = std::max(highest, static_cast<std::uint32_t>(n));
    });
    return highest;
}

std::optional<ldap::dn> unix_numbers::owner(std::uint32_t n) {
    const auto found = session_.search({site_.layout.base(), ldap::scope::subtree, filter::equal(attr::uid_number, std::to_string(n)), ldap::no_attributes()});
    return found.empty() ? std::nullopt : std::optional(found[0].dn());
}

void unix_numbers::pass(std::uint64_t next) {
    next_ = next;
    ldap::entry after = *container_;
    after.add_class(cls::numbers);
    after.set(attr::next_uid_number, std::to_string(next_));
    auto changes = ldap::diff(*container_, after);
    if (!changes.empty()) premise_ = ldap::modify_request{container_->dn(), std::move(changes), ldap::precondition::unchanged(*container_)};
}

} // namespace vmail
