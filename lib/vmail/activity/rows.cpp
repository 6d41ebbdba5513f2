#include <vmail/activity/rows.hpp>

namespace vmail::activity {

namespace {

struct sight_finder {
    std::optional<sight> operator()(const login& l) const noexcept { return l.is_good ? sight::login : sight::failure; }
    std::optional<sight> operator()(const submission&) const noexcept { return sight::send; }
    std::optional<sight> operator()(const rejection&) const noexcept { return sight::rejection; }
    std::optional<sight> operator()(const dispatch& d) const noexcept { return d.how == fate::bounced ? std::optional(sight::bounce) : std::nullopt; }
    std::optional<sight> operator()(const delivery&) const noexcept { return std::nullopt; }
};

struct use_finder {
    std::optional<use> operator()(const login& l) const noexcept {
        return l.is_good && (l.by == protocol::imap || l.by == protocol::pop3) ? std::optional(use::read) : std::nullopt;
    }
    std::optional<use> operator()(const submission&) const noexcept { return use::send; }
    std::optional<use> operator()(const delivery& d) const noexcept { return d.how == fate::sent ? std::optional(use::receive) : std::nullopt; }
    std::optional<use> operator()(const rejection&) const noexcept { return std::nullopt; }
    std::optional<use> operator()(const dispatch&) const noexcept { return std::nullopt; }
};

} // namespace

std::optional<sight> sight_of(const event& e) noexcept { return std::visit(sight_finder{}, e.what); }

std::optional<use> use_of(const event& e) noexcept { return std::visit(use_finder{}, e.what); }

} // namespace vmail::activity
