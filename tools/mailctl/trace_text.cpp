#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/enumerated.hpp>
#include <vmail/printable.hpp>
#include <vmail/service.hpp>

#include <cli/counted.hpp>

#include "trace_text.hpp"

namespace vmail::tools {

using routing::destination;
using routing::ending;
using routing::holder;
using routing::outcome;
using routing::step;

namespace {

std::string domain_of(const std::string& address) { return address.substr(address.rfind('@') + 1); }

/// What stands behind an address in a sentence.
std::string_view aside_of(ending e) {
    switch (e) {
    case ending::list_server: return " (the list server)";
    case ending::backup: return " (handed on to the server of that domain)";
    case ending::outside: return " (outside)";
    case ending::server: return " (an account of the mail server)";
    case ending::hidden: return " (a domain that we may not see)";
    case ending::mailbox:
    case ending::lost: break;
    }
    return "";
}

/// The words around the transport of a domain that has one of its own.
std::string by_transport(const destination& d, fmt::format_string<std::string> words) { return d.transport.empty() ? "" : fmt::format(words, printable(d.transport)); }

std::string place_text(const destination& d) {
    if (d.kind == ending::lost) return fmt::format("{} ({})", printable(d.recipient), d.why);
    return printable(d.address) + std::string(aside_of(d.kind)) + by_transport(d, " (by {})");
}

/// More than a few are counted: the tree has them.
std::string places_text(const routing::trace& t, bool lost) {
    constexpr std::size_t most = 4;
    std::vector<std::string> names;
    for (const destination& d : t.ends)
        if ((d.kind == ending::lost) == lost) names.push_back(place_text(d));
    return names.size() > most ? fmt::format("{} recipients", names.size()) : enumerated(names);
}

std::string refusal_of(const routing::trace& t) {
    const step& first = t.steps.front();
    if (t.is_domains) return fmt::format("the domain {} is {}", printable(domain_of(t.address)), t.why == service_word::domain_removed ? "removed" : "disabled");
    if (t.why == routing::loss_word::not_taken) return fmt::format("{} is a backup domain, which does not have this address", printable(domain_of(t.address)));
    if (t.why == routing::loss_word::routed) return "Postfix takes its local part for a way by another server (allow_untrusted_routing)";
    if (t.why == routing::loss_word::not_there) return "there is no such address";
    return fmt::format("the {} is {}", first.passed_entry, t.why);
}

std::string deferral_of(const routing::trace& t) {
    if (!t.circle.empty()) return "it runs in a circle: " + printable(fmt::format("{}", fmt::join(t.circle, ", ")));
    if (t.why == routing::loss_word::too_many) return fmt::format("it would go to more than {} recipients, which Postfix refuses (virtual_alias_expansion_limit)", routing::most_recipients);
    if (t.why == routing::loss_word::too_deep) return fmt::format("it is led on more than {} times, which Postfix refuses (virtual_alias_recursion_limit)", routing::longest_chain);
    return fmt::format("an address on its way is longer than {} bytes, which Postfix refuses", routing::longest_address);
}

std::string arrival_of(const routing::trace& t) {
    const bool is_its_own = t.ends.size() == 1 && t.ends.front().kind == ending::mailbox && ascii::iequals(t.ends.front().address, t.address);
    return is_its_own ? "is delivered to that mailbox" + by_transport(t.ends.front(), " by {}") : "goes to " + places_text(t, false);
}

bool is_catch_all(const step& s) { return s.found.starts_with('@'); }

std::string_view kind_of(const step& s) {
    switch (s.what.kind) {
    case holder::mailbox: return "mailbox";
    case holder::forward: return "forward";
    case holder::alias: return is_catch_all(s) ? "catch-all" : s.what.server.empty() ? "alias" : "mailing list";
    case holder::nobody: break;
    }
    return "nobody";
}

bool keeps_copy(const step& s) {
    return s.what.kind == holder::forward && std::any_of(s.to.begin(), s.to.end(), [&](const auto& to) { return ascii::iequals(to, s.address); });
}

/// Of a step that goes on.
std::string way_text(const step& s) {
    std::string text(kind_of(s));
    if (!ascii::iequals(s.found, s.address)) text += ' ' + printable(s.found);
    if (keeps_copy(s)) text += ", keeps a copy";
    if (!s.passed_over.empty()) text += fmt::format(", since the {} is {}", s.passed_entry, s.passed_over);
    if (s.what.entries > 1) text += fmt::format(", {} entries with this address", s.what.entries);
    if (s.what.answers) text += ", answers automatically";
    if (!s.what.answers_to.empty()) text += fmt::format(" (vacationForward is {}, which Postfix does not follow)", printable(s.what.answers_to));
    return text;
}

class tree_lines {
public:
    explicit tree_lines(const routing::trace& t) {
        for (const step& s : t.steps) steps_.emplace(ascii::to_lower(s.address), &s);
        for (const destination& d : t.ends) ends_.emplace(ascii::to_lower(d.recipient), &d);
    }

