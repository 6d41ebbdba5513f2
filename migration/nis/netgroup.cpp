#include <algorithm>
#include <optional>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "alias_graph.hpp"
#include "fields.hpp"
#include "name_list.hpp"
#include "name_table.hpp"
#include "netgroup.hpp"
#include "netgroup_lines.hpp"

namespace vmail::nis {

namespace {

// slapd's mdb cannot store an RDN that is much longer.
constexpr std::size_t longest_name = 240;

constexpr bool is_separator(char c) { return ascii::is_blank(c) || c == '\n'; }

/// What slapd's check of nisNetgroupTriple lets through.
bool is_triple_field(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return ascii::is_alnum(c) || c == '.' || c == '-'; });
}

/// "(host,user,domain)" of what stands between the parentheses.
std::optional<std::string> make_triple(std::string_view inside) {
    std::string text(inside);
    std::replace(text.begin(), text.end(), '\n', ' ');
    auto parts = split<3>(text, ',');
    if (parts.count != 3) return {};
    for (std::string_view& part : parts.at) {
        part = trim(part);
        if (!is_triple_field(part)) return {};
    }
    return fmt::format("({},{},{})", parts[0], parts[1], parts[2]);
}

/// One definition's value: triples and names, in any order, with or without blanks between them.
class value_parser {
public:
    value_parser(std::string_view value, netgroup& out) : text_(value), out_(out) {}

    void parse() {
        while (!text_.empty()) step();
    }

    name_list bad_triples;
    name_list bad_members;
    std::vector<std::string_view> in_comments; ///< words, of which those that are netgroups are members
    bool has_comment = false;
    bool has_comma = false;

private:
    void step() {
        const char c = text_.front();
        if (c == '\n') in_comment_ = false;
        if (is_separator(c))
            text_.remove_prefix(1);
        else if (c == ',')
            take_comma();
        else if (c == '(')
            take_triple();
        else if (c == '#')
            enter_comment();
        else
            take_member();
    }

    void take_comma() {
        has_comma |= !in_comment_;
        text_.remove_prefix(1);
    }

    void take_triple() {
        const std::size_t end = text_.find_first_of("()", 1);
        const bool closed = end != std::string_view::npos && text_[end] == ')';
        const std::string_view whole = text_.substr(0, closed ? end + 1 : end);
        const auto triple = closed ? make_triple(whole.substr(1, whole.size() - 2)) : std::nullopt;
        if (!triple && !in_comment_)
            bad_triples.add(whole);
        else if (triple && triples_.insert(*triple).second)
            out_.triples.push_back(*triple);
        text_.remove_prefix(whole.size());
    }

    /// No reader of netgroup(5) knows comments here: what is meant as one is read like the rest of the line.
    void enter_comment() {
        in_comment_ = has_comment = true;
        text_.remove_prefix(1);
    }

    void take_member() {
        const std::size_t end = std::min(text_.find_first_of(" \t\n(,"), text_.size());
        const std::string_view member = text_.substr(0, end);
        if (in_comment_)
            in_comments.push_back(member);
        else if (!ascii::all_printable(member))
            bad_members.add(member);
        else if (members_.insert(member).second)
            out_.members.push_back(member);
        text_.remove_prefix(end);
    }

    std::string_view text_;
    netgroup& out_;
    bool in_comment_ = false;
    std::unordered_set<std::string> triples_;
    std::unordered_set<std::string_view> members_;
};

class netgroup_reader {
public:
    explicit netgroup_reader(ledger& lines) : lines_(lines) {}

    void read(const netgroup_line& line) {
        if (!is_acceptable(line)) return;
        netgroup group;
        group.lines = line.lines;
        group.name = line.name;
        value_parser value(line.value, group);
        value.parse();
        lines_.entry(line.lines);
        note_oddities(group, value);
        const auto index = static_cast<std::uint32_t>(groups_.size());
        by_name_.insert(group.name, index);
        for (const std::string_view word : value.in_comments) in_comments_.push_back({index, word});
        groups_.push_back(std::move(group));
    }

