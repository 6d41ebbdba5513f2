#include <algorithm>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <vmail/ascii.hpp>
#include <vmail/extension.hpp>

#include <vmail/routing_targets.hpp>
#include <vmail/routing_trace.hpp>

namespace vmail::routing {

namespace {

/// What virtual_alias_maps has for a recipient.
struct found {
    holder kind = holder::nobody;
    std::string entry{};
    std::string asked{}; ///< the recipient
    std::vector<recipient> targets{};
    step told{};

    /// What goes round when it comes again: an entry whatever the extension, and of a catch-all, which hands none on, the very name that it is asked for.
    const std::string& identity() const noexcept { return entry.starts_with('@') ? asked : entry; }
};

std::vector<recipient> targets_of(const holding& h, const recipient& asked, std::string_view extension) {
    if (h.kind == holder::mailbox) return {asked};
    std::vector<recipient> all = recipients_in(h.targets, {asked.local.substr(0, asked.local.size() - extension.size()), asked.domain});
    for (recipient& r : all) r.local += extension;
    return all;
}

/// mydestination of whoever has not set it: nothing of a domain.
bool is_server_itself(const std::string& domain) {
    return domain.empty() || ascii::iequals(domain, "localhost") || ascii::iequals(domain, "localhost.localdomain");
}

/// The lookups, each made once.
class known_tree {
public:
    explicit known_tree(const surroundings& where) : where_(where) {}

    const holding& at(const recipient& r) {
        const holding& quoted = at(r.key());
        if (quoted.kind != holder::nobody || r.bare_key() == r.key()) return quoted;
        const holding& bare = at(r.bare_key());
        return bare.entries > 0 ? bare : quoted;
    }

    const holding& at(const std::string& key) {
        const auto it = holdings_.find(key);
        return it != holdings_.end() ? it->second : holdings_.emplace(key, where_.find(key)).first->second;
    }

    const domain_holding& domain(const std::string& name) {
        const std::string key = ascii::to_lower(name);
        const auto it = domains_.find(key);
        return it != domains_.end() ? it->second : domains_.emplace(key, where_.find_domain(key)).first->second;
    }

    /// mail_addr_find(3): the address, the one without extension, the catch-all.
    const found& maps_find(const recipient& r) {
        const std::string key = r.key();
        const auto it = found_.find(key);
        return it != found_.end() ? it->second : found_.emplace(key, look_up(r)).first->second;
    }

    /// What maps_find() has found before, or null.
    const found* known(const recipient& r) const {
        const auto it = found_.find(r.key());
        return it == found_.end() ? nullptr : &it->second;
    }

    bool is_taken(const recipient& r) {
        const auto split = without_extension(r, where_.delimiters);
        return at(r).is_taken || (split && at(split->base).is_taken) || at(catch_all(r)).is_taken;
    }

    /// relay_domains has what is below a domain as well (parent_domain_matches_subdomains).
    bool is_below_a_relay_domain(std::string name) {
        for (auto dot = name.find('.'); dot != std::string::npos; dot = name.find('.')) {
            name.erase(0, dot + 1);
            const domain_holding& d = domain(name);
            if (d.why.empty() && (d.kind == domain_class::backup || d.kind == domain_class::lists)) return true;
        }
        return false;
    }

private:
    static std::string catch_all(const recipient& r) { return '@' + ascii::to_lower(r.domain); }

    found look_up(const recipient& r) {
        found f;
        f.told.address = r.text();
        if (r.domain.empty()) return f;
        const auto split = without_extension(r, where_.delimiters);
        f.asked = r.key();
        const holding& own = at(r);
        if (take(f, own, r, r.key(), {})) return f;
        if (split && take(f, at(split->base), r, split->base.key(), split->extension)) return f;
        const holding* const passed = !own.why.empty() || !split ? &own : &at(split->base);
        f.told.passed_over = passed->why;
        f.told.passed_entry = passed->entry;
        f.told.what = *passed;
        take(f, at(catch_all(r)), r, catch_all(r), {});
        return f;
    }

    static bool take(found& f, const holding& h, const recipient& asked, const std::string& entry, std::string_view extension) {
        if (h.kind == holder::nobody) return false;
        f.kind = h.kind;
        f.entry = f.told.found = entry;
        f.targets = targets_of(h, asked, extension);
        f.told.what = h;
        f.told.what.targets.clear();
        f.told.targets = f.targets.size();
        for (std::size_t i = 0; i < f.targets.size() && i < most_recipients; ++i) f.told.to.push_back(f.targets[i].text());
        return true;
    }

    const surroundings& where_;
    std::unordered_map<std::string, holding> holdings_{};
    std::unordered_map<std::string, domain_holding> domains_{};
    std::unordered_map<std::string, found> found_{};
};

/// cleanup_map1n_internal() of Postfix, step by step: recipients in a row, each followed along its first targets, the others put at the end.
class expansion {
public:
    explicit expansion(known_tree& tree) : tree_(tree) {}

