#include <algorithm>
#include <array>
#include <string_view>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/nearest.hpp>

#include "command_hint.hpp"
#include "help_text.hpp"

namespace vmail::tools {

namespace {

struct synonym {
    std::string_view theirs;
    std::string_view ours;
};

// What the same is called in doveadm, postfixadmin, useradd, git and others; the first of ours that the noun has is meant.
constexpr std::array synonyms = {
    synonym{"delete", "remove"},     synonym{"delete", "clear"},    synonym{"del", "remove"},        synonym{"del", "clear"},
    synonym{"rm", "remove"},         synonym{"rm", "clear"},        synonym{"destroy", "remove"},    synonym{"remove", "clear"},
    synonym{"unset", "clear"},       synonym{"clear", "remove"},    synonym{"create", "add"},        synonym{"create", "set"},
    synonym{"new", "add"},           synonym{"new", "set"},         synonym{"make", "add"},          synonym{"insert", "add"},
    synonym{"add", "set"},           synonym{"modify", "set"},      synonym{"mod", "set"},           synonym{"update", "set"},
    synonym{"edit", "set"},          synonym{"change", "set"},      synonym{"extend", "set"},        synonym{"ls", "list"},
    synonym{"find", "list"},         synonym{"find", "show"},       synonym{"search", "list"},       synonym{"query", "list"},
    synonym{"get", "show"},          synonym{"info", "show"},       synonym{"view", "show"},         synonym{"list", "show"},
    synonym{"describe", "show"},     synonym{"passwd", "password"}, synonym{"pw", "password"},       synonym{"pass", "password"},
    synonym{"mv", "rename"},         synonym{"move", "rename"},     synonym{"suspend", "disable"},   synonym{"lock", "disable"},
    synonym{"deactivate", "disable"}, synonym{"stop", "disable"},   synonym{"unlock", "enable"},     synonym{"activate", "enable"},
    synonym{"reactivate", "enable"}, synonym{"undelete", "restore"}, synonym{"recover", "restore"},  synonym{"user", "mailbox"},
    synonym{"account", "mailbox"},   synonym{"mbox", "mailbox"},    synonym{"redirect", "forward"},  synonym{"autoreply", "vacation"},
    synonym{"autoresponder", "vacation"}, synonym{"holiday", "vacation"}, synonym{"expire", "expiry"}, synonym{"expiration", "expiry"},
    synonym{"settings", "config"},   synonym{"history", "log"},     synonym{"journal", "log"},       synonym{"backup", "export"},
    synonym{"dump", "export"},       synonym{"load", "import"},     synonym{"revert", "undo"},       synonym{"rollback", "undo"},
    synonym{"search", "find"},       synonym{"query", "find"},      synonym{"grep", "find"},         synonym{"route", "trace"},
    synonym{"version", "--version"}};

// Of no one noun, but of a mailbox most often.
struct phrase {
    std::string_view word;
    std::string_view command;
};
constexpr std::array phrases = {phrase{"passwd", "mailbox password"}, phrase{"password", "mailbox password"}};

std::vector<std::string_view> names_of(const CLI::App& app) {
    std::vector<std::string_view> names;
    for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) names.push_back(command->get_name());
    return names;
}

bool contains(const std::vector<std::string_view>& names, std::string_view word) { return std::find(names.begin(), names.end(), word) != names.end(); }

std::string_view translated(const std::string& word, const std::vector<std::string_view>& names) {
    for (const auto& s : synonyms)
        if (s.theirs == word && (contains(names, s.ours) || s.ours.starts_with('-'))) return s.ours;
    return {};
}

/// The command of this one that the word stands for.
std::string command_of(const CLI::App& app, const std::string& text) {
    const auto names = names_of(app);
    const auto word = ascii::to_lower(text);
    if (contains(names, word)) return word;
    for (const auto& singular : {word, word.ends_with("es") ? word.substr(0, word.size() - 2) : word, word.ends_with('s') ? word.substr(0, word.size() - 1) : word}) {
        if (contains(names, singular)) return singular;
        if (const auto ours = translated(singular, names); !ours.empty()) return std::string(ours);
    }
    auto nearby = names;
    if (app.get_parent() == nullptr) nearby.push_back("help");
    return nearest(word, nearby);
}

const CLI::App* find(const CLI::App& app, const std::string& name) {
    for (const auto* command : app.get_subcommands([&](const CLI::App* c) { return c->get_name() == name; })) return command;
    return nullptr;
}

/// "list mailbox": a verb before its noun.
std::string turned_around(const unknown_command& u) {
    if (u.after.empty()) return {};
    const auto* const noun = find(u.at, command_of(u.at, u.after.front()));
    const auto verb = noun == nullptr ? std::string() : command_of(*noun, u.word);
    return verb.empty() ? verb : fmt::format("{} {}", path_of(*noun), verb);
}

std::string as_phrase(const unknown_command& u) {
    const auto found = std::find_if(phrases.begin(), phrases.end(), [&](const phrase& p) { return p.word == u.word; });
    return u.at.get_parent() != nullptr || found == phrases.end() ? std::string() : fmt::format("{} {}", path_of(u.at), found->command);
}

/// A verb without its noun: that of mailboxes, if there is such a one.
std::string with_usual_noun(const unknown_command& u) {
    const auto* const noun = find(u.at, "mailbox");
    const auto verb = noun == nullptr ? std::string() : command_of(*noun, u.word);
    return verb.empty() ? verb : fmt::format("{} {}", path_of(*noun), verb);
}

} // namespace

std::string meant_by(const unknown_command& u) {
    const bool at_root = u.at.get_parent() == nullptr;
    if (at_root)
        if (auto turned = turned_around(u); !turned.empty()) return turned;
    if (auto phrase = as_phrase(u); !phrase.empty()) return phrase;
    const auto near = command_of(u.at, u.word);
    if (near.empty()) return at_root ? with_usual_noun(u) : std::string();
    const auto* const command = find(u.at, near);
    const bool goes_on = command != nullptr && !u.after.empty() && find(*command, u.after.front()) != nullptr;
    return fmt::format("{} {}{}", path_of(u.at), near, goes_on ? ' ' + u.after.front() : "");
}

std::string nearest_flag(const CLI::App& command, const std::string& flag) {
    std::vector<std::string> names;
    for (const auto* at = &command; at != nullptr; at = at->get_parent())
        for (const auto* o : at->get_options([](const CLI::Option* option) { return option->nonpositional(); }))
            for (const auto& name : o->get_lnames()) names.push_back("--" + name);
    return nearest(flag, {names.begin(), names.end()});
}

} // namespace vmail::tools
