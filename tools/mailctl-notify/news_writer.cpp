#include <algorithm>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <cli/counted.hpp>

#include "news_writer.hpp"

namespace vmail::tools {

namespace {

/// Lines stay lines.
std::string harmless_lines(std::string_view text) {
    std::string all;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        all += harmless(line) + '\n';
    }
    return all;
}

std::string words_for(owner_fate f) {
    std::string words(name(f));
    std::replace(words.begin(), words.end(), '_', ' ');
    return words;
}

} // namespace

void news_writer::tell(const account_news& n, const std::string& why) {
    const auto& a = *n.account;
    const auto end = a.end.text(run_.configuration().zone);
    if (!run_.writes_json()) return line(fmt::format("{}  {}  ends {}, {} days before{}{}\n", printable(a.address.text()), words_for(n.owner), end, a.days, why.empty() ? "" : "  ", why));
    object o{{"address", a.address.text()}, {"owner", name(n.owner)}, {"changed", n.owner == owner_fate::told}, {"expires", end}, {"days", a.days}, {"days_left", a.days_left}, {"led_here", a.led_here}};
    if (!why.empty()) o["message"] = why;
    add(std::move(o));
}

void news_writer::tell_admin(const std::string& to, std::string_view outcome, std::size_t accounts) {
    if (!run_.writes_json()) return line(fmt::format("{}  {}  of {}\n", printable(to), outcome, accounts));
    add({{"administrator", to}, {"outcome", outcome}, {"changed", outcome == "told"}, {"accounts", accounts}});
}

void news_writer::show(const letter& l) {
    if (run_.writes_json()) return add({{"from", l.from}, {"to", l.to}, {"changed", false}, {"subject", l.subject}, {"language", l.language}, {"body", l.body}});
    line(fmt::format("From: {}\nTo: {}\nSubject: {}\n\n{}\n", harmless(l.from), harmless(l.to), harmless(l.subject), harmless_lines(l.body)));
}

void news_writer::finish(bool is_dry, const notice_plan& plan, const notice_counts& counts, int exit_status) {
    if (run_.writes_json()) {
        object o{{"version", 1},           {"changed", !is_dry && counts.told > 0},
                 {"dry_run", is_dry},      {"ahead", plan.ahead},
                 {"told", is_dry ? 0 : counts.told}, {"failed", counts.failed},
                 {"left", counts.left},    {"malformed", plan.malformed.size()},
                 {"stopped", counts.closed.empty() ? object(nullptr) : object(counts.closed)}, {"exit_status", exit_status}};
        if (run_.format() == output_format::json) o["notices"] = all_;
        return write(o);
    }
    if (!counts.closed.empty()) run_.err().failure(unavailable(fmt::format("the mail server takes no more: {}", counts.closed), {.hint = "run it again: who was not told is told then"}), exit_status);
    if (is_dry) return run_.err().note(fmt::format("{} would be told of {} that end soon (dry run)", counts.told, plan.ahead));
    run_.err().note(fmt::format("{} told of {} that end soon{}{}", counts.told, plan.ahead, counts.failed > 0 ? fmt::format(", {} not", counts.failed) : "",
                                counts.left > 0 ? fmt::format(", {} left for the next run", counts.left) : ""));
}

void news_writer::line(const std::string& text) {
    run_.out() << text;
    run_.out().flush(); // one that is interrupted must have told of all that it has done
}

void news_writer::add(object&& o) {
    if (run_.format() == output_format::jsonl) write(o);
    else all_.push_back(std::move(o));
}

void news_writer::write(const object& o) { line(o.dump(-1, ' ', true, object::error_handler_t::replace) + '\n'); }

} // namespace vmail::tools
