#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/ldap/filter.hpp>
#include <vmail/ldap/session.hpp>

#include <vmail/check/comparisons.hpp>
#include <vmail/check/rules/table.hpp>
#include <vmail/check/server_sight.hpp>
#include <vmail/password_form.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace {

namespace attr = schema::attr;

struct module_of {
    std::string_view scheme, module; ///< no module: slapd has none for it
};
constexpr std::array modules = {module_of{"SSHA256", "pw-sha2"}, module_of{"SSHA384", "pw-sha2"}, module_of{"SSHA512", "pw-sha2"}, module_of{"SHA256", "pw-sha2"},
                                module_of{"SHA384", "pw-sha2"},  module_of{"SHA512", "pw-sha2"},  module_of{"ARGON2", "argon2"},   module_of{"PBKDF2", "pw-pbkdf2"},
                                module_of{"PBKDF2-SHA1", "pw-pbkdf2"}, module_of{"PBKDF2-SHA256", "pw-pbkdf2"}, module_of{"PBKDF2-SHA512", "pw-pbkdf2"}};

std::string_view needed_for(const std::string& value) {
    const auto scheme = split_stored_password(value).scheme;
    const auto it = std::find_if(modules.begin(), modules.end(), [&](const module_of& m) { return ascii::iequals(m.scheme, scheme); });
    return it != modules.end() ? it->module : std::string_view();
}

using needed_modules = std::map<std::string_view, std::size_t>;

void count(needed_modules& needed, const ldap::entry& e) {
    const auto* const values = e.find(attr::user_password);
    if (values == nullptr) return;
    for (const std::string& v : *values)
        if (const auto module = needed_for(v); !module.empty()) ++needed[module];
}

/// olcModuleLoad: "{1}pw-sha2.la".
bool is_loaded(const std::vector<std::string>& loaded, std::string_view module) {
    return std::any_of(loaded.begin(), loaded.end(), [&](const std::string& line) { return line.find(module) != std::string::npos; });
}

void tell_missing(server_sight& s, const needed_modules& needed, const telling& tell) {
    const auto loaded = s.modules();
    for (const auto& [module, passwords] : needed) {
        if (!loaded) tell.unknown(s.uri(), fmt::format("whether {} is loaded is not shown to us: {} passwords need it", module, passwords));
        else if (!is_loaded(*loaded, module)) tell.about(s.uri(), fmt::format("{} is not loaded, and {} passwords need it", module, passwords));
    }
}

/// On the way, where the tree is looked at anyway.
class schemes_in_use : public comparison {
public:
    explicit schemes_in_use(const context& around) : around_(around) {}
    void gather(const sight& e) override { count(needed_, e.entry); }
    bool settle(const telling& tell) override {
        server_sight s(around_.directory);
        tell_missing(s, needed_, tell);
        return false;
    }

private:
    const context& around_;
    needed_modules needed_;
};

void ask(server_sight& s, const telling& tell) {
    needed_modules needed;
    s.session().for_each({s.directory.site().layout.container(), ldap::scope::subtree, ldap::filter::present(attr::user_password), {std::string(attr::user_password)}},
                         [&](ldap::entry&& e) { count(needed, e); });
    tell_missing(s, needed, tell);
}

} // namespace

const rule password_module_missing{{"password-module-missing", severity::warning, reach::server, repair::none,
                                    "Passwords are stored by a scheme for which the server has not loaded the module: nobody who has one can log in there."},
                                   nullptr, nullptr, make<schemes_in_use>, ask};

} // namespace vmail::check