    std::string of(const routing::trace& t) {
        write(t.address, 1);
        if (t.steps_left_out > 0) text_ += fmt::format("  ... and {} more steps\n", t.steps_left_out);
        return std::move(text_);
    }

private:
    static constexpr std::size_t deepest = 30, most_targets = 100;

    void write(const std::string& address, std::size_t depth) {
        const std::string key = ascii::to_lower(address);
        const auto it = steps_.find(key);
        const step* const s = it == steps_.end() ? nullptr : it->second;
        if (s == nullptr || s->targets == 0 || s->what.kind == holder::mailbox) return write_end(address, key, s, depth);
        if (!shown_.insert(key).second) return line(address, "as above", depth);
        line(address, way_text(*s), depth);
        if (depth >= deepest) return line("...", "and so on", depth + 1);
        for (std::size_t i = 0; i < s->to.size() && i < most_targets; ++i) write_target(*s, s->to[i], depth + 1);
        if (s->targets > most_targets) line("...", fmt::format("{} in all", s->targets), depth + 1);
    }

    void write_target(const step& s, const std::string& to, std::size_t depth) {
        const std::string key = ascii::to_lower(to);
        if (key == ascii::to_lower(s.address)) write_end(to, key, nullptr, depth);
        else write(to, depth);
    }

    void write_end(const std::string& address, const std::string& key, const step* s, std::size_t depth) {
        const auto it = ends_.find(key);
        if (it == ends_.end()) return line(address, s != nullptr && s->what.kind == holder::mailbox ? way_text(*s) : "", depth);
        const destination& d = *it->second;
        if (d.kind == ending::lost) return line(address, "lost: " + d.why, depth);
        const bool has_way = d.kind == ending::mailbox && s != nullptr;
        line(address, (has_way ? way_text(*s) : std::string(word_of(d.kind))) + by_transport(d, ", by {}"), depth);
    }

    void line(const std::string& address, const std::string& what, std::size_t depth) {
        text_ += std::string(2 * depth, ' ') + printable(address) + (what.empty() ? "" : "  ") + what + '\n';
    }

    std::unordered_map<std::string, const step*> steps_{};
    std::unordered_map<std::string, const destination*> ends_{};
    std::unordered_set<std::string> shown_{};
    std::string text_{};
};

value or_nothing(const std::string& text) { return text.empty() ? value{} : value{text}; }

std::vector<std::string> addresses(const routing::trace& t, bool lost) {
    std::vector<std::string> all;
    for (const destination& d : t.ends)
        if ((d.kind == ending::lost) == lost) all.push_back(lost ? d.recipient : d.address);
    return all;
}

records destinations(const routing::trace& t) {
    records all;
    for (const destination& d : t.ends)
        if (d.kind != ending::lost) all.items.push_back({{"address", d.address}, {"kind", std::string(word_of(d.kind))}, {"recipient", d.recipient}, {"transport", or_nothing(d.transport)}});
    return all;
}

records losses(const routing::trace& t) {
    records all;
    for (const destination& d : t.ends)
        if (d.kind == ending::lost) all.items.push_back({{"address", d.recipient}, {"why", d.why}});
    return all;
}

records steps(const routing::trace& t) {
    records all;
    for (const step& s : t.steps)
        all.items.push_back({{"address", s.address},
                             {"kind", std::string(kind_of(s))},
                             {"entry", or_nothing(s.found)},
                             {"to", s.to},
                             {"targets", static_cast<std::int64_t>(s.targets)},
                             {"list_server", or_nothing(s.what.server)},
                             {"passed_over", or_nothing(s.passed_over)},
                             {"answers", s.what.answers},
                             {"vacation_forward", or_nothing(s.what.answers_to)}});
    return all;
}

} // namespace

std::string_view word_of(outcome o) noexcept {
    switch (o) {
    case outcome::arrives: return "arrives";
    case outcome::partly: return "partly";
    case outcome::lost: return "lost";
    case outcome::refused: return "refused";
    case outcome::deferred: return "deferred";
    case outcome::outside: break;
    }
    return "outside";
}

std::string_view word_of(ending e) noexcept {
    switch (e) {
    case ending::mailbox: return "mailbox";
    case ending::list_server: return "list server";
    case ending::backup: return "backup";
    case ending::server: return "server";
    case ending::hidden: return "hidden";
    case ending::lost: return "lost";
    case ending::outside: break;
    }
    return "outside";
}

namespace {

std::string sentence_of_way(const routing::trace& t) {
    const auto mail = "mail to " + printable(t.address);
    switch (t.outcome) {
    case outcome::arrives: return fmt::format("{} {}", mail, arrival_of(t));
    case outcome::partly: return fmt::format("{} goes to {}, and is lost for {}", mail, places_text(t, false), places_text(t, true));
    case outcome::lost: return fmt::format("{} is accepted, and lost for {}", mail, places_text(t, true));
    case outcome::refused: return fmt::format("{} is refused: {}", mail, refusal_of(t));
    case outcome::deferred: return fmt::format("{} never arrives: {}", mail, deferral_of(t));
    case outcome::outside: break;
    }
    const bool is_hidden = t.ends.front().kind == ending::hidden;
    return fmt::format("{} leaves this server: {}", mail, is_hidden ? "we may not see whether its domain is here" : "the directory has no domain " + printable(domain_of(t.address)));
}

} // namespace

std::string sentence_of(const routing::trace& t) {
    const std::string rename = t.renamed_to.empty() ? "" : fmt::format("; {} is being renamed to {}", printable(domain_of(t.address)), printable(t.renamed_to));
    return sentence_of_way(t) + rename;
}

std::string tree_of(const routing::trace& t) { return tree_lines(t).of(t); }

record summary_of(const routing::trace& t) {
    return {{"address", t.address}, {"outcome", std::string(word_of(t.outcome))}, {"why", or_nothing(t.why)}, {"destinations", addresses(t, false)},
            {"losses", addresses(t, true)}, {"sentence", sentence_of(t)}};
}

record record_of(const routing::trace& t) {
    return {{"address", t.address},
            {"outcome", std::string(word_of(t.outcome))},
            {"why", or_nothing(t.why)},
            {"sentence", sentence_of(t)},
            {"destinations", destinations(t)},
            {"losses", losses(t)},
            {"circle", t.circle},
            {"renamed_to", or_nothing(t.renamed_to)},
            {"steps", steps(t)},
            {"steps_left_out", static_cast<std::int64_t>(t.steps_left_out)}};
}

namespace {

/// Each sender below whom it sends to.
class sender_lines {
public:
    explicit sender_lines(const std::vector<routing::source>& sources) {
        for (const auto& s : sources)
            for (const auto& to : s.to) senders_[ascii::to_lower(to)].push_back(&s);
    }

