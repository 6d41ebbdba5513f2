#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "addresses.hpp"
#include "aliases.hpp"
#include "convert.hpp"
#include "entry_writer.hpp"
#include "forwards.hpp"
#include "group.hpp"
#include "ledger.hpp"
#include "netgroup.hpp"
#include "passwd.hpp"
#include "resolve.hpp"
#include "shadow.hpp"
#include "text_arena.hpp"

namespace vmail::nis {

namespace {

class conversion {
public:
    conversion(const map_set& maps, const options& o) : maps_(maps), options_(o) {
        report_.maps.reserve(8); // ledgers are pointed to
    }

    report run(std::ostream& out) {
        read();
        report_.entries = write_entries(tables_, options_, out);
        for (ledger& lines : report_.maps) lines.close();
        return std::move(report_);
    }

private:
    ledger& open(const map_file& map) {
        ledger& lines = report_.maps.emplace_back(map.name(), map.lines().size());
        if (map.is_database()) lines.name_records(map.lines());
        return lines;
    }

    void read() {
        read_users();
        read_mail();
        if (maps_.group) tables_.groups = read_group(*maps_.group, options_, tables_.users, open(*maps_.group));
        tables_.has_groups = maps_.group.has_value();
        if (maps_.netgroup) tables_.netgroups = read_netgroup(*maps_.netgroup, options_, open(*maps_.netgroup), texts_);
        tables_.has_netgroups = maps_.netgroup.has_value();
        if (!has_forwards() && (maps_.aliases || maps_.passwd))
            report_.notes.emplace_back("~/.forward files were not looked at: forwards in them are not converted");
        if (!maps_.passwd && maps_.aliases)
            report_.notes.emplace_back("no passwd was given: targets here that are no alias are taken for accounts that exist");
        if (!options_.as_of) report_.notes.emplace_back("the maps have no date (see --as-of): no creationDate is written, and lastChange is 0");
    }

    void read_users() {
        if (!maps_.passwd) return;
        ledger& passwd_lines = open(*maps_.passwd);
        tables_.users = read_passwd(*maps_.passwd, options_, passwd_lines, texts_);
        hash_map shadow;
        hash_map adjunct;
        if (maps_.shadow) {
            shadow.lines = &open(*maps_.shadow);
            tables_.shadow = read_shadow(*maps_.shadow, options_, tables_.users, *shadow.lines);
            shadow.records = &tables_.shadow;
        }
        if (maps_.adjunct) {
            adjunct.lines = &open(*maps_.adjunct);
            tables_.adjunct = read_adjunct(*maps_.adjunct, options_, tables_.users, *adjunct.lines);
            adjunct.records = &tables_.adjunct;
        }
        choose_passwords(tables_.users, passwd_lines, shadow, adjunct);
    }

    void read_mail() {
        ledger unused("", 0);
        ledger& alias_lines = maps_.aliases ? open(*maps_.aliases) : unused;
        if (maps_.aliases) tables_.aliases = read_aliases(*maps_.aliases, options_, alias_lines, texts_);
        ledger& forward_lines = has_forwards() ? read_forward_files() : unused;
        std::vector<std::uint32_t> account_of =
            assign_addresses(tables_.users, tables_.aliases, options_, maps_.passwd ? report_.maps.front() : unused, texts_);
        generate_domain_aliases();
        account_of.resize(tables_.aliases.definitions.size(), none);
        tables_.resolved = resolve(tables_.aliases, account_of, tables_.users, options_, alias_lines, forward_lines);
    }

    bool has_forwards() const { return maps_.forward_list || !options_.forward_root.empty(); }

    ledger& read_forward_files() {
        ledger* const list = maps_.forward_list ? &open(*maps_.forward_list) : nullptr;
        ledger& files = report_.maps.emplace_back("forwards", 0);
        if (list)
            read_listed_forwards(*maps_.forward_list, options_, tables_.users, tables_.aliases, *list, files, texts_);
        else
            read_forwards(options_, tables_.users, tables_.aliases, files, texts_);
        report_.notes.emplace_back(fmt::format("~/.forward files: {} were found for {} accounts", files.parts(), tables_.users.accounts.size()));
        return files;
    }

    /// As they are made with a new domain: postmaster is the server's own, abuse goes to postmaster.
    void generate_domain_aliases() {
        for (const std::string_view name : domain_aliases) {
            if (tables_.aliases.by_name.contains(name) || tables_.users.by_login.contains(name)) continue;
            alias_definition d;
            d.name = name;
            d.first_target = tables_.aliases.targets.size();
            d.target_count = 1;
            d.generated = true;
            tables_.aliases.by_name.insert(name, static_cast<std::uint32_t>(tables_.aliases.definitions.size()));
            tables_.aliases.definitions.push_back(d);
            tables_.aliases.targets.push_back({name == "postmaster" ? alias_target::kind::server : alias_target::kind::local, "postmaster"});
        }
    }

    const map_set& maps_;
    const options& options_;
    text_arena texts_;
    tables tables_;
    report report_;
};

} // namespace

report convert(const map_set& maps, const options& o, std::ostream& out) { return conversion(maps, o).run(out); }

} // namespace vmail::nis
