#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <vmail/ascii.hpp>

#include "addresses.hpp"
#include "aliases.hpp"
#include "convert.hpp"
#include "entries.hpp"
#include "entry_printer.hpp"
#include "group.hpp"
#include "ledger.hpp"
#include "netgroup.hpp"
#include "passwd.hpp"
#include "resolve.hpp"
#include "shadow.hpp"
#include "text_arena.hpp"

namespace vmail::nis {

namespace {

constexpr std::array<std::string_view, 2> domain_aliases = {"postmaster", "abuse"};

class conversion {
public:
    conversion(const map_set& maps, const options& o, std::ostream& out) : maps_(maps), options_(o), print_(o, out) {
        report_.maps.reserve(6); // ledgers are pointed to
    }

    report run() {
        read();
        write();
        for (ledger& lines : report_.maps) lines.close();
        return std::move(report_);
    }

private:
    const entry_maker& make() const { return print_.make(); }

    ledger& open(const map_file& map) { return report_.maps.emplace_back(map.name(), map.lines().size()); }

    void read() {
        read_users();
        read_mail();
        if (maps_.group) groups_ = read_group(*maps_.group, options_, users_, open(*maps_.group));
        if (maps_.netgroup) netgroups_ = read_netgroup(*maps_.netgroup, options_, open(*maps_.netgroup), texts_);
        if (maps_.aliases || maps_.passwd) report_.notes.emplace_back("~/.forward files were not looked at: forwards in them are not converted");
        if (!maps_.passwd && maps_.aliases) report_.notes.emplace_back("no passwd was given: targets here that are no alias are taken for accounts that exist");
        if (!options_.as_of) report_.notes.emplace_back("the maps have no date (see --as-of): no creationDate is written, and lastChange is 0");
    }

    void read_users() {
        if (!maps_.passwd) return;
        ledger& passwd_lines = open(*maps_.passwd);
        users_ = read_passwd(*maps_.passwd, options_, passwd_lines, texts_);
        hash_map shadow;
        hash_map adjunct;
        if (maps_.shadow) {
            shadow.lines = &open(*maps_.shadow);
            shadow_ = read_shadow(*maps_.shadow, options_, users_, *shadow.lines);
            shadow.records = &shadow_;
        }
        if (maps_.adjunct) {
            adjunct.lines = &open(*maps_.adjunct);
            adjunct_ = read_adjunct(*maps_.adjunct, options_, users_, *adjunct.lines);
            adjunct.records = &adjunct_;
        }
        choose_passwords(users_, passwd_lines, shadow, adjunct);
    }

    void read_mail() {
        ledger unused("", 0);
        ledger& alias_lines = maps_.aliases ? open(*maps_.aliases) : unused;
        if (maps_.aliases) aliases_ = read_aliases(*maps_.aliases, options_, alias_lines, texts_);
        const auto account_of = assign_addresses(users_, aliases_, options_, maps_.passwd ? report_.maps.front() : unused, texts_);
        generate_domain_aliases();
        account_of_ = account_of;
        account_of_.resize(aliases_.definitions.size(), none);
        resolved_ = resolve(aliases_, account_of_, users_, options_, alias_lines);
    }

    /// As they are made with a new domain: postmaster is the server's own, abuse goes to postmaster.
    void generate_domain_aliases() {
        for (const std::string_view name : domain_aliases) {
            if (aliases_.by_name.contains(name) || users_.by_login.contains(name)) continue;
            alias_definition d;
            d.name = name;
            d.first_target = aliases_.targets.size();
            d.target_count = 1;
            d.generated = true;
            aliases_.by_name.insert(name, static_cast<std::uint32_t>(aliases_.definitions.size()));
            aliases_.definitions.push_back(d);
            aliases_.targets.push_back({name == "postmaster" ? alias_target::kind::server : alias_target::kind::local, "postmaster"});
        }
    }

