#include <array>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/list_shape.hpp>
#include <vmail/standing.hpp>

#include "entity_verbs.hpp"
#include "word_match.hpp"

namespace vmail::tools {

namespace {

namespace cls = schema::cls;

struct find_flags {
    std::vector<std::string> words{};
    std::optional<std::string> domain{};
    order_flags order{};
};

constexpr std::array<std::string_view, 6> field_names = {"address", "kind", "status", "name", "matched", "dn"};

std::vector<std::string_view> all_fields() { return {field_names.begin(), field_names.end()}; }

value or_nothing(const std::string& text) { return text.empty() ? value{} : value{text}; }

/// One that was found, with all that can be shown of it.
record row_of(std::string address, std::string_view kind, const service_state& state, const std::string& name, std::vector<std::string> matched, const ldap::entry& e) {
    return {{"address", std::move(address)}, {"kind", std::string(kind)}, {"status", std::string(state.why)}, {"name", or_nothing(name)}, {"matched", std::move(matched)}, {"dn", e.dn().text()}};
}

/// Hands on the fields that are to be shown.
class found_rows {
public:
    found_rows(invocation& run, const order_flags& order)
        : shown_(choose_fields(all_fields(), {field_names.begin(), field_names.end() - 1}, run.flags().fields, run.format(), table_shape::rows)),
          sort_(parse_sort(order.sort, all_fields())), out_(make_output(run.format(), table_shape::rows, run.out(), run.flags().verbose)),
          rows_(*out_, sort_, order.limit ? parse_most_shown(*order.limit) : std::nullopt) {
        out_->announce(shown_);
    }

    void add(const record& all, const ldap::entry& e) {
        is_empty_ = false;
        record row;
        std::vector<value> keys;
        for (const auto name : shown_) row.push_back({name, value_in(all, name)});
        for (const auto& s : sort_) keys.push_back(value_in(all, s.name));
        if (rows_.is_full()) {
            rows_.add({}, {}, nullptr); // there is one more
            throw enough_is_shown{};
        }
        rows_.add(std::move(row), std::move(keys), &e);
    }

    bool is_empty() const noexcept { return is_empty_; }

    void finish(invocation& run, const order_flags& order) {
        rows_.flush();
        out_->finish();
        warn_of_limit(run, rows_, order);
    }

private:
    static value value_in(const record& all, std::string_view name) {
        return std::find_if(all.begin(), all.end(), [&](const field& f) { return f.name == name; })->value;
    }

    std::vector<std::string_view> shown_;
    std::vector<sort_field> sort_;
    std::unique_ptr<output> out_;
    ordered_rows rows_;
    bool is_empty_ = true;
};

/// Aliases that may be addresses of one mailing list.
struct list_part {
    stored<alias> value;
    std::vector<std::string> matched;
};

/// Looks through the directory, and makes of what it finds what it is.
class finder {
public:
    finder(invocation& run, const word_match& words, found_rows& rows) : run_(run), words_(words), rows_(rows), view_(run.directory()) {}

    void search_below(const ldap::dn& base) {
        const auto kinds = filter_of_kinds();
        const auto each = [&](const ldap::filter& f, const std::function<bool(const ldap::entry&)>& wanted) {
            run_.session().for_each({base, ldap::scope::subtree, ldap::filter::all_of({kinds, f}), ldap::whole_entry()}, [&](ldap::entry&& e) {
                if (wanted(e)) take(std::move(e));
                if (run_.out().is_broken()) throw reader_has_gone{};
            });
        };
        each(words_.by_parts(), [&](const ldap::entry& e) { return is_new(e); });
        if (words_.can_sound()) each(words_.by_parts_or_sound(), [&](const ldap::entry& e) { return !seen_.contains(e.dn().key()) && words_.has_all(e) && is_new(e); });
    }

    /// What was held back until all parts of a list are there.
    void finish() {
        for (auto& [name, parts] : lists_) show_list(name, parts);
    }

    int status() const noexcept { return status_; }

private:
    static ldap::filter filter_of_kinds() {
        std::vector<ldap::filter> classes;
        for (const auto c : {cls::account, cls::alias, cls::domain, cls::backup_domain, cls::backup_mail, cls::admin}) classes.push_back(ldap::filter::equal(schema::attr::object_class, c));
        return ldap::filter::any_of(classes);
    }

    bool is_new(const ldap::entry& e) { return !words_.can_sound() || seen_.insert(e.dn().key()).second; }

    void take(ldap::entry&& e) {
        try {
            read(std::move(e));
        } catch (const invalid_value& fault) {
            status_ = 1;
            run_.err().warning(fault.what());
        }
    }

