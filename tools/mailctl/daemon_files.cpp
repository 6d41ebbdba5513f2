#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/daemon_syntax.hpp>
#include <vmail/error.hpp>
#include <vmail/layout.hpp>
#include <vmail/password.hpp>
#include <vmail/printable.hpp>
#include <vmail/root_folders.hpp>
#include <vmail/secret.hpp>
#include <vmail/template.hpp>

#include <sandbox/schema_files.hpp>

#include "daemon_files.hpp"

namespace vmail::tools {

namespace {

namespace fs = std::filesystem;

/// Where mailctl-postfwd.service and mailctl-rspamd.service write, which is not as root.
constexpr std::string_view limits_place = "/var/lib/mailctl-limits";

constexpr std::array daemons = {
    daemon{"postfix", "/etc/postfix/mailctl", "postfix", "Print what Postfix needs: maps, and lines of main.cf", "mailctl config postfix --out /etc/postfix/mailctl"},
    daemon{"dovecot", "/etc/dovecot", "", "Print what Dovecot needs", "mailctl config dovecot --out /etc/dovecot/mailctl"},
    daemon{"courier", "/etc/courier", "courier", "Print what Courier's IMAP and POP3 need", "mailctl config courier --out /etc/courier"},
    daemon{"gnarwl", "/etc", "gnarwl", "Print what gnarwl needs to answer for who is away", "mailctl config gnarwl --out /etc/gnarwl"},
    daemon{"sieve", "/etc/dovecot", "", "Print what Dovecot's Sieve needs for the same", "mailctl config sieve --out /etc/dovecot/mailctl"},
    daemon{"mailman", "/etc/postfix/mailctl", "", "Print what Postfix needs to hand mail to Mailman", "mailctl config mailman --out /etc/postfix/mailctl"},
    daemon{"nslcd", "/etc", "nslcd", "Print what nslcd needs to tell the accounts of Unix", "mailctl config nslcd --out /etc"},
    daemon{"freeradius", "/etc/freeradius/3.0", "freerad", "Print what FreeRADIUS needs", "mailctl config freeradius --out /etc/freeradius/3.0/mailctl"},
    daemon{"postfwd", limits_place, "", "Print what postfwd needs to limit who sends: rules made of the directory", "mailctl config postfwd --out /var/lib/mailctl-limits"},
    daemon{"rspamd", limits_place, "", "Print what Rspamd needs for the same", "mailctl config rspamd --out /var/lib/mailctl-limits"},
    daemon{"slapd", "/etc/ldap/mailctl", "openldap", "Print what slapd needs, also replicated, and lloadd", "mailctl config slapd --out /etc/ldap/mailctl"},
    daemon{"cron", "/etc/cron.d", "", "Print a line for cron for each job of ours", "mailctl config cron --out /etc/cron.d"},
    daemon{"systemd", "/etc/systemd/system", "", "Print a service and a timer for each job of ours", "mailctl config systemd --out /etc/systemd/system"},
};

[[noreturn]] void missing(const std::string& sentence, remedy r = remedy::none, std::string hint = {}) { throw error(error_kind::configuration, sentence, {.hint = std::move(hint), .remedy = r}); }

// ---- which templates

/// A file's name, and its template below schema/.
using templates = std::vector<std::pair<std::string, std::string>>;

/// All that is in a folder of schema/, so that a map that is new there needs no line here.
templates all_in(std::string_view folder, const std::set<std::string>& without = {}) {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(schema_dir() / folder))
        if (entry.is_regular_file() && !without.contains(entry.path().filename())) names.insert(entry.path().filename());
    templates found;
    for (const auto& name : names) found.emplace_back(name, fmt::format("{}/{}", folder, name));
    return found;
}

/// What takes something away for good is a file of its own, which nobody writes by writing all.
const std::set<std::string> cron_by_name = {"mailctl-purge"};

const std::set<std::string> of_lists = {"lists", "main-lists.cf"};

templates of_mailman(const daemon_choices& choices) {
    templates found = {{"lists", "postfix/lists"}, {"main-lists.cf", "postfix/main-lists.cf"}};
    if (choices.mailman == "2") found.emplace_back("master-lists.cf", "mailman/master-lists.cf");
    return found;
}

templates of_slapd(const daemon_choices& choices) {
    templates found = {{"accesslog.conf", "accesslog.conf"}, {"acl.conf", "acl.conf"}, {"indices.conf", "indices.conf"}, {"limits.conf", "limits.conf"}, {"slapd.conf", "slapd/slapd.conf"}, {"texts.conf", "texts.conf"}};
    if (choices.providers.empty()) return found;
    found.emplace_back("lloadd.conf", "slapd/lloadd.conf");
    found.emplace_back("replication.conf", "slapd/replication.conf");
    return found;
}

/// What is filled when it is named and not otherwise: other forms of the same, and what is needed once.
templates of_slapd_by_name() {
    return {{"accesslog.ldif", "accesslog.ldif"}, {"acl.ldif", "acl.ldif"}, {"indices.ldif", "indices.ldif"}, {"limits.ldif", "limits.ldif"},
            {"replicator.ldif", "slapd/replicator.ldif"}, {"texts.ldif", "texts.ldif"}, {"tree.ldif", "tree.ldif.in"}};
}

templates templates_of(const daemon& d, const daemon_choices& choices) {
    if (d.name == "postfix") return all_in("postfix", of_lists);
    if (d.name == "dovecot" && choices.dovecot == "2.4") return all_in("dovecot-2.4");
    if (d.name == "mailman") return of_mailman(choices);
    if (d.name == "nslcd") return {{"nslcd.conf", "nslcd.conf"}};
    if (d.name == "slapd") return of_slapd(choices);
    if (d.name == "cron") return all_in("cron", cron_by_name);
    return all_in(d.name);
}

templates of_cron_by_name() {
    templates found;
    for (const auto& name : cron_by_name) found.emplace_back(name, "cron/" + name);
    return found;
}

/// With those that are filled when they are named.
templates all_templates_of(const daemon& d, const daemon_choices& choices) {
    auto known = templates_of(d, choices);
    const auto more = d.name == "slapd" ? of_slapd_by_name() : d.name == "cron" ? of_cron_by_name() : templates{};
    known.insert(known.end(), more.begin(), more.end());
    return known;
}

std::vector<std::string> names_in(const templates& all) {
    std::vector<std::string> names;
    for (const auto& t : all) names.push_back(t.first);
    return names;
}

std::string template_named(const daemon& d, const std::string& name, const daemon_choices& choices) {
    const auto known = all_templates_of(d, choices);
    const auto found = std::find_if(known.begin(), known.end(), [&](const auto& t) { return t.first == name; });
    if (found != known.end()) return found->second;
    throw error(error_kind::usage, fmt::format("{} has no file {}", d.name, vmail::quoted(name)), {.hint = fmt::format("there are {}", fmt::join(names_in(known), ", "))});
}

daemon_syntax syntax_of(const daemon& d, std::string_view name, const daemon_choices& choices) {
    if (d.name == "dovecot" || d.name == "sieve") return choices.dovecot == "2.4" ? daemon_syntax::dovecot_24 : daemon_syntax::quoted;
    if (d.name == "freeradius") return daemon_syntax::freeradius;
    if (d.name == "slapd") return daemon_syntax::quoted;
    const bool of_postfix = name.starts_with("main") || name.starts_with("master");
    return of_postfix ? daemon_syntax::postfix_parameter : daemon_syntax::line;
}

// ---- what stands for the names in them

struct filling {
    const daemon& of;
    std::string name; ///< of the file
    const configuration& settings;
    const daemon_choices& choices;

