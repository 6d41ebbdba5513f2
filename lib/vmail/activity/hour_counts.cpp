#include <algorithm>

#include <vmail/activity/hour_counts.hpp>

namespace vmail::activity {

namespace {

using m = measure;

struct adding {
    hour_counts& to;

    void operator()(const login& l) const noexcept { to.add(l.is_good ? static_cast<m>(l.by) : m::failures); }
    void operator()(const submission& s) const noexcept {
        to.add(m::messages);
        to.add(m::recipients, s.recipients);
        to.add(m::bytes, s.bytes);
    }
    void operator()(const rejection&) const noexcept { to.add(m::rejected); }
    void operator()(const dispatch& d) const noexcept { to.add(d.how == fate::sent ? m::sent : d.how == fate::deferred ? m::deferred : m::bounced); }
    void operator()(const delivery& d) const noexcept {
        to.add(d.how == fate::sent ? m::received : d.how == fate::deferred ? m::received_deferred : m::received_bounced);
        if (d.how == fate::sent) to.add(m::received_bytes, d.bytes);
    }
};

static_assert(static_cast<m>(protocol::submission) == m::logins_submission);

} // namespace

void hour_counts::add(measure what, std::uint64_t n) noexcept {
    auto& sum = numbers[static_cast<std::size_t>(what)];
    sum = std::min(sum + std::min(n, most_counted), most_counted);
}

void hour_counts::add(const hour_counts& more) noexcept {
    for (std::size_t i = 0; i < measures; ++i) add(static_cast<measure>(i), more.numbers[i]);
}

void hour_counts::add(const event& e) noexcept { std::visit(adding{*this}, e.what); }

} // namespace vmail::activity
