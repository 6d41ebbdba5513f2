#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
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
#include "mailing_lists.hpp"
#include "netgroup.hpp"
#include "passwd.hpp"
#include "resolve.hpp"
#include "shadow.hpp"
#include "text_arena.hpp"

namespace vmail::nis {

namespace {

/// Jobs that know nothing of each other.
class side_by_side {
public:
    side_by_side(const options& o, stage s) : options_(o), stage_(s) {}

    void add(std::function<void()> job) { jobs_.push_back(std::move(job)); }
    /// `then` follows the last of them that is done.
    template <typename Reader>
    void add_pieces(
        Reader& reader, std::function<void()> then = [] {}) {
        const auto left = std::make_shared<std::atomic<std::size_t>>(reader.pieces());
        for (std::size_t piece = 0; piece < reader.pieces(); ++piece)
            add([&reader, piece, left, then] {
                reader.read_piece(piece);
                if (--*left == 0) then();
            });
    }

    void run() {
        do_pieces(options_.plan, jobs_.size(), [this](std::size_t i) {
            jobs_[i]();
            if (!options_.progress) return;
            const std::lock_guard lock(mutex_);
            options_.progress(stage_, ++done_, jobs_.size());
        });
    }

private:
    const options& options_;
    stage stage_;
    std::vector<std::function<void()>> jobs_;
    std::mutex mutex_;
    std::size_t done_ = 0;
};

class conversion {
public:
    conversion(const map_set& maps, const options& o) : maps_(maps), options_(o) {
        for (const auto* map : {&maps.passwd, &maps.shadow, &maps.adjunct, &maps.aliases, &maps.forward_list}) open(*map);
        if (has_forwards()) open_row("forwards", 0, nullptr);
        for (const auto* map : {&maps.group, &maps.netgroup}) open(*map);
    }

    report run(std::ostream& out) {
        read();
        report_.entries = write_entries(tables_, options_, out);
        for (ledger& lines : report_.maps) lines.close();
        return std::move(report_);
    }

private:
    void open(const std::optional<map_file>& map) {
        if (map) open_row(map->name(), map->lines().size(), &*map);
    }
    void open_row(const std::string& name, std::size_t lines, const map_file* map) {
        opened_.push_back(map);
        ledger& row = report_.maps.emplace_back(name, lines);
        if (map && map->is_database()) row.name_records(map->lines());
    }
    ledger& row_of(const map_file* map) {
        return report_.maps[static_cast<std::size_t>(std::find(opened_.begin(), opened_.end(), map) - opened_.begin())];
    }
    ledger& lines_of(const map_file& map) { return row_of(&map); }

    void read() {
        read_users_and_aliases();
        resolve_mail();
        if (maps_.group) tables_.groups = read_group(*maps_.group, options_, tables_.users, lines_of(*maps_.group));
        tables_.has_groups = maps_.group.has_value();
        if (maps_.netgroup) tables_.netgroups = read_netgroup(*maps_.netgroup, options_, lines_of(*maps_.netgroup), texts_);
        tables_.has_netgroups = maps_.netgroup.has_value();
        if (!has_forwards() && (maps_.aliases || maps_.passwd))
            report_.notes.emplace_back("~/.forward files were not looked at: forwards in them are not converted");
        if (!maps_.passwd && maps_.aliases)
            report_.notes.emplace_back("no passwd was given: targets here that are no alias are taken for accounts that exist");
        if (options_.expires && options_.expires->passed(options_.now))
            report_.notes.emplace_back(fmt::format("--expires is past ({}): the first expiry run disables all accounts", options_.expires->text(options_.site.zone)));
        if (!options_.as_of) report_.notes.emplace_back("the maps have no date (see --as-of): no creationDate is written, and lastChange is 0");
    }

