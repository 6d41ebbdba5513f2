#include "purge_plan_file.hpp"

#include <cerrno>
#include <sstream>
#include <string_view>

#include <fmt/format.h>

#include <vmail/descriptor.hpp>
#include <vmail/error.hpp>
#include <vmail/jobs/journal.hpp>
#include <vmail/ldap/ldif_reader.hpp>
#include <vmail/ldap/ldif_writer.hpp>
#include <vmail/own_files.hpp>
#include <vmail/printable.hpp>

namespace vmail::tools {

namespace {

/// It is text in the form of LDIF, and of no use to a server: nothing there has such a name.
constexpr std::string_view heading_name = "cn=plan of a purge";

std::string get(const ldap::entry& e, std::string_view name) {
    auto value = e.first(name);
    if (!value) throw invalid_value(fmt::format("the plan lacks the {} of {}", name, printable(e.dn().text())));
    return *value;
}

void set(ldap::entry& e, std::string_view name, const std::string& value) {
    if (!value.empty()) e.set(name, value);
}

purge_item item_of(const ldap::entry& e) {
    return {.subject = get(e, "subject"),
            .domain = e.first("domain").value_or(""),
            .dn = e.dn().text(),
            .entry_uuid = get(e, "entryUUID"),
            .entry_csn = get(e, "entryCSN"),
            .removed = timestamp::parse_generalized(get(e, "removed")),
            .folder = e.first("folder").value_or("")};
}

std::optional<ldap::entry> next_entry(ldap::ldif_reader& reader) {
    auto record = reader.next();
    if (!record) return std::nullopt;
    if (auto* const found = std::get_if<ldap::ldif_add>(&record->what)) return std::move(found->entry);
    throw invalid_value("the file is no plan of a purge");
}

} // namespace

void write_purge_plan(std::ostream& out, invocation& run, const written_purge& what) {
    ldap::ldif_writer writer(out);
    ldap::entry heading(ldap::dn::parse(heading_name));
    set(heading, "directory", journal_heading::of("purge", run.directory()).directory);
    set(heading, "removedBefore", what.removed_before.generalized());
    set(heading, "written", timestamp::now().generalized());
    writer.write(heading);
    for (const purge_item& item : what.items) {
        ldap::entry e(ldap::dn::parse(item.dn));
        set(e, "subject", item.subject);
        set(e, "domain", item.domain);
        set(e, "entryUUID", item.entry_uuid);
        set(e, "entryCSN", item.entry_csn);
        set(e, "removed", item.removed.generalized());
        set(e, "folder", item.folder);
        writer.write(e);
    }
}

written_purge read_purge_plan(invocation& run, const std::string& file) {
    const auto text = read_own_file(file);
    if (!text && errno == EPERM) throw error(error_kind::configuration, fmt::format("{} belongs to somebody else, or others may write to it", printable(file)), {.hint = "look what is in it, and make it yours"});
    if (!text) throw error(error_kind::input_missing, fmt::format("cannot read {}: {}", printable(file), system_reason()));
    std::istringstream in(*text);
    ldap::ldif_reader reader(in, file);
    const auto heading = next_entry(reader);
    if (!heading || heading->dn().text() != heading_name) throw invalid_value(fmt::format("{} is no plan of a purge", printable(file)));
    if (get(*heading, "directory") != journal_heading::of("purge", run.directory()).directory)
        throw invalid_value(fmt::format("{} is the plan of another directory", printable(file)));
    if (const auto written = timestamp::parse_generalized(get(*heading, "written")); written > timestamp::now())
        throw limit_exceeded(fmt::format("{} was written at {}, which is ahead: the clock of this machine or of that one is wrong", printable(file), written.rfc3339()));
    written_purge all{.removed_before = timestamp::parse_generalized(get(*heading, "removedBefore"))};
    while (const auto e = next_entry(reader)) all.items.push_back(item_of(*e));
    return all;
}

} // namespace vmail::tools
