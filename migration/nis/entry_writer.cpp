#include <algorithm>
#include <memory>
#include <string>

#include <vmail/ascii.hpp>

#include "entries.hpp"
#include "entry_printer.hpp"
#include "entry_writer.hpp"

namespace vmail::nis {

namespace {

/// Prints items of the tables. Each thread has one.
class item_printer {
public:
    item_printer(const tables& t, const options& o) : tables_(t), options_(o), print_(o) {}

    void head(std::size_t) {
        if (options_.with_base)
            for (const ldap::entry& e : make().base()) other(e);
        if (writes_mail() && options_.with_domain) domain();
        if (!writes_mail() && tables_.users.given) other(make().folder(entry_maker::people_folder));
    }

    void account(std::size_t i) {
        const nis::account& a = tables_.users.accounts[i];
        const shadow_record* const shadow = a.shadow == none ? nullptr : &tables_.shadow[a.shadow];
        const bool forwards = writes_mail() && a.forward != none;
        print_.account(a, shadow, forwards ? target_texts(tables_.resolved.aliases[a.forward]) : nowhere_);
        ++counts_.accounts;
        if (forwards) ++counts_.forwards;
    }

    void login_alias(std::size_t i) {
        const nis::account& a = tables_.users.accounts[i];
        if (a.local_part == a.login) return;
        made_.clear();
        make().append_address(made_, a.local_part);
        targets_.assign(1, made_);
        print_.alias(a.login, targets_);
        ++counts_.login_aliases;
    }

    void alias_of_map(std::size_t i) {
        const alias_definition& d = tables_.aliases.definitions[i];
        if (tables_.resolved.aliases[i].what != resolved_alias::fate::entry || is_domain_alias(d.name)) return;
        alias(d.name, target_texts(tables_.resolved.aliases[i]));
    }

    void group(std::size_t i) {
        print_.print(make().group(tables_.groups[i]));
        ++counts_.groups;
    }

    void netgroup(std::size_t i) {
        print_.print(make().netgroup(tables_.netgroups[i]));
        ++counts_.netgroups;
    }

    void groups_folder(std::size_t) { other(make().folder(entry_maker::groups_folder)); }
    void netgroups_folder(std::size_t) { other(make().folder(entry_maker::netgroup_folder)); }

    bool writes_mail() const { return options_.only != scope::unix_accounts; }
    std::string_view text() const noexcept { return print_.text(); }
    void begin() {
        print_.clear();
        counts_ = {};
    }
    const entry_counts& counts() const noexcept { return counts_; }

private:
    const entry_maker& make() const { return print_.make(); }

    void other(const ldap::entry& e) {
        print_.print(e);
        ++counts_.domains;
    }

    void alias(std::string_view name, const std::vector<std::string_view>& targets) {
        print_.alias(name, targets);
        ++counts_.aliases;
    }

    void domain() {
        other(make().domain());
        for (const std::string_view name : domain_aliases) {
            if (tables_.users.by_login.contains(name)) continue;
            const resolved_alias& r = tables_.resolved.aliases[*tables_.aliases.by_name.find(name)];
            // The map may define it and lead nowhere; a domain must have it all the same.
            alias(name, r.what == resolved_alias::fate::entry ? target_texts(r) : std::vector<std::string_view>{"postmaster@localhost"});
        }
    }

    /// Valid until the next call.
    const std::vector<std::string_view>& target_texts(const resolved_alias& r) {
        made_.clear();
        ends_.clear();
        targets_.clear();
        for (std::size_t d = r.first; d < r.first + r.count; ++d) {
            append_target(tables_.resolved.destinations[d]);
            ends_.push_back(made_.size());
        }
        std::size_t start = 0;
        for (const std::size_t end : ends_) {
            targets_.push_back(std::string_view(made_).substr(start, end - start));
            start = end;
        }
        return targets_;
    }

    void append_target(const destination& d) {
        switch (d.what) {
        case destination::kind::account: return make().append_address(made_, tables_.users.accounts[d.index].local_part);
        case destination::kind::alias: return make().append_address(made_, tables_.aliases.definitions[d.index].name);
        case destination::kind::elsewhere: return make().append_address(made_, d.text);
        case destination::kind::outside:
        case destination::kind::server: break;
        }
        made_ += d.text;
    }

    const tables& tables_;
    const options& options_;
    entry_printer print_;
    entry_counts counts_;
    // Used again and again, since making them anew takes longer than filling them.
    std::string made_;
    std::vector<std::size_t> ends_;
    std::vector<std::string_view> targets_;
    const std::vector<std::string_view> nowhere_;
};

/// Items of one table, printed by one function.
struct section {
    std::size_t items = 0;
    void (item_printer::*print)(std::size_t) = nullptr;
};

std::vector<section> sections_of(const tables& t, const options& o) {
    const std::size_t users = t.users.accounts.size();
    const bool mail = o.only != scope::unix_accounts;
    std::vector<section> all = {{1, &item_printer::head}, {users, &item_printer::account}};
    if (mail) all.push_back({users, &item_printer::login_alias});
    if (mail) all.push_back({t.aliases.definitions.size(), &item_printer::alias_of_map});
    if (t.has_groups) all.push_back({1, &item_printer::groups_folder});
    all.push_back({t.groups.size(), &item_printer::group});
    if (t.has_netgroups) all.push_back({1, &item_printer::netgroups_folder});
    all.push_back({t.netgroups.size(), &item_printer::netgroup});
    return all;
}

/// A run of items of one section.
struct piece {
    void (item_printer::*print)(std::size_t) = nullptr;
    std::size_t first = 0;
    std::size_t last = 0;
};

std::vector<piece> cut(const std::vector<section>& sections, std::size_t size) {
    std::vector<piece> pieces;
    for (const section& s : sections)
        for (std::size_t first = 0; first < s.items; first += size) pieces.push_back({s.print, first, std::min(first + size, s.items)});
    return pieces;
}

} // namespace

bool is_domain_alias(std::string_view name) noexcept { return ascii::iequals(name, domain_aliases[0]) || ascii::iequals(name, domain_aliases[1]); }

entry_counts write_entries(const tables& t, const options& o, std::ostream& out) {
    // A million bytes of text: what fits into the cache of one processor until it is written.
    const std::vector<piece> pieces = cut(sections_of(t, o), std::max<std::size_t>(o.plan.piece / 64, 1));
    std::vector<entry_counts> counts(pieces.size());
    const auto make_printer = [&] {
        return [&pieces, &counts, print = std::make_shared<item_printer>(t, o)](std::size_t number) {
            const piece& p = pieces[number];
            print->begin();
            for (std::size_t i = p.first; i < p.last; ++i) ((*print).*p.print)(i);
            counts[number] = print->counts();
            return print->text();
        };
    };
    const auto watch = [&o](std::size_t written, std::size_t count) {
        if (o.progress) o.progress(stage::writing, written, count);
    };
    piecewise_writer(o.plan, out, watch).write(pieces.size(), make_printer);
    entry_counts sum;
    for (const entry_counts& c : counts) sum += c;
    return sum;
}

} // namespace vmail::nis
