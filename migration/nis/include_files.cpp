#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "charset.hpp"
#include "colon_map.hpp"
#include "include_files.hpp"
#include "map_file.hpp"

namespace vmail::nis {

namespace {

// Sendmail's own limit on :include: in :include: (MaxAliasRecursion).
constexpr unsigned deepest = 10;

bool stays_below_root(const std::filesystem::path& path) {
    return std::none_of(path.begin(), path.end(), [](const std::filesystem::path& part) { return part == ".."; });
}

} // namespace

void include_files::expand(std::string_view path, line_span at, std::vector<target>& out, unsigned depth) {
    if (options_.include_root.empty()) return leave_out(path, at, "--include-root was not given");
    if (depth == deepest) return leave_out(path, at, "the files include one another too deeply");
    const std::filesystem::path relative = std::filesystem::path(path).relative_path();
    if (path.empty() || path.front() != '/' || !stays_below_root(relative)) return leave_out(path, at, "no absolute path");
    const std::string file = (std::filesystem::path(options_.include_root) / relative).string();
    try {
        read(file, at, out, depth);
    } catch (const error& e) {
        leave_out(path, at, e.what());
    }
}

void include_files::read(const std::string& file, line_span at, std::vector<target>& out, unsigned depth) {
    const map_file included = map_file::read(file);
    lines_.note(at, code::include_expanded, fmt::format("the addresses of {} were put in", printable(file)));
    std::string buffer;
    for (const std::string_view line : included.lines()) {
        if (is_blank_or_comment(line)) continue;
        buffer.clear();
        decode(line, options_.charset, buffer);
        std::vector<target> found;
        list_oddities oddities;
        parse_address_list(texts_.keep(buffer), texts_, found, oddities);
        for (const target& t : found) {
            if (t.what == target::kind::include) expand(t.text, at, out, depth + 1);
            else out.push_back(t);
        }
    }
}

void include_files::leave_out(std::string_view path, line_span at, std::string_view why) {
    lines_.note(at, code::include_target, fmt::format(":include:{} is left out: {}", printable(path), why));
}

} // namespace vmail::nis