    void write() {
        if (options_.with_base)
            for (const ldap::entry& e : make().base()) write_other(e);
        const bool mail = options_.only != scope::unix_accounts;
        if (mail && options_.with_domain) write_domain();
        if (!mail && maps_.passwd) write_other(make().folder(entry_maker::people_folder));
        for (const account& a : users_.accounts) write_account(a);
        if (mail) write_login_aliases();
        if (mail) write_aliases();
        write_groups();
        write_netgroups();
        print_.flush();
    }

    void write_other(const ldap::entry& e) {
        print_.print(e);
        ++report_.entries.domains;
    }

    void write_domain() {
        write_other(make().domain());
        for (const std::string_view name : domain_aliases) {
            if (users_.by_login.contains(name)) continue;
            const std::uint32_t i = *aliases_.by_name.find(name);
            // The map may define it and lead nowhere; a domain must have it all the same.
            const bool usable = resolved_.aliases[i].what == resolved_alias::fate::entry;
            write_alias(name, usable ? target_texts(resolved_.aliases[i]) : std::vector<std::string>{"postmaster"});
        }
    }

    void write_account(const account& a) {
        const shadow_record* const shadow = a.shadow == none ? nullptr : &shadow_[a.shadow];
        const bool forwards = options_.only != scope::unix_accounts && a.forward != none;
        print_.account(a, shadow, forwards ? target_texts(resolved_.aliases[a.forward]) : std::vector<std::string>());
        ++report_.entries.accounts;
        if (forwards) ++report_.entries.forwards;
    }

    void write_login_aliases() {
        for (const account& a : users_.accounts) {
            if (a.local_part == a.login) continue;
            print_.alias(a.login, {make().address_text(a.local_part)});
            ++report_.entries.login_aliases;
        }
    }

    void write_aliases() {
        for (std::size_t i = 0; i < aliases_.definitions.size(); ++i) {
            const alias_definition& d = aliases_.definitions[i];
            if (resolved_.aliases[i].what != resolved_alias::fate::entry || is_domain_alias(d.name)) continue;
            write_alias(d.name, target_texts(resolved_.aliases[i]));
        }
    }

    static bool is_domain_alias(std::string_view name) {
        return ascii::iequals(name, domain_aliases[0]) || ascii::iequals(name, domain_aliases[1]);
    }

    void write_alias(std::string_view name, const std::vector<std::string>& targets) {
        print_.alias(name, targets);
        ++report_.entries.aliases;
    }

    void write_groups() {
        if (!maps_.group) return;
        write_other(make().folder(entry_maker::groups_folder));
        for (const group& g : groups_) {
            print_.print(make().group(g));
            ++report_.entries.groups;
        }
    }

    void write_netgroups() {
        if (!maps_.netgroup) return;
        write_other(make().folder(entry_maker::netgroup_folder));
        for (const netgroup& g : netgroups_) {
            print_.print(make().netgroup(g));
            ++report_.entries.netgroups;
        }
    }

    std::vector<std::string> target_texts(const resolved_alias& r) const {
        std::vector<std::string> texts;
        texts.reserve(r.count);
        for (std::size_t d = r.first; d < r.first + r.count; ++d) texts.push_back(target_text(resolved_.destinations[d]));
        return texts;
    }

    std::string target_text(const destination& d) const {
        switch (d.what) {
        case destination::kind::account: return make().address_text(users_.accounts[d.index].local_part);
        case destination::kind::alias: return make().address_text(aliases_.definitions[d.index].name);
        case destination::kind::elsewhere: return make().address_text(d.text);
        case destination::kind::outside:
        case destination::kind::server: break;
        }
        return std::string(d.text);
    }

    const map_set& maps_;
    const options& options_;
    entry_printer print_;
    text_arena texts_;
    passwd_table users_;
    shadow_table shadow_;
    shadow_table adjunct_;
    alias_table aliases_;
    std::vector<std::uint32_t> account_of_;
    resolution resolved_;
    std::vector<group> groups_;
    std::vector<netgroup> netgroups_;
    report report_;
};

} // namespace

report convert(const map_set& maps, const options& o, std::ostream& out) { return conversion(maps, o, out).run(); }

} // namespace vmail::nis
