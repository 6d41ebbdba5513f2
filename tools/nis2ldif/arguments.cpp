#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <limits>
#include <system_error>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/domain_name.hpp>
#include <vmail/error.hpp>
#include <vmail/ldap/dn.hpp>
#include <vmail/printable.hpp>
#include <vmail/quota.hpp>
#include <vmail/timestamp.hpp>

#include <nis/map_file.hpp>

#include <cli/plain_options.hpp>

#include "arguments.hpp"
#include "output_places.hpp"

namespace nis2ldif {

namespace {

namespace nis = vmail::nis;
using vmail::tools::add_word;
using vmail::tools::refuse;
using vmail::tools::value_of;
using vmail::tools::words;

// slapd's mdb stores no RDN of more than about 245 bytes, and "mail=LOCAL-PART@DOMAIN" is one.
constexpr std::size_t longest_domain = 170;

/// The words of the command line, before anybody knows what they mean.
struct raw_arguments {
    std::string domain, base;
    std::string passwd, shadow, adjunct, group, aliases, netgroup, forwards;
    bool keyed = false;
    bool plain = false;
    std::string charset = "iso-8859-1";
    nis::dialect dialect = nis::dialect::postfix;
    nis::address_policy address = nis::address_policy::name_surname;
    nis::list_policy lists = nis::list_policy::as_aliases;
    std::string lists_domain, lists_members;
    nis::scope only = nis::scope::all;
    std::uint32_t min_uid = 1;
    std::string mail_home, default_home, expires, quota, time_zone, as_of, include_root;
    std::vector<std::string> local_domains;
    bool no_domain = false;
    bool with_base = false;
    std::string out = "-";
    std::string report;
    report_format format = report_format::text;
};

// ---- the options, in the groups of the manual

const words<nis::dialect> dialects = {{"postfix", nis::dialect::postfix}, {"sendmail", nis::dialect::sendmail}};
const words<nis::address_policy> policies = {{"name.surname", nis::address_policy::name_surname}, {"login", nis::address_policy::login}};
const words<nis::list_policy> list_policies = {{"as-aliases", nis::list_policy::as_aliases}, {"mailman", nis::list_policy::mailman}};
const words<nis::scope> scopes = {{"all", nis::scope::all}, {"mail", nis::scope::mail}, {"unix", nis::scope::unix_accounts}};
const words<report_format> formats = {{"text", report_format::text}, {"json", report_format::json}};

void add_tree_options(CLI::App& app, raw_arguments& raw) {
    app.option_defaults()->group("Where it goes");
    app.add_option("--domain", raw.domain, "Mail domain of the accounts and aliases")->required()->option_text("DOMAIN (required)");
    app.add_option("--base", raw.base, "BASE of the directory, or o=hosting,BASE")->required()->option_text("DN (required)");
    app.add_option("--out", raw.out, "LDIF file; - is standard output")->option_text("FILE (-)");
    app.add_flag("--no-domain", raw.no_domain, "The domain exists: leave out its entry, postmaster and abuse");
    app.add_flag("--with-base", raw.with_base, "Write the entries of BASE and o=hosting as well");
    add_word(app, "--only", raw.only, scopes, "What to write");
}

void add_map_options(CLI::App& app, raw_arguments& raw) {
    app.option_defaults()->group("Maps; one of them may be -, standard input");
    app.add_option("--passwd", raw.passwd, "passwd, or ypcat -k passwd")->option_text("FILE");
    app.add_option("--shadow", raw.shadow, "shadow, or ypcat -k shadow.byname")->option_text("FILE");
    app.add_option("--adjunct", raw.adjunct, "passwd.adjunct (SunOS), or ypcat -k passwd.adjunct.byname")->option_text("FILE");
    app.add_option("--group", raw.group, "group, or ypcat -k group")->option_text("FILE");
    app.add_option("--netgroup", raw.netgroup, "netgroup, or ypcat -k netgroup")->option_text("FILE");
    app.add_option("--aliases", raw.aliases, "aliases, or ypcat -k mail.aliases")->option_text("FILE");
    auto* const keyed = app.add_flag("--keyed", raw.keyed, "All maps are as ypcat -k prints them (default: each is looked at)")->option_text(" ");
    app.add_flag("--plain", raw.plain, "No map is as ypcat -k prints it")->excludes(keyed)->option_text(" ");
    app.add_option("--charset", raw.charset, "Of lines that are not UTF-8")->option_text("utf-8|iso-8859-1|iso-8859-2|iso-8859-15|windows-1252");
    app.add_option("--include-root", raw.include_root, "Folder that stands for / of the old server, for :include: files")->option_text("DIR");
    app.add_option("--forwards", raw.forwards, "Folder that stands for / of the old server, with the homes, or a list: login, blank, path of its .forward")
        ->option_text("DIR|FILE");
}

void add_meaning_options(CLI::App& app, raw_arguments& raw) {
    app.option_defaults()->group("What it means");
    add_word(app, "--address", raw.address, policies, "How an account's address is made");
    add_word(app, "--dialect", raw.dialect, dialects, "Whose reading of aliases counts");
    add_word(app, "--lists", raw.lists, list_policies, "Where the lists of the alias map go");
    app.add_option("--lists-domain", raw.lists_domain, "Domain of the list server")->option_text("DOMAIN (lists.DOMAIN)");
    app.add_option("--lists-members", raw.lists_members, "Folder for the members of the lists, as LIST.members and LIST.owners")->option_text("DIR");
    app.add_option("--local-domain", raw.local_domains, "Another name for this server in alias targets (repeatable)")->allow_extra_args(false)->option_text("DOMAIN");
    app.add_option("--min-uid", raw.min_uid, "Accounts with a lower uid are skipped")->option_text("UID (1)");
    app.add_option("--mail-home", raw.mail_home, "vdHome of the accounts")->option_text("DIR (/home/vmail/domains)");
    app.add_option("--default-home", raw.default_home, "Home of accounts without a usable one: DIR/LOGIN")->option_text("DIR");
    app.add_option("--expires", raw.expires, "Last day of all accounts, as 2026-12-31")->option_text("DATE");
    app.add_option("--quota", raw.quota, "Quota of all accounts, as 2G or none")->option_text("SIZE");
    app.add_option("--time-zone", raw.time_zone, "Of --expires and --as-of (default: the machine's)")->option_text("NAME");
    app.add_option("--as-of", raw.as_of, "Date of the conversion (default: SOURCE_DATE_EPOCH, or that of the newest map)")->option_text("TIME");
}

void add_report_options(CLI::App& app, raw_arguments& raw) {
    app.option_defaults()->group("Report");
    app.add_option("--report", raw.report, "Where the report goes (default: standard error)")->option_text("FILE");
    add_word(app, "--report-format", raw.format, formats, "Its form");
    app.set_version_flag("--version", std::string("nis2ldif ") + NIS2LDIF_VERSION, "Print the version")->group("Report");
    app.set_help_flag("-h,--help", "Print this help")->group("Report");
}

// ---- what they mean

void check_combinations(const raw_arguments& raw) {
    const std::array maps = {&raw.passwd, &raw.shadow, &raw.adjunct, &raw.group, &raw.netgroup, &raw.aliases};
    if (std::all_of(maps.begin(), maps.end(), [](const std::string* m) { return m->empty(); })) refuse("no map was given", "see nis2ldif --help");
    if (std::count_if(maps.begin(), maps.end(), [](const std::string* m) { return *m == "-"; }) + (raw.forwards == "-" ? 1 : 0) > 1) refuse("only one map can be standard input");
    if (raw.passwd.empty() && !(raw.shadow.empty() && raw.adjunct.empty())) refuse("--shadow and --adjunct need --passwd");
    if (raw.only == nis::scope::mail && !raw.group.empty()) refuse("--only mail writes no groups", "leave out --group");
    if (raw.only == nis::scope::mail && !raw.netgroup.empty()) refuse("--only mail writes no netgroups", "leave out --netgroup");
    if (raw.passwd.empty() && !raw.forwards.empty()) refuse("--forwards needs --passwd");
    if (raw.only == nis::scope::unix_accounts && !raw.forwards.empty()) refuse("--only unix writes no forwards", "leave out --forwards");
    const bool to_server = raw.lists == nis::list_policy::mailman;
    if (!to_server && !(raw.lists_domain.empty() && raw.lists_members.empty())) refuse("--lists-domain and --lists-members need --lists mailman");
    if (to_server && raw.aliases.empty()) refuse("--lists mailman needs --aliases");
    if (to_server && raw.lists_members.empty()) refuse("--lists mailman needs --lists-members", "the members leave the alias map, and have to go somewhere");
    if (raw.only == nis::scope::unix_accounts && !raw.aliases.empty()) refuse("--only unix writes no aliases", "leave out --aliases");
}

/// The machine's is asked for only where a date is of it.
vmail::time_zone read_zone(const raw_arguments& raw) {
    if (!raw.time_zone.empty()) return value_of("--time-zone", [&] { return vmail::time_zone::named(raw.time_zone); });
    return raw.expires.empty() && raw.as_of.empty() ? vmail::time_zone::named("UTC") : vmail::time_zone::local();
}

vmail::site read_site(const raw_arguments& raw) {
    vmail::site site{.layout = vmail::layout(value_of("--base", [&] { return vmail::ldap::dn::parse(raw.base); })), .zone = read_zone(raw)};
    if (site.layout.container().depth() == 0) refuse("--base: it is empty");
    for (const auto& [option, folder] : {std::pair{"--mail-home", &raw.mail_home}, std::pair{"--default-home", &raw.default_home}})
        if (!folder->empty() && (folder->front() != '/' || !std::all_of(folder->begin(), folder->end(), [](char c) { return vmail::ascii::is_printable(c); })))
            refuse(fmt::format("{}: {} is no absolute path in ASCII", option, vmail::quoted(*folder)));
    if (!raw.mail_home.empty()) site.mail_home = raw.mail_home;
    return site;
}

std::optional<vmail::timestamp> source_date_epoch() {
    const char* const text = std::getenv("SOURCE_DATE_EPOCH");
    if (!text || !*text) return {};
    const std::string_view digits(text);
    if (!vmail::ascii::is_digits(digits) || digits.size() > 11) refuse(fmt::format("SOURCE_DATE_EPOCH: {} is no number of seconds", vmail::quoted(digits)));
    return vmail::timestamp::from_epoch(std::strtoll(text, nullptr, 10));
}

std::optional<vmail::timestamp> newest(const nis::map_set& maps) {
    std::optional<vmail::timestamp> latest;
    for (const auto* map : {&maps.passwd, &maps.shadow, &maps.adjunct, &maps.group, &maps.netgroup, &maps.aliases})
        if (*map && (*map)->changed()) latest = std::max(latest, (*map)->changed());
    return latest;
}

bool is_folder(const std::string& path) {
    std::error_code ignored;
    return std::filesystem::is_directory(path, ignored);
}

nis::map_set read_maps(const raw_arguments& raw) {
    const std::string list = is_folder(raw.forwards) ? std::string() : raw.forwards;
    const std::array paths = {&raw.passwd, &raw.shadow, &raw.adjunct, &raw.group, &raw.netgroup, &raw.aliases, &list};
    nis::map_set maps;
    const std::array read = {&maps.passwd, &maps.shadow, &maps.adjunct, &maps.group, &maps.netgroup, &maps.aliases, &maps.forward_list};
    nis::do_pieces({}, paths.size(), [&](std::size_t i) {
        if (!paths[i]->empty()) *read[i] = nis::map_file::read(*paths[i]);
    });
    return maps;
}

std::vector<std::string> read_local_domains(const raw_arguments& raw) {
    for (const std::string& name : raw.local_domains)
        if (name.empty() || !std::all_of(name.begin(), name.end(), [](char c) { return vmail::ascii::is_alnum(c) || c == '-' || c == '.'; }))
            refuse(fmt::format("--local-domain: {} is no domain", vmail::quoted(name)));
    return raw.local_domains;
}

std::string read_lists_domain(const raw_arguments& raw, const nis::options& o) {
    const std::string text = raw.lists_domain.empty() ? fmt::format("lists.{}", o.domain.text()) : raw.lists_domain;
    const std::string domain = value_of("--lists-domain", [&] { return std::string(vmail::domain_name::parse(text).text()); });
    if (domain.size() > longest_domain) refuse(fmt::format("--lists-domain: longer than {} bytes", longest_domain));
    const auto is_it = [&domain](const std::string& local) { return vmail::ascii::iequals(local, domain); };
    if (is_it(std::string(o.domain.text())) || std::any_of(raw.local_domains.begin(), raw.local_domains.end(), is_it))
        refuse("--lists-domain: the lists need a domain of their own", "their mail would come back to the aliases that lead to them");
    return domain;
}

nis::options read_options(const raw_arguments& raw) {
    check_combinations(raw);
    nis::options o(value_of("--domain", [&] { return vmail::domain_name::parse(raw.domain); }), read_site(raw));
    if (o.domain.text().size() > longest_domain) refuse(fmt::format("--domain: longer than {} bytes", longest_domain));
    if (raw.keyed) o.form = nis::map_form::keyed;
    if (raw.plain) o.form = nis::map_form::plain;
    const auto charset = vmail::parse_charset(raw.charset);
    if (!charset) refuse(fmt::format("--charset: {} is not known", vmail::quoted(raw.charset)), "utf-8, iso-8859-1, iso-8859-2, iso-8859-15 or windows-1252");
    o.charset = *charset;
    o.dialect = raw.dialect;
    o.addresses = raw.address;
    o.only = raw.only;
    o.lists = raw.lists;
    if (o.lists == nis::list_policy::mailman) o.lists_domain = read_lists_domain(raw, o);
    o.min_uid = raw.min_uid;
    o.default_home = raw.default_home;
    while (o.default_home.size() > 1 && o.default_home.ends_with('/')) o.default_home.pop_back();
    o.local_domains = read_local_domains(raw);
    o.include_root = raw.include_root;
    if (is_folder(raw.forwards)) o.forward_root = raw.forwards;
    o.with_domain = !raw.no_domain;
    o.with_base = raw.with_base;
    if (!raw.quota.empty()) o.quota = value_of("--quota", [&] { return vmail::quota::parse(raw.quota); });
    return o;
}

/// What depends on the maps' own dates.
void read_dates(const raw_arguments& raw, arguments& a) {
    nis::options& o = a.options;
    o.as_of = raw.as_of.empty() ? source_date_epoch() : value_of("--as-of", [&] { return vmail::timestamp::parse(raw.as_of, o.site.zone); });
    if (!o.as_of) o.as_of = newest(a.maps);
    if (raw.expires.empty()) return;
    // "+30d" counts from the day of the conversion.
    o.expires = value_of("--expires", [&] { return vmail::expiry::parse(raw.expires, o.site.zone, o.as_of.value_or(vmail::timestamp::now())); });
}

} // namespace

std::variant<arguments, int> parse_arguments(int argc, const char* const* argv) {
    raw_arguments raw;
    CLI::App app("Turns the NIS maps of a mail server into LDIF for the directory of virtual mailboxes.", "nis2ldif");
    app.footer("Examples:\n"
               "  nis2ldif --domain example.org --base dc=example,dc=org --with-base --passwd passwd --shadow shadow --aliases aliases --out site.ldif --report site.report\n"
               "  nis2ldif --domain example.org --base dc=example,dc=org --no-domain --only mail --passwd passwd --aliases aliases --out mail.ldif\n\n"
               "Exit status: 0 nothing was skipped, 1 some lines were (the report says which), 64 usage,\n65 a map that is no text, 66 a map that cannot be read. See nis2ldif(1).");
    add_tree_options(app, raw);
    add_map_options(app, raw);
    add_meaning_options(app, raw);
    add_report_options(app, raw);
    if (const auto status = vmail::tools::parse_plain(app, argc, argv)) return *status;
    arguments a(read_options(raw));
    check_output_places({.files = {raw.passwd, raw.shadow, raw.adjunct, raw.group, raw.netgroup, raw.aliases, raw.forwards},
                         .trees = {raw.include_root, raw.forwards},
                         .out = raw.out,
                         .report = raw.report,
                         .lists_members = raw.lists_members});
    a.out = raw.out;
    a.report = raw.report;
    a.lists_members = raw.lists_members;
    a.format = raw.format;
    a.maps = read_maps(raw);
    read_dates(raw, a);
    return a;
}

} // namespace nis2ldif
