#include <algorithm>
#include <chrono>
#include <random>
#include <thread>

#include <fmt/format.h>

#include <vmail/claim_keeper.hpp>
#include <vmail/domain_usage.hpp>
#include <vmail/schema.hpp>

namespace vmail {

namespace attr = schema::attr;
namespace cls = schema::cls;

namespace {

error changed_by_others(const place_claim& c, const ldap::entry& domain) {
    return conflict(fmt::format("the domain {} is being changed by too many others at once", c.domain.text()), {.dn = domain.dn().text()});
}

/// Full, with what others may give back.
limit_exceeded reserved_by_others(const limit_exceeded& full) {
    return limit_exceeded(fmt::format("{}; places in it are set aside for others who are adding", full.what()),
                          {.hint = "try again when they are done; what one that was killed had set aside is free again after a quarter of an hour"});
}

/// For others who have set aside what they may not use: a person waits, too.
constexpr std::chrono::milliseconds longest_wait{5000};
constexpr int insufficient_access = 50, assertion_failed = 122;

void wait_a_little(int attempt) {
    static thread_local std::minstd_rand random{std::random_device{}()};
    std::this_thread::sleep_for(std::chrono::milliseconds(std::uniform_int_distribution<int>(1, 5 + std::min(attempt, 20))(random)));
}

} // namespace

void claim_keeper::take(const place_claim& claim) {
    held& h = claims_.emplace_back(held{claim});
    if (!directory_.session().schema().has_class(cls::bookkeeping)) return;
    const auto name = directory_.site().layout.domain(claim.domain);
    const auto give_up = std::chrono::steady_clock::now() + std::min<std::chrono::milliseconds>(directory_.session().options().operation_timeout, longest_wait);
    for (int attempt = 1; !h.refusal; ++attempt) {
        const auto domain = directory_.session().find(name, ldap::whole_entry());
        if (!domain) return; // whatever is to be added there will say so
        const room found = look_for_room(h, *domain);
        if (!found.shortage && try_once(h, *domain)) return;
        if (found.may_come_back && std::chrono::steady_clock::now() < give_up) wait_a_little(attempt);
        else if (!found.shortage) h.refusal = changed_by_others(h.claim, *domain);
        else h.refusal = found.may_come_back ? reserved_by_others(*found.shortage) : *found.shortage;
    }
}

/// What others have set aside and not used will be there again: it is waited for.
claim_keeper::room claim_keeper::look_for_room(const held& h, const ldap::entry& domain) const {
    const auto d = vmail::domain::from_entry(domain, directory_.site());
    const domain_places others = set_aside_by_others(domain, h.claim.token, timestamp::now());
    const bool as_counted = domain.first(attr::entry_csn) == h.claim.entry_csn;
    if (as_counted && others == domain_places{}) return {};
    const domain_places there = count_places(directory_.session(), domain, directory_.site().role_addresses);
    domain_places all = there;
    all += others;
    return {shortage(d, all, h.claim.places), !shortage(d, there, h.claim.places)};
}

/// False when somebody else was faster.
bool claim_keeper::try_once(held& h, const ldap::entry& domain) {
    const auto now = timestamp::now();
    const bool wants_places = h.claim.places != domain_places{};
    const std::string text = wants_places ? reservation{now, h.claim.token, h.claim.places}.text() : "";
    std::vector<std::string> values;
    if (wants_places) values.push_back(text);
    for (const reservation& r : reservations::of(domain, h.claim.token, now).standing) values.push_back(r.text());
    ldap::entry after = domain;
    after.set(attr::reservation, values);
    if (values.empty()) after.remove_class(cls::bookkeeping);
    else after.add_class(cls::bookkeeping);
    // The very value of an earlier run of this second may be there.
    if (ldap::diff(domain, after).empty()) return hold(h, text);
    const auto r = write_(ldap::modify_request{domain.dn(), ldap::diff(domain, after), ldap::precondition::unchanged(domain)});
    if (r.outcome == ldap::outcome::not_done && r.result.code == assertion_failed) return false;
    if (r.outcome == ldap::outcome::not_done && r.result.code == insufficient_access) return true;
    r.success("set places aside in", domain.dn());
    return hold(h, text);
}

bool claim_keeper::hold(held& h, const std::string& text) {
    h.text = text;
    return true;
}

void claim_keeper::release_all() {
    for (held& h : claims_) release(h);
    claims_.clear();
}

/// One that cannot be given back counts for a while, and then no more.
void claim_keeper::release(held& h) {
    if (h.text.empty()) return;
    ldap::modify_request request{directory_.site().layout.domain(h.claim.domain),
                                 {{ldap::change::remove, std::string(attr::reservation), {h.text}}, {ldap::change::remove, std::string(attr::object_class), {std::string(cls::bookkeeping)}}},
                                 {.entry_uuid = h.claim.entry_uuid}};
    try {
        if (write_(request).outcome != ldap::outcome::not_done) return;
        // The class is needed for what others have set aside; of several who give back at once, the last one takes it away.
        const ldap::modification class_goes = request.changes.back();
        request.changes.pop_back();
        write_(request);
        request.changes = {class_goes};
        write_(request);
    } catch (const error&) {
        return;
    }
}

} // namespace vmail
