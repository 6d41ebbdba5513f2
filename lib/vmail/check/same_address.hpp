#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include <vmail/check/rule.hpp>
#include <vmail/check/suspects.hpp>

/// Internal to check.
namespace vmail::check {

/// Entries that have one address, whatever they are.
class same_address : public comparison {
public:
    void gather(const sight& e) override;
    bool settle(const telling&) override;
    void look_again(const sight& e, const telling& tell) override;
    ldap::filter accused() const override;
    const std::vector<entry_names::ordinal>* whose() const override { return &addresses_.whose(); }

protected:
    /// An entry that came before with the same address. Where there are too many to be remembered, it has no name.
    struct holder {
        std::string dn{};
        bool is_alias = false;
        service_state service{}; ///< as far as reads() shows it
    };
    static bool is_alias(const sight& e);
    virtual void meet(const sight& e, const std::string& address, const holder& first, const telling& tell) = 0;

private:
    twice addresses_;
    std::unordered_map<std::string, holder> first_;
};

} // namespace vmail::check
