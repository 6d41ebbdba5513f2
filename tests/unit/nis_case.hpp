#pragma once

#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <vmail/ascii.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/ldap/ldif_reader.hpp>

#include <nis/convert.hpp>

/// One conversion of maps that a test writes down, and what came out of it.
namespace nis_case {

struct maps {
    std::optional<std::string> passwd{}, shadow{}, adjunct{}, group{}, netgroup{}, aliases{}, forward_list{};
};

inline vmail::nis::options default_options() {
    vmail::nis::options o(vmail::domain_name::parse("example.org"), vmail::site{vmail::layout(vmail::ldap::dn::parse("dc=example,dc=org"))});
    o.as_of = vmail::timestamp::from_epoch(1'600'000'000);
    return o;
}

struct outcome {
    vmail::nis::report report;
    std::string ldif;
    std::vector<vmail::ldap::entry> entries{};

    /// "FILE:LINE CODE" of each finding, in the order of the report.
    std::string codes() const {
        std::string all;
        for (const auto& map : report.maps)
            for (const auto& f : map.findings()) {
                if (!all.empty()) all += ' ';
                const auto [file, lines] = map.where(f.lines);
                all += file;
                all += ':';
                all += std::to_string(lines.first);
                if (lines.last != lines.first) (all += '-') += std::to_string(lines.last);
                (all += '=') += row_of(f.code).word;
            }
        return all;
    }

    /// "lines=blank+entry+merged+skipped" of one map.
    std::string counts(std::string_view map_name) const {
        for (const auto& map : report.maps)
            if (map.map() == map_name) {
                const auto& c = map.counts();
                return std::to_string(c.lines) + '=' + std::to_string(c.blank) + '+' + std::to_string(c.entry) + '+' + std::to_string(c.merged) + '+' +
                       std::to_string(c.skipped);
            }
        return "no such map";
    }

    const vmail::ldap::entry* with_mail(std::string_view mail) const {
        for (const auto& e : entries)
            if (const auto value = e.first("mail"); value && vmail::ascii::iequals(*value, mail)) return &e;
        return nullptr;
    }

    const vmail::ldap::entry* account(std::string_view uid) const {
        for (const auto& e : entries)
            if (e.has_value("uid", uid)) return &e;
        return nullptr;
    }

    const vmail::ldap::entry* group(std::string_view cn) const {
        for (const auto& e : entries)
            if (e.has_class("posixGroup") && e.has_value("cn", cn)) return &e;
        return nullptr;
    }
};

/// The values of an attribute, joined by "|"; "-" where it is absent, "no entry" without an entry.
inline std::string values(const vmail::ldap::entry* e, std::string_view attribute) {
    if (!e) return "no entry";
    const auto* found = e->find(attribute);
    if (!found) return "-";
    std::string all;
    for (const std::string& value : *found) (all += all.empty() ? "" : "|") += value;
    return all;
}

inline outcome convert(const maps& texts, const vmail::nis::options& o = default_options()) {
    vmail::nis::map_set set;
    const auto load = [](std::optional<vmail::nis::map_file>& map, const char* name, const std::optional<std::string>& text) {
        if (text) map = vmail::nis::map_file::from_bytes(name, *text);
    };
    load(set.passwd, "passwd", texts.passwd);
    load(set.shadow, "shadow", texts.shadow);
    load(set.adjunct, "adjunct", texts.adjunct);
    load(set.group, "group", texts.group);
    load(set.netgroup, "netgroup", texts.netgroup);
    load(set.aliases, "aliases", texts.aliases);
    load(set.forward_list, "list", texts.forward_list);
    std::ostringstream out;
    outcome result{vmail::nis::convert(set, o, out), {}};
    result.ldif = out.str();
    std::istringstream in(result.ldif);
    vmail::ldap::ldif_reader reader(in, "output");
    while (auto record = reader.next()) result.entries.push_back(std::get<vmail::ldap::ldif_add>(record->what).entry);
    return result;
}

} // namespace nis_case