    std::vector<netgroup> take() {
        add_members_in_comments();
        note_unknown_members();
        note_loops();
        return std::move(groups_);
    }

private:
    bool is_acceptable(const netgroup_line& line) {
        const std::string_view name = line.name;
        if (name.find('(') != std::string_view::npos) return skip(line, code::bad_netgroup, "no name with a blank behind it");
        if (!ascii::all_printable(name)) return skip(line, code::bad_netgroup, "the name is not printable ASCII");
        if (name.size() > longest_name) return skip(line, code::bad_netgroup, fmt::format("the name is longer than {} bytes", longest_name));
        const auto first = by_name_.find(name);
        if (!first) return true;
        const netgroup& other = groups_[*first];
        if (other.name != name)
            return skip(line, code::case_collision, fmt::format("{} in line {} differs in case only", quoted(other.name), other.lines.first));
        lines_.merged(line.lines);
        note(line.lines, code::duplicate_netgroup, name, fmt::format("the definition in line {} counts, not this one", other.lines.first));
        return false;
    }

    bool skip(const netgroup_line& line, code why, const std::string& text) {
        lines_.skip(line.lines, why, fmt::format("{}: {}", printable(line.name.substr(0, 80)), text));
        return false;
    }

    void note_oddities(const netgroup& g, const value_parser& value) {
        if (value.has_comment) note(g.lines, code::netgroup_comment, g.name, "triples and netgroups behind the # count, as on the old server");
        if (value.has_comma) note(g.lines, code::comma_separated, g.name, "a comma between members is taken as a blank");
        if (!value.bad_triples.empty()) note(g.lines, code::bad_triple, g.name, fmt::format("left out: {}", value.bad_triples.text()));
        if (!value.bad_members.empty())
            note(g.lines, code::member_dropped, g.name, fmt::format("not printable ASCII, left out: {}", value.bad_members.text()));
        if (g.triples.empty() && g.members.empty()) note(g.lines, code::empty_netgroup, g.name, "nobody and nothing is in it");
    }

    void add_members_in_comments() {
        std::unordered_set<std::string_view> seen;
        std::optional<std::uint32_t> of;
        for (const auto& [index, word] : in_comments_) {
            std::vector<std::string_view>& members = groups_[index].members;
            // They stand together by netgroup.
            if (std::exchange(of, index) != index) seen = {members.begin(), members.end()};
            if (find(word) && seen.insert(word).second) members.push_back(word);
        }
    }

    std::optional<std::uint32_t> find(std::string_view name) const {
        const auto at = by_name_.find(name);
        return at && groups_[*at].name == name ? at : std::nullopt;
    }

    void note_unknown_members() {
        for (const netgroup& g : groups_) {
            name_list unknown;
            for (const std::string_view member : g.members)
                if (!find(member)) unknown.add(member);
            if (!unknown.empty()) note(g.lines, code::unknown_netgroup, g.name, fmt::format("no netgroup here, kept: {}", unknown.text()));
        }
    }

    void note_loops() {
        alias_graph graph(groups_.size());
        for (std::uint32_t i = 0; i < groups_.size(); ++i) {
            for (const std::string_view member : groups_[i].members)
                if (const auto to = find(member)) graph.add_edge(*to);
            graph.finish_node(i);
        }
        const auto components = graph.strong_components();
        for (std::uint32_t i = 0; i < groups_.size(); ++i)
            if (components.in_loop[i]) note(groups_[i].lines, code::netgroup_loop, groups_[i].name, "its members lead back to it, kept");
    }

    void note(line_span lines, code what, std::string_view name, const std::string& text) {
        lines_.note(lines, what, fmt::format("{}: {}", printable(name), text));
    }

    ledger& lines_;
    name_table by_name_;
    std::vector<netgroup> groups_;
    std::vector<std::pair<std::uint32_t, std::string_view>> in_comments_;
};

} // namespace

std::vector<netgroup> read_netgroup(const map_file& map, const options& o, ledger& lines, text_arena& texts) {
    if (looks_reversed(map))
        throw error(error_kind::invalid_value,
                    fmt::format("cannot read {}: it is netgroup.byuser or netgroup.byhost, made from netgroup", printable(map.name())),
                    {.hint = "give the map netgroup itself"});
    netgroup_reader reader(lines);
    for_each_netgroup_line(map, o, lines, texts, [&reader](const netgroup_line& line) { reader.read(line); });
    return reader.take();
}

} // namespace vmail::nis