    std::string below(const std::string& address) {
        text_ += "  " + printable(address) + '\n';
        write(address, 2);
        return std::move(text_);
    }

private:
    static constexpr std::size_t deepest = 30;

    void write(const std::string& address, std::size_t depth) {
        const auto it = senders_.find(ascii::to_lower(address));
        if (it == senders_.end() || !shown_.insert(it->first).second) return;
        for (const auto* s : it->second) {
            const bool again = shown_.contains(ascii::to_lower(s->who.address));
            text_ += fmt::format("{}{}  {}{}{}\n", std::string(2 * depth, ' '), printable(s->who.address), s->who.kind, s->who.why.empty() ? "" : ", does not send: " + s->who.why,
                                 again ? " (its senders are above)" : depth >= deepest ? " (and so on)" : "");
            if (depth < deepest) write(s->who.address, depth + 1);
        }
    }

    std::unordered_map<std::string, std::vector<const routing::source*>> senders_{};
    std::unordered_set<std::string> shown_{};
    std::string text_{};
};

std::size_t idle(const std::vector<routing::source>& sources) {
    return static_cast<std::size_t>(std::count_if(sources.begin(), sources.end(), [](const auto& s) { return !s.who.why.empty(); }));
}

} // namespace

std::string sentence_of(const std::string& address, const std::vector<routing::source>& sources) {
    if (sources.empty()) return fmt::format("nothing sends mail to {}", printable(address));
    const std::size_t off = idle(sources);
    return fmt::format("{} {} mail to {}, directly or by others{}", counted(sources.size(), "entries"), sources.size() == 1 ? "leads" : "lead", printable(address),
                       off == 0 ? "" : fmt::format("; {} of them not now", off));
}

std::string tree_of(const std::string& address, const std::vector<routing::source>& sources) { return sources.empty() ? "" : sender_lines(sources).below(address); }

record summary_of(const std::string& address, const std::vector<routing::source>& sources) {
    std::vector<std::string> names;
    for (const auto& s : sources) names.push_back(s.who.address);
    return {{"address", address}, {"senders", names}, {"sentence", sentence_of(address, sources)}};
}

record record_of(const std::string& address, const std::vector<routing::source>& sources) {
    records all;
    for (const auto& s : sources)
        all.items.push_back({{"address", s.who.address}, {"kind", std::string(s.who.kind)}, {"sends", s.who.why.empty()}, {"why", or_nothing(s.who.why)}, {"to", s.to}});
    return {{"address", address}, {"sentence", sentence_of(address, sources)}, {"senders", std::move(all)}};
}

} // namespace vmail::tools
