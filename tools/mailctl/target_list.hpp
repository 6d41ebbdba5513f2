#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include <vmail/address.hpp>

namespace vmail::tools {

/// How a list of targets is changed.
struct target_list_flags {
    std::vector<std::string> exactly{}; ///< --target
    std::vector<std::string> add{};     ///< --add-target
    std::vector<std::string> remove{};  ///< --remove-target
};

void add_target_list_flags(CLI::App& verb, target_list_flags& flags);
/// An option that may be repeated, or hold several addresses separated by commas.
CLI::Option& add_addresses_option(CLI::App& verb, const std::string& name, std::vector<std::string>& addresses, const std::string& help);

std::vector<maildrop> parse_targets(const std::vector<std::string>& addresses);

/// The flags as what they mean. Throws invalid_value, and error(usage) for the first flag beside one of the others.
class target_list_changes {
public:
    /// The flags are --WORD, --add-WORD and --remove-WORD.
    explicit target_list_changes(const target_list_flags& flags, std::string_view word = "target");
    bool empty() const noexcept { return exactly_.empty() && add_.empty() && remove_.empty(); }
    /// What is added keeps its order and comes last; what is there already, or not there to be removed, is no error.
    void apply(std::vector<maildrop>& targets) const;

private:
    std::vector<maildrop> exactly_, add_, remove_;
};

} // namespace vmail::tools
