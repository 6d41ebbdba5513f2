#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/printable.hpp>

#include "colon_map.hpp"
#include "fields.hpp"
#include "group.hpp"
#include "hidden_hashes.hpp"
#include "name_list.hpp"
#include "name_table.hpp"
#include "number.hpp"

namespace vmail::nis {

namespace {

// slapd's mdb cannot store an RDN that is much longer.
constexpr std::size_t longest_name = 240;

class group_reader {
public:
    group_reader(const passwd_table& users, ledger& lines) : users_(users), lines_(lines) {}

    void read(const colon_record& record) {
        line_ = record.line;
        auto f = split<4>(record.text, ':');
        const std::string_view as_written = std::exchange(f.at[0], trim(f[0]));
        if (f.count != 3 && f.count != 4) return skip(code::field_count, f[0], fmt::format("{} fields instead of 3 or 4", f.count));
        if (f[0].size() > longest_name) return skip(code::bad_group, f[0], fmt::format("the name is longer than {} bytes", longest_name));
        if (f[0].empty() || !ascii::all_printable(f[0])) return skip(code::bad_group, f[0], "no usable name");
        const id_number gid = parse_id(f[2]);
        if (!gid.usable()) return skip(code::bad_gid, f[0], fmt::format("the gid {} is no number of a group", shown_quoted(f[2])));
        const auto first = by_name_.find(f[0]);
        if (first && groups_[*first].name != f[0])
            return skip(code::case_collision, f[0],
                        fmt::format("{} in line {} differs in case only", quoted(groups_[*first].name), groups_[*first].line));
        if (as_written.size() != f[0].size()) note(code::name_trimmed, f[0], fmt::format("it was written {}", quoted(as_written)));
        if (gid.what == id_number::verdict::rewritten) note(code::number_rewritten, f[0], fmt::format("gid {} was written otherwise", gid.value));
        if (first) return unite(*first, gid.value, f[3]);
        make(f, gid.value);
    }

    std::vector<group> take() { return std::move(groups_); }

private:
    using member_set = std::unordered_set<std::string_view>;

    void make(const fields<4>& f, std::uint32_t gid) {
        lines_.entry({line_, line_});
        by_name_.insert(f[0], static_cast<std::uint32_t>(groups_.size()));
        groups_.push_back({line_, gid, f[0], crypt_field::parse(f[1])});
        member_set seen;
        add_members(groups_.back(), f[3], seen);
    }

    void unite(std::uint32_t index, std::uint32_t gid, std::string_view members) {
        group& g = groups_[index];
        lines_.merged({line_, line_});
        note(code::group_merged, g.name,
             g.gid == gid ? fmt::format("its members go to the group of line {}", g.line)
                          : fmt::format("its members go to the group of line {}, whose gid {} stays", g.line, g.gid));
        // Kept: a group of a hundred thousand lines would otherwise be gone through at each of them.
        member_set& seen = united_.try_emplace(index, g.members.begin(), g.members.end()).first->second;
        add_members(g, members, seen);
    }

    void add_members(group& g, std::string_view list, member_set& seen) {
        name_list unknown;
        name_list dropped;
        while (!list.empty()) {
            const std::size_t comma = list.find(',');
            const std::string_view member = trim(list.substr(0, comma));
            list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
            if (member.empty()) continue;
            if (!ascii::all_printable(member)) {
                dropped.add(member);
            } else if (seen.insert(member).second) {
                g.members.push_back(member);
                if (is_unknown(member)) unknown.add(member);
            }
        }
        if (!unknown.empty()) note(code::unknown_member, g.name, fmt::format("no account, kept: {}", unknown.text()));
        if (!dropped.empty()) note(code::member_dropped, g.name, fmt::format("not printable ASCII, left out: {}", dropped.text()));
    }

    bool is_unknown(std::string_view member) const {
        if (!users_.given) return false;
        const auto at = users_.by_login.find(member);
        return !at || users_.accounts[*at].login != member;
    }

    void note(code what, std::string_view name, const std::string& text) {
        lines_.note({line_, line_}, what, fmt::format("{}: {}", printable(name), text));
    }

    void skip(code why, std::string_view name, const std::string& text) {
        lines_.skip({line_, line_}, why, fmt::format("{}: {}", name.empty() ? "(no name)" : shown(name), text));
    }

    const passwd_table& users_;
    ledger& lines_;
    std::uint32_t line_ = 0;
    name_table by_name_;
    std::vector<group> groups_;
    std::unordered_map<std::uint32_t, member_set> united_; ///< members of the groups that stand in several lines
};

} // namespace

std::vector<group> read_group(const map_file& map, const options& o, const passwd_table& users, ledger& lines) {
    group_reader reader(users, lines);
    for_each_record(map, o.form, lines, [&reader](const colon_record& record) { reader.read(record); });
    return reader.take();
}

} // namespace vmail::nis
