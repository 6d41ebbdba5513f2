#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <vmail/check/check.hpp>
#include <vmail/check/domain_table.hpp>
#include <vmail/check/rule.hpp>
#include <vmail/check/sight.hpp>
#include <vmail/check/suspects.hpp>

/// Internal to check.
namespace vmail::check {

/// One look at the tree, by all rules at once: at each entry as it comes, and then again at those that the comparisons accuse.
class tree_look {
public:
    using rules = std::vector<const rule*>;
    /// Told of an entry, and by which rules something was found in it.
    using finder = std::function<void(const sight&, const rules&)>;

    /// What is passed must outlive it.
    tree_look(vmail::directory& d, const options& wanted, rules by, const visitor_of_findings& visit);

    /// How many entries there are.
    std::size_t run(const std::vector<std::string>& attributes, const finder& found = {});
    /// Afterwards: what puts right what was compared.
    void mend(mending& all, repair most);

private:
    struct comparing {
        const rule* of;
        std::unique_ptr<comparison> object;
    };
    using accusers = std::vector<const comparing*>;

    void for_each_entry(const ldap::filter& what, const std::vector<std::string>& attributes, const std::function<void(const sight&)>& visit);
    void for_each_of_a_domain(const ldap::dn& domain, const ldap::search_request& all, const std::function<void(ldap::entry&&)>& visit);
    void look_at(const sight& e, const finder& found);
    bool tells(const rule& r, const sight& e) const;
    void tell_of_hidden();
    void look_again();
    bool are_few(const comparison& c) const;
    void hear(const accusers& by, const sight& e) const;
    void hear_all(const accusers& by);
    void hear_each(const accusers& by);

    vmail::directory& directory_;
    const options& wanted_;
    domain_table domains_;
    rules rules_;
    std::size_t told_ = 0;
    visitor_of_findings visit_;
    context around_;
    std::vector<comparing> comparisons_;
    entry_names entries_;
};

} // namespace vmail::check