    /// Why Postfix gives up; nothing when it does not.
    std::optional<std::string_view> expand(const recipient& root) {
        row_.push_back({root, none});
        for (std::size_t i = 0; i < row_.size(); ++i) {
            if (row_.size() > most_recipients) return loss_word::too_many;
            if (const auto why = follow(i)) return why;
        }
        return std::nullopt;
    }

    std::vector<recipient> recipients() const {
        std::vector<recipient> all;
        for (const place& p : row_) all.push_back(p.at);
        return all;
    }

    std::vector<step> steps() && { return std::move(steps_); }
    std::size_t steps_left_out() const noexcept { return left_out_; }

    /// The entries that mail came by most often on one way: it may have come by others again that were done with.
    std::vector<std::string> circle() const {
        const auto furthest = std::max_element(row_.begin(), row_.end(), [this](const place& a, const place& b) { return length_of(a) < length_of(b); });
        if (auto names = circle_on(way_to(*furthest)); !names.empty()) return names;
        for (const place& p : row_)
            if (auto names = circle_on(way_to(p)); !names.empty()) return names;
        return {};
    }

private:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);
    /// More are of no use to anybody: what has so many goes round.
    static constexpr std::size_t most_steps = 2 * most_recipients;

    struct place {
        recipient at;
        std::size_t came_by; ///< the lookup that put it there
    };
    struct lookup {
        const found* what;
        std::size_t before;
    };

    std::optional<std::string_view> follow(std::size_t i) {
        for (std::size_t count = 0;; ++count) {
            if (leads_to_itself_.contains(row_[i].at.key())) return std::nullopt;
            if (count >= longest_chain) return loss_word::too_deep;
            const found& f = tree_.maps_find(row_[i].at);
            tell(f);
            if (f.kind == holder::nobody) return std::nullopt;
            if (const auto why = replace(i, f)) return why;
        }
    }

    std::optional<std::string_view> replace(std::size_t i, const found& f) {
        const std::string from = row_[i].at.key();
        lookups_.push_back({&f, row_[i].came_by});
        for (std::size_t k = 0; k < f.targets.size(); ++k) {
            const recipient& to = f.targets[k];
            if (to.text().size() > longest_address) return loss_word::too_long;
            if (k == 0) row_[i] = {to, lookups_.size() - 1};
            else row_.push_back({to, lookups_.size() - 1});
            if (to.key() == from) leads_to_itself_.insert(from);
        }
        return std::nullopt;
    }

    void tell(const found& f) {
        if (!told_.insert(ascii::to_lower(f.told.address)).second) return;
        if (steps_.size() < most_steps) steps_.push_back(f.told);
        else ++left_out_;
    }

    /// What was found, the first first, and what would come next, as far as it was met and does not end there.
    std::vector<const found*> way_to(const place& p) const {
        std::vector<const found*> way;
        if (const found* const next = tree_.known(p.at); next != nullptr && !leads_to_itself_.contains(p.at.key())) way.push_back(next);
        for (std::size_t at = p.came_by; at != none; at = lookups_[at].before) way.push_back(lookups_[at].what);
        std::reverse(way.begin(), way.end());
        return way;
    }

    std::size_t length_of(const place& p) const {
        std::size_t length = 0;
        for (std::size_t at = p.came_by; at != none; at = lookups_[at].before) ++length;
        return length;
    }

    static std::vector<std::string> circle_on(const std::vector<const found*>& way) {
        struct meeting {
            std::size_t count = 0, last = 0;
        };
        std::unordered_map<std::string, meeting> met;
        std::size_t most = 1, first = 0, last = 0;
        for (std::size_t i = 0; i < way.size(); ++i) {
            meeting& m = met[way[i]->identity()];
            if (++m.count > most) {
                most = m.count;
                first = m.last;
                last = i;
            }
            m.last = i;
        }
        std::vector<std::string> names;
        for (std::size_t k = first; last > first && k <= last; ++k) names.push_back(way[k]->entry);
        return names;
    }

    known_tree& tree_;
    std::vector<place> row_{};
    std::vector<lookup> lookups_{};
    std::unordered_set<std::string> leads_to_itself_{}, told_{};
    std::vector<step> steps_{};
    std::size_t left_out_ = 0;
};

/// Where trivial-rewrite(8) sends what is left, and what becomes of it there.
class delivery {
public:
    delivery(known_tree& tree, const std::string& delimiters) : tree_(tree), delimiters_(delimiters) {}

    destination of(const recipient& r) {
        destination d{.address = r.text(), .recipient = r.text()};
        if (is_server_itself(r.domain)) d.kind = ending::server;
        else settle(d, r, tree_.domain(r.domain));
        return d;
    }

private:
    void settle(destination& d, const recipient& r, const domain_holding& domain) {
        switch (domain.kind) {
        case domain_class::ours: return settle_here(d, r, domain);
        case domain_class::backup: d.kind = domain.why.empty() ? ending::backup : ending::outside; return;
        case domain_class::lists: d.kind = ending::list_server; return;
        case domain_class::hidden: d.kind = ending::hidden; return;
        case domain_class::elsewhere: d.kind = tree_.is_below_a_relay_domain(ascii::to_lower(r.domain)) ? ending::backup : ending::outside; return;
        }
    }