    /// The lines of these maps say nothing of each other before all are read.
    void read_users_and_aliases() {
        std::optional<passwd_reader> passwd;
        side_by_side jobs(options_, stage::reading);
        // The longest first: it cannot be cut.
        if (maps_.aliases) jobs.add([this] { tables_.aliases = read_aliases(*maps_.aliases, options_, lines_of(*maps_.aliases), alias_texts_); });
        if (maps_.passwd)
            jobs.add_pieces(passwd.emplace(*maps_.passwd, options_), [&] { tables_.users = passwd->finish(lines_of(*maps_.passwd), texts_); });
        if (maps_.shadow) jobs.add_pieces(shadow_.emplace(*maps_.shadow, options_, shadow_reader::kind::shadow));
        if (maps_.adjunct) jobs.add_pieces(adjunct_.emplace(*maps_.adjunct, options_, shadow_reader::kind::adjunct));
        jobs.run();
        tables_.users.given = passwd.has_value(); // also where it has no line
    }

    void join_hashes() {
        hash_map shadow_map;
        hash_map adjunct_map;
        if (shadow_) shadow_map = join_map(*shadow_, lines_of(*maps_.shadow), tables_.shadow);
        if (adjunct_) adjunct_map = join_map(*adjunct_, lines_of(*maps_.adjunct), tables_.adjunct);
        if (maps_.passwd) choose_passwords(tables_.users, lines_of(*maps_.passwd), shadow_map, adjunct_map);
    }

    hash_map join_map(shadow_reader& reader, ledger& lines, shadow_table& records) {
        records = reader.finish(tables_.users, lines);
        return {&records, &lines};
    }

    /// Passwords and addresses of the accounts have nothing to do with each other.
    std::vector<std::uint32_t> join_hashes_and_assign_addresses() {
        std::vector<std::uint32_t> account_of;
        ledger address_notes("", 0);
        do_pieces(options_.plan, 2, [&](std::size_t job) {
            if (job == 0)
                account_of = assign_addresses(tables_.users, tables_.aliases, options_, address_notes);
            else
                join_hashes();
        });
        if (maps_.passwd) lines_of(*maps_.passwd).absorb(std::move(address_notes));
        return account_of;
    }

    void resolve_mail() {
        if (options_.progress) options_.progress(stage::resolving, 0, 1);
        ledger unused("", 0);
        ledger& alias_lines = maps_.aliases ? lines_of(*maps_.aliases) : unused;
        ledger& forward_lines = has_forwards() ? read_forward_files() : unused;
        std::vector<std::uint32_t> account_of = join_hashes_and_assign_addresses();
        generate_domain_aliases();
        std::vector<mailing_list> lists;
        if (options_.lists == list_policy::mailman) lists = make_lists(tables_.aliases, account_of, tables_.users, options_, alias_lines, texts_);
        account_of.resize(tables_.aliases.definitions.size(), none);
        tables_.resolved = resolve(tables_.aliases, account_of, tables_.users, options_, alias_lines, forward_lines);
        if (options_.lists == list_policy::mailman)
            report_.lists = list_addresses(lists, tables_.aliases, tables_.resolved, tables_.users, options_, alias_lines);
    }

    bool has_forwards() const { return maps_.forward_list || !options_.forward_root.empty(); }

    ledger& read_forward_files() {
        ledger& files = row_of(nullptr);
        if (maps_.forward_list)
            read_listed_forwards(*maps_.forward_list, options_, tables_.users, tables_.aliases, lines_of(*maps_.forward_list), files, texts_);
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
            const bool is_top = name == "postmaster";
            tables_.aliases.targets.push_back({is_top ? alias_target::kind::server : alias_target::kind::local, is_top ? "postmaster@localhost" : "postmaster"});
        }
    }

    const map_set& maps_;
    const options& options_;
    std::vector<const map_file*> opened_; ///< of report_.maps; null: the files of forwards
    text_arena texts_;
    std::optional<shadow_reader> shadow_;
    std::optional<shadow_reader> adjunct_;
    text_arena alias_texts_; ///< aliases are read beside the others
    tables tables_;
    report report_;
};

} // namespace

report convert(const map_set& maps, const options& o, std::ostream& out) { return conversion(maps, o).run(out); }

} // namespace vmail::nis
