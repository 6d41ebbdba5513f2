#include <filesystem>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/charset.hpp>
#include <vmail/descriptor.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "colon_map.hpp"
#include "include_files.hpp"
#include "map_file.hpp"
#include "old_root.hpp"

namespace vmail::nis {

namespace {

// Sendmail's own limit on :include: in :include: (MaxAliasRecursion).
constexpr unsigned deepest = 10;

/// Throws error(input_missing) with the reason alone.
descriptor open_old(const std::string& folder, std::string_view path) {
    const descriptor root(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    descriptor file(root ? open_in_root(root.get(), std::string(path)) : -1);
    if (!file) throw error(error_kind::input_missing, system_reason());
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) throw error(error_kind::input_missing, system_reason());
    if (!S_ISREG(status.st_mode)) throw error(error_kind::input_missing, "it is no regular file");
    return file;
}

} // namespace

void include_files::expand(std::string_view path, line_span at, std::vector<target>& out, unsigned depth) {
    if (options_.include_root.empty()) return leave_out(path, at, "--include-root was not given");
    if (depth == deepest) return leave_out(path, at, "the files include one another too deeply");
    if (path.empty() || path.front() != '/') return leave_out(path, at, "no absolute path");
    try {
        read(path, at, out, depth);
    } catch (const error& e) {
        leave_out(path, at, e.what());
    }
}

void include_files::read(std::string_view path, line_span at, std::vector<target>& out, unsigned depth) {
    const std::string file = (std::filesystem::path(options_.include_root) / std::filesystem::path(path).relative_path()).string();
    const map_file included = map_file::read(open_old(options_.include_root, path).get(), file);
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
