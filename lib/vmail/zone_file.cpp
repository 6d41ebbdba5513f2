#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include <vmail/ascii.hpp>

#include <vmail/zone_file.hpp>

namespace vmail {

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t largest_file = 1024 * 1024;
constexpr std::string_view magic = "TZif"; // RFC 8536

/// Empty where it is no file of a zone.
std::string read_zone(const std::string& file) {
    std::error_code failed;
    if (!fs::is_regular_file(file, failed) || fs::file_size(file, failed) > largest_file || failed) return {};
    std::ifstream in(file, std::ios::binary);
    std::string bytes(std::istreambuf_iterator<char>(in), {});
    return bytes.starts_with(magic) ? bytes : std::string();
}

/// The rule at the end, for the time behind the table (RFC 8536 section 3.3).
std::string_view last_rule(std::string_view zone) {
    if (!zone.ends_with('\n')) return {};
    zone.remove_suffix(1);
    return zone.substr(zone.rfind('\n') + 1);
}

std::string zone_of_place(const std::string& file) {
    constexpr std::string_view folder = "/zoneinfo/";
    std::error_code failed;
    const std::string target = fs::canonical(file, failed).native();
    const std::size_t at = target.find(folder);
    return failed || at == std::string::npos ? std::string() : without_variant(std::string_view(target).substr(at + folder.size()));
}

bool is_of_region(std::string_view name) { return name.find('/') != std::string_view::npos; }

std::string zone_of_bytes(const std::string& bytes, const zone_database& database) {
    std::string found;
    for (const std::string& name : database.names()) {
        if (!found.empty() && !is_of_region(name)) continue;
        const std::string file = database.folder + '/' + name;
        std::error_code failed;
        if (fs::file_size(file, failed) != bytes.size() || failed || read_zone(file) != bytes) continue;
        found = name;
        if (is_of_region(name)) break; // "Europe/Warsaw" rather than "Poland"
    }
    return found;
}

std::string_view take_while(std::string_view& text, bool (*is)(char)) {
    const std::string_view piece = text.substr(0, static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is) - text.begin()));
    text.remove_prefix(piece.size());
    return piece;
}

/// "CET", or "<+01>".
bool take_rule_name(std::string_view& rule) {
    if (!rule.starts_with('<')) return take_while(rule, [](char c) { return ascii::is_alpha(c); }).size() >= 3;
    const std::size_t end = rule.find('>');
    rule.remove_prefix(std::min(end, rule.size() - 1) + 1);
    return end != std::string_view::npos && end > 3;
}

} // namespace

std::string without_variant(std::string_view name) {
    constexpr std::string_view without_leap_seconds = "posix/";
    if (name.starts_with(without_leap_seconds)) name.remove_prefix(without_leap_seconds.size());
    return std::string(name);
}

std::string zone_of_file(const std::string& file, const zone_database& database, const std::string& likely) {
    const std::string bytes = read_zone(file);
    if (bytes.empty()) return {};
    const auto names = database.names();
    const auto is_zone = [&](const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); };
    if (const std::string name = zone_of_place(file); is_zone(name)) return name;
    const std::string expected = likely.empty() || !is_zone(likely) ? std::string() : read_zone(database.folder + '/' + likely);
    if (!expected.empty() && expected == bytes) return likely;
    if (const std::string name = zone_of_bytes(bytes, database); !name.empty()) return name;
    return !expected.empty() && !last_rule(bytes).empty() && last_rule(bytes) == last_rule(expected) ? likely : std::string();
}

std::string zone_of_fixed_rule(std::string_view rule) {
    if (!take_rule_name(rule)) return {};
    const bool ahead = rule.starts_with('-');
    if (ahead || rule.starts_with('+')) rule.remove_prefix(1);
    std::string_view hours = take_while(rule, [](char c) { return ascii::is_digit(c); });
    while (rule.starts_with(":00")) rule.remove_prefix(3);
    if (hours.empty() || hours.size() > 2 || !rule.empty()) return {};
    if (hours.size() == 2 && hours.front() == '0') hours.remove_prefix(1);
    return hours == "0" ? "UTC" : std::string("Etc/GMT") + (ahead ? '-' : '+') + std::string(hours);
}

} // namespace vmail