    /// A domain that is not in service Postfix takes for one of others, and finds its way back here.
    void settle_here(destination& d, const recipient& r, const domain_holding& domain) {
        d.kind = ending::lost;
        d.why = domain.why;
        if (!d.why.empty()) return;
        const auto user = dovecot_user(r, delimiters_);
        if (!user || !is_mailbox(tree_.at(*user).kind)) return why_not(d, tree_.maps_find(r));
        d.kind = ending::mailbox;
        d.address = user->text();
        d.transport = domain.transport;
    }

    static bool is_mailbox(holder kind) { return kind == holder::mailbox || kind == holder::forward; }

    static void why_not(destination& d, const found& f) {
        if (is_mailbox(f.kind)) d.why = loss_word::unservable;
        else if (!f.told.passed_over.empty()) d.why = f.told.passed_over;
        else d.why = f.kind == holder::alias ? loss_word::no_mailbox : loss_word::not_there;
    }

    known_tree& tree_;
    const std::string& delimiters_;
};

class journey {
public:
    explicit journey(const surroundings& where) : tree_(where), delimiters_(where.delimiters) {}

    trace of(const recipient& r) {
        trace t{.address = r.text()};
        if (is_server_itself(r.domain)) return at_server(std::move(t), r);
        const domain_holding domain = tree_.domain(r.domain);
        t.renamed_to = domain.renamed_to;
        if (!domain.why.empty()) return refused(std::move(t), r, domain.why, true);
        switch (domain.kind) {
        case domain_class::ours: return from_the_door(std::move(t), r, tree_.maps_find(r).kind != holder::nobody);
        case domain_class::backup: return from_the_door(std::move(t), r, tree_.maps_find(r).kind != holder::nobody || tree_.is_taken(r));
        case domain_class::lists: return from_the_door(std::move(t), r, true);
        case domain_class::hidden: return elsewhere(std::move(t), r, ending::hidden);
        case domain_class::elsewhere: break;
        }
        if (tree_.is_below_a_relay_domain(ascii::to_lower(r.domain))) return from_the_door(std::move(t), r, tree_.maps_find(r).kind != holder::nobody || tree_.is_taken(r));
        return elsewhere(std::move(t), r, ending::outside);
    }

private:
    static trace at_server(trace t, const recipient& r) {
        t.outcome = outcome::arrives;
        t.ends = {{.address = r.text(), .recipient = r.text(), .kind = ending::server}};
        t.steps = {{.address = r.text()}};
        return t;
    }

    static trace elsewhere(trace t, const recipient& r, ending kind) {
        t.outcome = outcome::outside;
        t.ends = {{.address = r.text(), .recipient = r.text(), .kind = kind}};
        t.steps = {{.address = r.text()}};
        return t;
    }

    trace refused(trace t, const recipient& r, std::string why, bool is_domains) {
        t.outcome = outcome::refused;
        t.why = std::move(why);
        t.is_domains = is_domains;
        t.steps = {tree_.maps_find(r).told};
        return t;
    }

    /// smtpd(8), reject_unlisted_recipient.
    trace from_the_door(trace t, const recipient& r, bool is_let_in) {
        if (has_route(r.local)) return refused(std::move(t), r, std::string(loss_word::routed), false);
        if (is_let_in) return let_in(std::move(t), r);
        const bool is_backup = tree_.domain(r.domain).kind != domain_class::ours;
        const std::string& passed = tree_.maps_find(r).told.passed_over;
        return refused(std::move(t), r, std::string(is_backup ? loss_word::not_taken : passed.empty() ? loss_word::not_there : std::string_view(passed)), false);
    }

    trace let_in(trace t, const recipient& r) {
        expansion e(tree_);
        const auto why = e.expand(r);
        if (why) give_up(t, *why, e);
        else arrive(t, e.recipients());
        t.steps_left_out = e.steps_left_out();
        t.steps = std::move(e).steps();
        return t;
    }

    static void give_up(trace& t, std::string_view why, const expansion& e) {
        t.outcome = outcome::deferred;
        t.circle = e.circle();
        t.why = t.circle.empty() ? why : loss_word::in_circle;
    }

    void arrive(trace& t, const std::vector<recipient>& recipients) {
        std::unordered_set<std::string> seen;
        delivery last(tree_, delimiters_);
        for (const recipient& r : recipients)
            if (seen.insert(r.key()).second) t.ends.push_back(last.of(r));
        const auto lost = static_cast<std::size_t>(std::count_if(t.ends.begin(), t.ends.end(), [](const destination& d) { return d.kind == ending::lost; }));
        t.outcome = lost == 0 ? outcome::arrives : lost == t.ends.size() ? outcome::lost : outcome::partly;
    }

    known_tree tree_;
    const std::string& delimiters_;
};

} // namespace

trace trace_of(const recipient& r, const surroundings& where) { return journey(where).of(r); }

bool is_well(const trace& t) noexcept { return t.outcome == outcome::arrives || t.outcome == outcome::outside; }

} // namespace vmail::routing
