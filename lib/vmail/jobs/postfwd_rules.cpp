#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <vmail/ascii.hpp>

#include <vmail/jobs/sending_rules.hpp>

namespace vmail {

namespace {

/// Of one rule. postfwd takes for one expression of so many what it takes for two of one name, and reads a rule as a whole, by an expression of its own.
constexpr std::size_t most_names = 500;

constexpr std::string_view last = "vmail-end";

/// In a rule blanks, ";", "#", double quotes, "$$" and "&&" mean something, and in an expression most else.
std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (ascii::is_alnum(c) || c == '@' || c == '-' || c == '_') result += c;
        else if (c == '.') result += "\\.";
        else result += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
    return result;
}

std::string mailboxes_of(std::string_view names) { return fmt::format("^({})$", names); }
std::string domains_of(std::string_view names) { return fmt::format("@({})$", names); }

/// Where the counters of a limit are: they are known by the name of the rule, and go on as long as it is the same.
std::string section_of(const send_limits& limits) {
    if (limits.unlimited()) return std::string(last);
    std::string name = "vmail-" + limits.text();
    for (char& c : name)
        if (!ascii::is_alnum(c)) c = '-';
    return name;
}

std::string jump(std::string_view id, std::string_view to) { return fmt::format("id={}\n\taction=jump({})\n", id, to); }

class rules_text {
public:
    void add(std::string_view kind, const std::map<std::string, send_limits>& limits_of, std::string (*of)(std::string_view)) {
        std::map<std::string, std::vector<std::string>> names; // by section
        for (const auto& [name, limits] : limits_of) {
            names[section_of(limits)].push_back(name);
            if (!limits.unlimited()) sections_.emplace(section_of(limits), limits);
        }
        std::size_t number = 0;
        for (const auto& [section, all] : names)
            for (std::size_t i = 0; i < all.size(); i += most_names) add_names(fmt::format("vmail-{}-{}", kind, ++number), section, all, i, of);
    }

    std::string take() && {
        // Most mail comes without a login, and is to cost nothing.
        if (!sections_.empty()) text_ = fmt::format("id=vmail-without-login\n\tsasl_username=~^$\n\taction=jump({})\n", last) + text_ + jump("vmail-others", last);
        for (const auto& [id, limits] : sections_) add_section(id, limits);
        return std::move(text_) + fmt::format("id={}\n\taction=note()\n", last);
    }

private:
    void add_names(std::string_view id, std::string_view section, const std::vector<std::string>& all, std::size_t first, std::string (*of)(std::string_view)) {
        std::string names;
        for (std::size_t i = first; i < all.size() && i < first + most_names; ++i) names += (i == first ? "" : "|") + escaped(all[i]);
        text_ += fmt::format("id={}\n\tsasl_username=~{}\n\taction=jump({})\n", id, of(names), section);
    }

    void add_section(std::string_view id, const send_limits& limits) {
        std::string name(id);
        for (std::size_t i = 0; i < limits.all().size(); name = fmt::format("{}-{}", id, ++i)) add_counter(name, limits.all()[i]);
        text_ += jump(name, last);
    }

    void add_counter(std::string_view name, const send_limit& one) {
        const std::string period = one.text().substr(one.text().find('/') + 1);
        text_ += fmt::format("id={}\n\taction=rate(sasl_username/{}/{}/450 4.7.1 This account has reached its limit of {} recipients in {}, try again later)\n", name, one.recipients,
                             one.period.count(), one.recipients, period);
    }

    std::string text_{};
    std::map<std::string, send_limits> sections_{};
};

} // namespace

std::string postfwd_rules(const sending_rules& rules) {
    rules_text text;
    text.add("mailboxes", rules.mailboxes, mailboxes_of);
    text.add("domains", rules.domains, domains_of);
    return std::move(text).take();
}

} // namespace vmail