    void read(ldap::entry&& e) {
        const site& s = run_.directory().site();
        if (e.has_class(cls::account)) add(mailbox::from_entry(e, s), "mailbox", e, [](const mailbox& m) { return m.full_name; });
        else if (e.has_class(cls::alias)) read_alias(std::move(e));
        else if (e.has_class(cls::domain)) add(domain::from_entry(e, s), "domain", e, [](const domain& d) { return d.description; });
        else if (e.has_class(cls::backup_domain)) add(backup_domain::from_entry(e, s), "backup-domain", e, [](const backup_domain& d) { return d.description; });
        else if (e.has_class(cls::backup_mail)) add(backup_mail::from_entry(e, s), "backup-mail", e, [](const backup_mail& m) { return m.description; });
        else add(admin::from_entry(e, s), "admin", e, [](const admin& a) { return a.mail ? a.mail->text() : std::string(); });
    }

    template <typename Entity, typename Name> void add(const Entity& value, std::string_view kind, const ldap::entry& e, const Name& name) {
        rows_.add(row_of(entity_kind<Entity>::name(value), kind, view_.service(value), name(value), words_.matched(e), e), e);
    }

    void read_alias(ldap::entry&& e) {
        alias a = alias::from_entry(e, run_.directory().site());
        const auto list = list_of(a, e);
        if (!list) return add(a, "alias", e, [](const alias& one) { return one.description; });
        auto matched = words_.matched(e);
        lists_[*list].push_back({{std::move(a), std::move(e)}, std::move(matched)});
    }

    /// The list that it may be an address of, by where it leads.
    static std::optional<address> list_of(const alias& a, const ldap::entry& e) {
        if (!mailing_list::lists_domain_of(a) && !e.has_class(cls::mailing_list)) return std::nullopt;
        const std::string& local = a.address.local_part();
        const auto name = local.substr(0, local.size() - list_shape::suffix_of(local).value_or("").size());
        return list_shape::is_name(name) ? std::optional(address::make(name, a.address.domain())) : std::nullopt;
    }

    /// As one, or as the aliases that they are where it is none.
    void show_list(const address& name, std::vector<list_part>& parts) {
        const auto list = run_.directory().find<mailing_list>(name);
        if (!list) {
            for (const list_part& p : parts) add(p.value.value, "alias", p.value.source, [](const alias& one) { return one.description; });
            return;
        }
        rows_.add(row_of(list->value.address.text(), "mailinglist", view_.service(list->value), list->value.description, parts.front().matched, list->source), list->source);
    }

    invocation& run_;
    const word_match& words_;
    found_rows& rows_;
    viewpoint view_;
    std::unordered_set<std::string> seen_{};
    std::map<address, std::vector<list_part>> lists_{};
    int status_ = 0;
};

/// Below the domain, or everywhere, and the virtual admins.
std::vector<ldap::dn> places(invocation& run, const std::optional<std::string>& domain) {
    auto& d = run.directory();
    const auto& where = d.site().layout;
    if (domain) {
        const auto name = domain_name::parse(*domain);
        if (!d.find_domain(name) && !d.find<backup_domain>(name)) d.get_domain(name);
        return {where.domain(name)};
    }
    std::vector<ldap::dn> all = {where.container()};
    if (d.session().find(where.admins(), ldap::no_attributes())) all.push_back(where.admins());
    return all;
}

int find(invocation& run, const find_flags& flags) {
    const word_match words(flags.words, run.session().schema());
    require_sight(run.session(), run.directory().site());
    const auto bases = places(run, flags.domain);
    found_rows rows(run, flags.order);
    finder found(run, words, rows);
    for (const auto& a : words.left_out()) run.err().note(fmt::format("the server cannot look into {}, of which its schema has no rule for parts", a));
    try {
        for (const auto& base : bases) found.search_below(base);
        found.finish();
    } catch (const reader_has_gone&) {
        return found.status();
    } catch (const enough_is_shown&) { // what is beyond was not asked for
    }
    rows.finish(run, flags.order);
    if (rows.is_empty()) note_sight(run, "found");
    return found.status();
}

} // namespace

void add_find_command(command_tree& tree) {
    tree.add_verb<find_flags>(
        tree.root(), "find", "Find mailboxes, aliases, lists, domains and administrators by words", "mailctl find jones physics",
        [](CLI::App& verb, find_flags& flags) {
            verb.add_option("word", flags.words, "parts of addresses, names, logins, targets, descriptions or comments; all of them have to be there")->type_name("")->required();
            verb.add_option("--domain", flags.domain, "in this domain alone")->type_name("DOMAIN");
            add_order_flags(verb, flags.order);
        },
        find);
}

} // namespace vmail::tools
