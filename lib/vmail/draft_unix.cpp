#include <algorithm>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/draft_state.hpp>

namespace vmail {

namespace attr = schema::attr;

namespace {

std::string called(const mailbox& m) { return printable(m.address.text()); }

/// The first of its logins, which a mailbox of elsewhere may lack.
std::string unix_name(draft::state& s, mailbox& m) {
    auto& logins = m.facets[std::string(attr::uid)];
    if (logins.empty()) logins = {s.choose_login(m.address)};
    return logins.front();
}

void require_unix_name(draft::state& s, mailbox& m) {
    const std::string login = unix_name(s, m);
    if (!is_unix_name(login))
        throw invalid_value(fmt::format("{} cannot have an account of Unix: nslcd takes {} for no name of a user", called(m), vmail::quoted(login)), {.dn = s.layout().mailbox(m.address).text()});
}

/// All but the numbers.
void apply(const unix_wishes& w, unix_account& a) {
    if (w.home) a.home = *w.home;
    if (w.shell) a.shell = *w.shell;
    if (w.gecos) a.gecos = *w.gecos;
    a.check();
}

std::uint32_t take_number(draft::state& s, const stored<mailbox>& m, std::uint32_t n) {
    const auto given_up = s.numbers.passed_over().given_up;
    if (s.numbers.take(n, m.source.dn()))
        s.made.notices.push_back({m->address.text(), fmt::format("the number {} of {} was given before: what files it owns are theirs now", n, called(m.value))});
    if (const auto more = s.numbers.passed_over().given_up - given_up; more > 0)
        s.made.notices.push_back({m->address.text(), fmt::format("{} numbers before {} are passed over: no account gets one of them by itself any more", more, n)});
    return n;
}

std::uint32_t group_of(const unix_defaults& given, const unix_wishes& w, std::uint32_t uid_number) { return w.gid_number.value_or(given.gid.value_or(uid_number)); }

} // namespace

unix_account draft::add_unix_account(const stored<mailbox>& m, const unix_wishes& w) {
    auto& s = *state_;
    const unix_defaults& given = s.site().unix_accounts;
    if (unix_account::is_on(m.value)) throw already_exists(fmt::format("{} has an account of Unix already", called(m.value)), {.dn = m.source.dn().text()});
    stored<mailbox> with = m;
    require_unix_name(s, with.value);
    unix_account a{.home = w.home ? *w.home : unix_home(given, m->address), .shell = given.shell};
    apply(w, a);
    a.uid_number = w.uid_number ? take_number(s, m, *w.uid_number) : s.numbers.take(m.source.dn());
    a.gid_number = group_of(given, w, a.uid_number);
    a.put_on(with.value);
    update(with, "created");
    return a;
}

unix_account draft::set_unix_account(const stored<mailbox>& m, const unix_wishes& w) {
    auto& s = *state_;
    auto a = unix_account::of(m.value);
    if (!a) throw not_found(fmt::format("{} has no account of Unix", called(m.value)), {.dn = m.source.dn().text()});
    apply(w, *a);
    if (w.gid_number) a->gid_number = *w.gid_number;
    if (w.uid_number && *w.uid_number != a->uid_number) a->uid_number = take_number(s, m, *w.uid_number);
    stored<mailbox> with = m;
    a->put_on(with.value);
    update(with, "changed");
    return *a;
}

const passed_numbers& draft::numbers_passed_over() const noexcept { return state_->numbers.passed_over(); }

void draft::remove_unix_account(const stored<mailbox>& m) {
    stored<mailbox> without = m;
    unix_account::take_from(without.value);
    update(without, "removed");
}

} // namespace vmail
