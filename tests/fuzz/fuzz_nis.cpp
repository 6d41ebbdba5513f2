#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>

#include "../unit/nis_case.hpp"

// Two bytes of options and six maps between bytes 0xFE are refused with vmail::error, or are LDIF that slapd takes: no name twice, parents first, no value twice or
// empty; and a report in which each line is accounted for. How the work is cut does not show.

namespace {

using namespace vmail::nis;
using vmail::charset;

void require(bool condition) {
    if (!condition) std::abort();
}

constexpr char separator = '\xFE';

std::optional<std::string> next_map(std::string_view& bytes) {
    if (bytes.empty()) return {};
    const std::size_t end = bytes.find(separator);
    std::string map(bytes.substr(0, end));
    bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
    if (map.empty()) return {};
    return map;
}

nis_case::maps read_maps(std::string_view bytes) {
    nis_case::maps maps;
    for (auto* const map : {&maps.passwd, &maps.shadow, &maps.adjunct, &maps.group, &maps.aliases, &maps.netgroup}) *map = next_map(bytes);
    return maps;
}

options read_options(unsigned char a, unsigned char b) {
    options o = nis_case::default_options();
    constexpr std::array forms = {map_form::detect, map_form::plain, map_form::keyed, map_form::detect};
    constexpr std::array charsets = {charset::iso_8859_1, charset::utf_8, charset::iso_8859_2, charset::windows_1252};
    constexpr std::array scopes = {scope::all, scope::mail, scope::unix_accounts, scope::all};
    o.form = forms[a & 3U];
    o.charset = charsets[(a >> 2U) & 3U];
    o.only = scopes[(a >> 4U) & 3U];
    if (a & 64U) o.dialect = dialect::sendmail;
    if (a & 128U) o.addresses = address_policy::login;
    if (b & 1U) o.lists = list_policy::mailman;
    o.lists_domain = "lists.example.org";
    o.with_domain = !(b & 2U);
    o.with_base = b & 4U;
    if (b & 8U) o.default_home = "/home";
    if (b & 16U) o.min_uid = 1000;
    if (b & 32U) o.local_domains = {"mail.example.org", "myhost"};
    if (b & 64U) o.as_of.reset();
    return o;
}

struct result {
    std::string text; ///< LDIF and report, or the error
    std::optional<nis_case::outcome> outcome{};
};

result convert_with(const nis_case::maps& maps, options o, work_plan plan) {
    o.plan = plan;
    try {
        result r{{}, nis_case::convert(maps, o)};
        std::ostringstream report;
        write_text(report, r.outcome->report);
        write_json(report, r.outcome->report);
        for (const address_file& list : r.outcome->report.lists) {
            report << list.name << '\n';
            for (const std::string& address : list.addresses) report << address << '\n';
        }
        r.text = r.outcome->ldif + report.str();
        return r;
    } catch (const vmail::error& e) {
        require(e.kind() != vmail::error_kind::internal);
        return {e.what()};
    }
}

/// As slapd compares it.
std::string normal(std::string_view attribute, std::string_view value) {
    constexpr std::array<std::string_view, 6> exact = {"memberUid",    "memberNisNetgroup", "nisNetgroupTriple",
                                                       "userPassword", "homeDirectory",     "loginShell"};
    std::string text;
    for (const char c : value)
        if (c != ' ' || !text.ends_with(' ')) text += c;
    const bool folds = std::find(exact.begin(), exact.end(), attribute) == exact.end();
    return folds ? vmail::ascii::to_lower(text) : text;
}

void check_values(const vmail::ldap::entry& e) {
    for (const auto& a : e.attributes()) {
        require(!a.values.empty());
        std::set<std::string> seen;
        for (const std::string& value : a.values) require(!value.empty() && seen.insert(normal(a.name, value)).second);
    }
}

void check_entries(const nis_case::outcome& o) {
    std::set<std::string> names;
    std::set<std::string> above;
    for (const vmail::ldap::entry& e : o.entries) {
        check_values(e);
        require(names.insert(e.dn().key()).second);
        require(!above.contains(e.dn().key()));
        for (auto parent = e.dn().parent(); parent.depth() > 0 && above.insert(parent.key()).second; parent = parent.parent()) {
        }
    }
}

void check_report(const report& r) {
    for (const ledger& map : r.maps) {
        const line_counts& c = map.counts();
        require(c.lines == c.blank + c.entry + c.merged + c.skipped);
        for (const finding& f : map.findings()) {
            require(f.lines.first >= 1 && f.lines.first <= f.lines.last && f.lines.last <= c.lines);
            require(std::none_of(f.text.begin(), f.text.end(), [](char b) { return static_cast<unsigned char>(b) < ' ' || b == '\x7F'; }));
        }
    }
}

void check_lists(const report& r) {
    std::set<std::string> files;
    for (const address_file& list : r.lists) {
        require(list.name.find('/') == std::string::npos && files.insert(list.name).second && !list.addresses.empty());
        for (const std::string& address : list.addresses) require(!address.empty() && address.find('\n') == std::string::npos);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const nis_case::maps maps = read_maps({reinterpret_cast<const char*>(data) + 2, size - 2});
    const options o = read_options(data[0], data[1]);
    const result whole = convert_with(maps, o, {1, 100000});
    require(convert_with(maps, o, data[1] & 128U ? work_plan{3, 2} : work_plan{1, 1}).text == whole.text);
    if (!whole.outcome) return 0;
    check_entries(*whole.outcome);
    check_report(whole.outcome->report);
    check_lists(whole.outcome->report);
    return 0;
}