    std::string written(std::string_view value, std::string_view what) const { return written_in(syntax_of(of, name, choices), value, what); }
};

const ldap::dn& base_of(const filling& f) {
    if (!f.settings.base) missing("no base DN is set", remedy::set_base);
    return *f.settings.base;
}

std::string base(const filling& f) {
    const auto above = layout(base_of(f)).base();
    if (above.empty()) missing("the base is o=hosting itself: these files are for a tree with an entry above it");
    return plain_everywhere(above.text(), "the base DN", ",");
}

std::string first_dc(const filling& f) {
    const auto above = layout(base_of(f)).base();
    if (above.empty() || !ascii::iequals(above.rdns().front().front().type, "dc")) missing("these first entries are for a base that begins with dc=", remedy::none, "write the entry of the base yourself");
    return above.rdns().front().front().value;
}

std::string daemon_dn(const filling& f) {
    const auto dn = f.settings.daemon_dn ? *f.settings.daemon_dn : layout(base_of(f)).container().child("cn", "phamm");
    return plain_everywhere(dn.text(), "the DN of the daemons", ",");
}

bool is_plain(const std::string& uri) { return ascii::istarts_with(uri, "ldap:"); }

/// Passwords go there, of the daemon itself and of those who log in.
void require_encrypted(const configuration& c, const std::string& uri) {
    if (is_plain(uri) && !c.starttls && !c.allow_clear_bind)
        missing(fmt::format("the daemons would send passwords to {} in clear text", printable(uri)), remedy::use_encrypted_connection);
}

std::string uris(const filling& f) {
    if (f.settings.uris.empty()) missing("no directory server is set", remedy::name_a_server);
    // FreeRADIUS has a line for each.
    const std::string_view between = f.of.name == "freeradius" ? "\"\n\tserver = \"" : " ";
    std::string all;
    for (const auto& uri : f.settings.uris) {
        require_encrypted(f.settings, uri);
        all.append(all.empty() ? "" : between).append(plain_everywhere(uri, "the URI of the server", "%[]"));
    }
    return all;
}

std::string yes_if(bool is_so) { return is_so ? "yes" : ""; }

/// With ldapi:// alone there is nothing to encrypt.
std::string starttls(const filling& f) {
    const auto& all = f.settings.uris;
    return yes_if(f.settings.starttls && std::any_of(all.begin(), all.end(), is_plain));
}

std::string tls(const filling& f) {
    const auto& all = f.settings.uris;
    return yes_if(!starttls(f).empty() || std::any_of(all.begin(), all.end(), [](const auto& uri) { return ascii::istarts_with(uri, "ldaps:"); }));
}

std::string ca_file(const filling& f) { return tls(f).empty() ? "" : plain_everywhere(f.settings.ca_file, "ca-file"); }

std::string lists_domain(const filling& f) {
    if (!f.settings.lists_domain) missing("no domain of the list server is set", remedy::none, "set lists-domain");
    return std::string(f.settings.lists_domain->text());
}

std::string lists_transport(const filling& f) {
    if (f.choices.mailman == "2") return "mailman:";
    return plain_everywhere(f.settings.lists_transport, "lists-transport", "[]");
}

std::string programs(const filling&) {
    std::error_code none;
    return plain_everywhere(fs::read_symlink("/proc/self/exe", none).parent_path().native(), "the folder of mailctl");
}

/// The folder of a file that audit lines go to, as systemd has to open it.
std::string audit_folder(const filling& f) {
    const fs::path file = f.settings.audit;
    return file.is_absolute() ? plain_everywhere(file.parent_path().native(), "the folder of audit") : "";
}

/// A folder of a job that runs as root, as systemd and cron have to name it.
std::string root_folder(const fs::path& set, const char* otherwise, std::string_view name) { return plain_everywhere(set.empty() ? otherwise : set.native(), name); }

std::string data_folder(const filling& f) { return plain_everywhere(f.choices.data, "the folder of the data"); }
std::string log_folder(const filling& f) { return data_folder(f) + "/accesslog"; }

// ---- what the directory has

/// As lines that end where the line of their template does.
std::string lines_of(std::string text) {
    if (text.ends_with('\n')) text.pop_back();
    return text;
}

std::string postfwd_lines(const filling& f) { return lines_of(postfwd_rules(f.choices.rules())); }
std::string rspamd_lines(const filling& f) { return lines_of(rspamd_map(f.choices.rules())); }

// ---- secrets

secret daemon_password(const configuration& c) {
    if (!c.daemon_password_file.empty()) return read_secret_file(c.daemon_password_file);
    missing("no password of the daemons is set", remedy::none, "put it into a file of mode 600, and set daemon-password-file");
}

/// The entry of the daemons has a hash; everybody else needs the password itself.
std::string phamm_password(const filling& f) {
    const auto password = daemon_password(f.settings);
    if (f.name == "tree.ldif") return hash_password(password, f.settings.password_scheme).to_attribute();
    return f.written(password.reveal(), "the password of the daemons");
}

/// Whether the tools log in as their entry of a new tree, cn=mailctl, with a password.
bool binds_as_tools(const filling& f) {
    const auto& c = f.settings;
    return c.method == bind_method::simple && c.bind_dn && *c.bind_dn == layout(base_of(f)).base().child("cn", "mailctl") && !c.bind_password_file.empty();
}

std::string tools_password(const filling& f) { return hash_password(read_secret_file(f.settings.bind_password_file), f.settings.password_scheme).to_attribute(); }

secret replicator_password(const daemon_choices& choices) {
    if (choices.replicator_password_file) return read_secret_file(*choices.replicator_password_file);
    missing("no password of the replicator is given", remedy::none, "put it into a file of mode 600, and give --replicator-password-file");
}

std::string replicator_secret(const filling& f) {
    const auto password = replicator_password(f.choices);
    if (f.name == "replicator.ldif") return hash_password(password, f.settings.password_scheme).to_attribute();
    return f.written(password.reveal(), "the password of the replicator");
}

/// What stands for @NAME@.
struct value_name {
    std::string_view name;
    std::string (*value)(const filling&);
};
constexpr std::array secrets = {value_name{"PHAMM_PASSWORD", phamm_password}, value_name{"REPLICATOR_PASSWORD", replicator_secret},
                                value_name{"TOOLS_PASSWORD", tools_password}};

const value_name* find_secret(std::string_view name) {
    const auto found = std::find_if(secrets.begin(), secrets.end(), [&](const value_name& s) { return s.name == name; });
    return found == secrets.end() ? nullptr : &*found;
}

// ---- several servers of one directory

template_values values_for(const filling& f, std::function<std::optional<std::string>(std::string_view)> first);

/// A template for each provider, with its number and URI.
std::string for_each_provider(const filling& f, const char* file, bool also_own) {
    const auto text = read_file(schema_dir() / file);
    std::string all;
    for (std::size_t i = 0; i < f.choices.providers.size(); ++i) {
        if (!also_own && static_cast<int>(i) + 1 == f.choices.server_id) continue;
        require_encrypted(f.settings, f.choices.providers[i]);
        all += fill_template(text, values_for(f, [&](std::string_view name) -> std::optional<std::string> {
                                 if (name == "PROVIDER") return plain_everywhere(f.choices.providers[i], "the URI of a provider", "%[]");
                                 if (name == "PROVIDER_NUMBER") return fmt::format("{:03}", i + 1);
                                 if (name == "STARTTLS") return yes_if(is_plain(f.choices.providers[i]) && f.settings.starttls);
                                 return std::nullopt;
                             }));
    }
    return all;
}

std::string sync_repl(const filling& f) { return for_each_provider(f, "slapd/provider.in", false); }
std::string backends(const filling& f) { return for_each_provider(f, "slapd/backend.in", true); }

// ---- all of them

constexpr std::array values = {
    value_name{"ARCHIVE_DIR", [](const filling& f) { return root_folder(f.settings.archive_dir, root_folders::archive, "archive-dir"); }},
    value_name{"AUDIT_DIR", audit_folder},
    value_name{"BACKENDS", backends},
    value_name{"BASE", base},
    value_name{"BINDS_AS_TOOLS", [](const filling& f) { return yes_if(binds_as_tools(f)); }},
    value_name{"BIN_DIR", programs},
    value_name{"CA_FILE", ca_file},
    value_name{"CONF_DIR", [](const filling& f) { return plain_everywhere(f.choices.place, "the folder of the files"); }},
    value_name{"DAEMON_DN", daemon_dn},
    value_name{"DATA_DIR", data_folder},
    value_name{"DC", first_dc},
    value_name{"LISTS_DOMAIN", lists_domain},
    value_name{"LISTS_TRANSPORT", lists_transport},
    value_name{"LOGDIR", log_folder},
    value_name{"MAIL_GROUP", [](const filling& f) { return f.settings.mail_group; }},
    value_name{"MAIL_HOME", [](const filling& f) { return plain_everywhere(f.settings.mail_home, "mail-home"); }},
    value_name{"MAIL_USER", [](const filling& f) { return f.settings.mail_user; }},
    value_name{"POSTFWD_RULES", postfwd_lines},
    value_name{"PROVIDERS", [](const filling& f) { return yes_if(!f.choices.providers.empty()); }},
    value_name{"RECIPIENT_DELIMITER", [](const filling& f) { return f.written(f.settings.recipient_delimiter, "recipient-delimiter"); }},
    value_name{"ROOT_JOURNAL_DIR", [](const filling& f) { return root_folder(f.settings.journal_dir, root_folders::journal, "journal-dir"); }},
    value_name{"ROOT_LOCK_DIR", [](const filling& f) { return root_folder(f.settings.lock_dir, root_folders::lock, "lock-dir"); }},
    value_name{"ROOT_STATE_DIR", [](const filling& f) { return root_folder(f.settings.state_dir, root_folders::state, "state-dir"); }},
    value_name{"RSPAMD_LIMITS", rspamd_lines},
    value_name{"RUN_AS", [](const filling& f) { return plain_everywhere(f.choices.run_as, "the user to run as"); }},
    value_name{"SCHEMA", [](const filling&) { return plain_everywhere(schema_dir().native(), "the folder of the schema"); }},
    value_name{"SERVER_ID", [](const filling& f) { return f.choices.server_id ? std::to_string(*f.choices.server_id) : std::string(); }},
    value_name{"STARTTLS", starttls},
    value_name{"STARTTLS_NUMBER", [](const filling& f) { return std::string(starttls(f).empty() ? "0" : "1"); }},
    value_name{"SYNCREPL", sync_repl},
    value_name{"TLS", tls},
    value_name{"URI", uris},
};

std::optional<std::string> value_of(const filling& f, std::string_view name) {
    if (const auto* const found = find_secret(name)) return f.choices.with_secrets ? std::optional(found->value(f)) : std::nullopt;
    const auto found = std::find_if(values.begin(), values.end(), [&](const value_name& v) { return v.name == name; });
    if (found == values.end()) throw error(error_kind::configuration, fmt::format("the template of {} has @{}@, and nothing is known of that", f.name, name));
    return found->value(f);
}

template_values values_for(const filling& f, std::function<std::optional<std::string>(std::string_view)> first) {
    return [&f, first = std::move(first)](std::string_view name) {
        if (auto value = first(name)) return value;
        return value_of(f, name);
    };
}

/// Whether the file is about that secret, itself or by what is filled in.
bool has_secret(std::string_view text) {
    return text.find("@SYNCREPL@") != std::string_view::npos || text.find("@BACKENDS@") != std::string_view::npos ||
           std::any_of(secrets.begin(), secrets.end(), [&](const value_name& s) { return text.find(fmt::format("@{}@", s.name)) != std::string_view::npos; });
}

} // namespace

std::span<const daemon> all_daemons() noexcept { return daemons; }

std::vector<std::string> names_of_files(const daemon& d, const daemon_choices& choices) { return names_in(templates_of(d, choices)); }
std::vector<std::string> known_files(const daemon& d, const daemon_choices& choices) { return names_in(all_templates_of(d, choices)); }

daemon_file fill_file(const daemon& d, const std::string& name, const configuration& c, const daemon_choices& choices) {
    const auto text = read_file(schema_dir() / template_named(d, name, choices));
    const filling f{.of = d, .name = name, .settings = c, .choices = choices};
    try {
        return {.name = name, .text = fill_template(text, [&](std::string_view wanted) { return value_of(f, wanted); }), .has_secret = has_secret(text)};
    } catch (const invalid_value& e) {
        throw error(error_kind::configuration, fmt::format("{} of {}: {}", name, d.name, e.what()));
    }
}

} // namespace vmail::tools
