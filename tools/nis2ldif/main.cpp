#include <cerrno>
#include <cstddef>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <nis/convert.hpp>
#include <nis/report.hpp>

#include <cli/fd_stream.hpp>
#include <cli/output_file.hpp>
#include <cli/process.hpp>
#include <cli/progress_line.hpp>
#include <cli/terminal.hpp>

#include "arguments.hpp"

namespace {

using namespace nis2ldif;
using vmail::tools::output_file;

void write_report(const arguments& a, const vmail::nis::report& r, std::ostream& out) {
    if (a.format == report_format::json)
        vmail::nis::write_json(out, r);
    else
        vmail::nis::write_text(out, r);
}

/// They hold what the old server showed to few: whoever may not read the alias map need not read these.
void make_folder(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return;
    throw vmail::error(vmail::error_kind::configuration, fmt::format("cannot make {}: {}", vmail::printable(path), std::strerror(errno)));
}

void write_lists(const std::string& folder, const std::vector<vmail::nis::address_file>& lists) {
    for (const vmail::nis::address_file& list : lists) {
        output_file file(fmt::format("{}/{}", folder, list.name), output_file::wait::later);
        for (const std::string& address : list.addresses) file.stream() << address << '\n';
        file.commit();
    }
    if (!lists.empty()) vmail::tools::sync_file_system(folder);
}

std::string_view name(vmail::nis::stage s) {
    switch (s) {
    case vmail::nis::stage::reading: return "reading";
    case vmail::nis::stage::resolving: return "resolving addresses";
    case vmail::nis::stage::writing: break;
    }
    return "writing";
}

/// Nothing of it may stand between lines that go to the same terminal.
void show_progress(arguments& a, vmail::tools::progress_line& line) {
    if (!line.is_shown() || a.out == "-") return;
    a.options.progress = [&line](vmail::nis::stage s, std::size_t done, std::size_t of) { line.tell(name(s), done, of); };
}

int run(arguments& a) {
    if (!a.lists_members.empty()) make_folder(a.lists_members);
    output_file ldif(a.out);
    std::optional<output_file> report_file;
    if (!a.report.empty()) report_file.emplace(a.report);
    vmail::tools::progress_line line;
    show_progress(a, line);
    const vmail::nis::report report = vmail::nis::convert(a.maps, a.options, ldif.stream());
    line.clear();
    ldif.stream().flush();
    // First: an alias without its members would be a list that nobody is on.
    write_lists(a.lists_members, report.lists);
    ldif.commit();
    vmail::tools::fd_stream standard_error(STDERR_FILENO, "standard error");
    write_report(a, report, report_file ? report_file->stream() : standard_error);
    standard_error.flush();
    if (report_file) report_file->commit();
    return report.skipped_something() ? 1 : 0;
}

} // namespace

int main(int argc, char** argv) {
    vmail::tools::exit_on_interrupt(); // before anything is said: whoever heard of us may end us
    const vmail::tools::diagnostics err({.program = "nis2ldif"});
    return vmail::tools::run_guarded(err, [&] {
        auto parsed = parse_arguments(argc, argv);
        if (const int* const status = std::get_if<int>(&parsed)) return *status;
        return run(std::get<arguments>(parsed));
    });
}
