#include <algorithm>
#include <map>

#include <vmail/mail_store/digest.hpp>

#include <vmail/activity/log_positions.hpp>

namespace vmail::activity {

fingerprint fingerprint::of(std::string_view bytes) {
    mail_store::digest sum;
    sum.add(bytes);
    return {bytes.size(), mail_store::hex_of(sum.take())};
}

std::optional<log_position> log_positions::find(std::string_view head, std::size_t least) const {
    std::map<std::size_t, fingerprint> heads; // the lengths are few
    const log_position* best = nullptr;
    for (const log_position& p : all_) {
        if (p.head.size > head.size() || p.head.size < least) continue;
        auto& own = heads[p.head.size];
        if (own.digest.empty()) own = fingerprint::of(head.substr(0, p.head.size));
        if (own == p.head && (best == nullptr || p.offset > best->offset)) best = &p;
    }
    return best == nullptr ? std::nullopt : std::optional(*best);
}

void log_positions::put(const std::optional<log_position>& earlier, const log_position& now) {
    if (earlier) std::erase_if(all_, [&](const log_position& p) { return p.head == earlier->head && p.offset == earlier->offset; });
    if (all_.size() >= most_) all_.erase(all_.begin());
    all_.push_back(now);
}

void log_positions::write(memory_writer& to) const {
    for (const log_position& p : all_) {
        to.field("log").field(p.head.size).field(p.head.digest).field(p.offset).field(p.tail.size).field(p.tail.digest);
        to.field(p.last ? std::to_string(*p.last) : "").field(p.host).end_line();
    }
}

void log_positions::read(memory_line& from) {
    log_position p;
    p.head.size = from.number();
    p.head.digest = from.text();
    p.offset = from.number();
    p.tail.size = from.number();
    p.tail.digest = from.text();
    if (p.head.size > log_position::longest_head || p.tail.size > log_position::longest_tail || p.tail.size > p.offset) refuse_memory();
    const std::string last = from.text();
    if (!last.empty()) {
        memory_line number(last);
        p.last = static_cast<std::int64_t>(number.number());
    }
    p.host = from.text();
    all_.push_back(p);
}

} // namespace vmail::activity
