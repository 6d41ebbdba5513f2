#include <algorithm>
#include <array>
#include <set>
#include <system_error>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>
#include <vmail/template.hpp>
#include <vmail/utf8.hpp>

#include <sandbox/schema_files.hpp>

#include "notice_letters.hpp"

namespace vmail::tools {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view owner_file = "owner.txt", admin_file = "admin.txt";

/// What admin.txt may have words of its own for, and ours.
struct fate_words {
    std::string_view name, field, words;
};
constexpr std::array fates = {
    fate_words{"told", "Told", "told"},
    fate_words{"told_before", "Told-Before", "told before"},
    fate_words{"failed", "Failed", "could not be told"},
    fate_words{"refused", "Refused", "could not be told: the mail server refuses the address"},
    fate_words{"alias", "Alias", "alias, nobody else is told"},
    fate_words{"forwarded", "Forwarded", "forwarded elsewhere, not told"},
    fate_words{"takes_no_mail", "Takes-No-Mail", "takes no mail, not told"},
    fate_words{"left", "Left", "is told by the next run"},
    fate_words{"due", "Told", "told"}, // in a dry run: as it would be
};
static_assert(fates.size() == static_cast<std::size_t>(owner_fate::due) + 1);

const fate_words& words_of(owner_fate f) { return fates[static_cast<std::size_t>(f)]; }

/// A value in a line of its own: nothing of it ends the line, or is taken for more than text.
std::string one_line(std::string_view value) { return harmless(value); }

[[noreturn]] void refuse(const fs::path& file, std::string_view why) {
    throw error(error_kind::configuration, fmt::format("{} is no text of a notice: {}", printable(file.native()), why));
}

} // namespace

std::string_view name(owner_fate f) noexcept { return words_of(f).name; }

notice_letters::notice_letters(const configuration& c, std::string sender)
    : zone_(c.zone), language_(c.notices.language), sender_(std::move(sender)), admin_(c.notices.admin ? c.notices.admin->text() : sender_) {
    std::error_code none;
    if (!c.notices.templates.empty() && !fs::is_directory(c.notices.templates, none))
        throw error(error_kind::configuration, fmt::format("notice-templates: {} is no folder", printable(c.notices.templates.native())));
    if (!c.notices.templates.empty()) folders_.push_back(c.notices.templates);
    folders_.push_back(schema_dir() / "notices");
    for (const auto file : {owner_file, admin_file})
        if (find(language_, file).empty()) throw error(error_kind::configuration, fmt::format("notice-language: there is no {} in {}/{}", file, printable(folders_.front().native()), language_));
    get(language_, admin_file);
}

fs::path notice_letters::find(const std::string& language, std::string_view file) const {
    std::error_code none;
    for (const auto& folder : folders_)
        if (auto path = folder / language / file; fs::is_regular_file(path, none)) return path;
    return {};
}

bool notice_letters::has(const std::string& language) const { return !find(language, owner_file).empty(); }

const notice_letters::text& notice_letters::get(const std::string& language, std::string_view file) const {
    const auto path = find(language, file);
    const auto [place, is_new] = read_.try_emplace(path.native());
    if (!is_new) return place->second;
    const std::string all = read_file(path);
    if (!utf8::is_valid(all)) refuse(path, "it is not in UTF-8");
    std::string_view rest = all;
    while (!rest.empty()) {
        const auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        if (line.empty()) break;
        const auto mark = line.find(": ");
        if (mark == std::string_view::npos) refuse(path, fmt::format("{} is no line \"Name: value\"", quoted(line)));
        place->second.fields.emplace(line.substr(0, mark), line.substr(mark + 2));
    }
    if (place->second.fields["Subject"].find_first_not_of(' ') == std::string::npos) refuse(path, "it has no line \"Subject: ...\"");
    place->second.body = rest;
    return place->second;
}

std::string notice_letters::language_of(const ending_account& a) const {
    return choose_language(a.languages, [this](const std::string& tag) { return has(tag); }, language_);
}

void notice_letters::require_for(const ending_account& a) const { get(language_of(a), owner_file); }

letter notice_letters::to_owner(const ending_account& a) const { return to_owner_in(language_of(a), a); }

letter notice_letters::to_owner_in(const std::string& language, const ending_account& a) const {
    const auto& t = get(language, owner_file);
    const auto value = [&](std::string_view wanted) -> std::optional<std::string> {
        if (wanted == "ADDRESS") return a.address.text();
        if (wanted == "NAME") return one_line(a.name.empty() ? a.address.text() : a.name);
        if (wanted == "LAST") return a.end.text(zone_);
        if (wanted == "DAYS") return std::to_string(a.days_left);
        if (wanted == "ADMIN") return admin_;
        return std::nullopt;
    };
    return {.from = sender_, .to = a.address.text(), .to_name = one_line(a.name), .subject = fill_template(t.fields.at("Subject"), value), .body = fill_template(t.body, value), .language = language,
            .id = fmt::format("mailctl.{}.{}.{}@{}", one_line(a.key.entry_uuid), a.key.end.epoch(), a.days, a.address.domain().text())};
}

std::string notice_letters::line_of(const account_news& n, const text& words) const {
    const auto word = [&](std::string_view field, std::string_view otherwise) {
        const auto found = words.fields.find(std::string(field));
        return found == words.fields.end() ? std::string(otherwise) : found->second;
    };
    const auto& a = *n.account;
    std::string line = fmt::format("{}  {}  {}", a.address.text(), a.end.text(zone_), word(words_of(n.owner).field, words_of(n.owner).words));
    if (!a.name.empty()) line += fmt::format("\n    {}", one_line(a.name));
    if (!a.led_here.empty()) line += fmt::format("\n    {} {}", word("Led-Here", "mail comes here from"), fmt::join(a.led_here, ", "));
    return line;
}

letter notice_letters::to_admin(const std::string& admin, const std::vector<account_news>& news) const {
    const auto& t = get(language_, admin_file);
    std::vector<std::string> lines;
    for (const auto& n : news) lines.push_back(line_of(n, t));
    const auto value = [&](std::string_view wanted) -> std::optional<std::string> {
        if (wanted == "COUNT") return std::to_string(news.size());
        if (wanted == "LIST") return fmt::format("{}", fmt::join(lines, "\n"));
        return std::nullopt;
    };
    return {.from = sender_, .to = admin, .subject = fill_template(t.fields.at("Subject"), value), .body = fill_template(t.body, value), .language = language_};
}

std::vector<letter> notice_letters::samples(const std::string& to) const {
    std::set<std::string> languages;
    std::error_code none;
    for (const auto& folder : folders_)
        for (const auto& entry : fs::directory_iterator(folder, none))
            if (has(entry.path().filename())) languages.insert(entry.path().filename());
    const auto now = timestamp::now();
    ending_account example{.key = {"test", now}, .address = address::parse(to), .end = expiry(timestamp(now.instant() + std::chrono::hours(7 * 24))), .days = 7, .days_left = 7};
    std::vector<letter> all;
    for (const auto& language : languages) {
        all.push_back(to_owner_in(language, example));
        all.back().id.clear();
    }
    return all;
}

} // namespace vmail::tools
