#include <cstddef>
#include <exception>
#include <iostream>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <nis/convert.hpp>
#include <nis/report.hpp>

#include "arguments.hpp"
#include "output_file.hpp"
#include "progress.hpp"

namespace {

using namespace nis2ldif;

void write_report(const arguments& a, const vmail::nis::report& r, std::ostream& out) {
    if (a.format == report_format::json)
        vmail::nis::write_json(out, r);
    else
        vmail::nis::write_text(out, r);
}

/// Nothing of it may stand between lines that go to the same terminal.
void show_progress(arguments& a, progress& line) {
    if (!line.is_shown() || a.out == "-") return;
    a.options.progress = [&line](vmail::nis::stage s, std::size_t done, std::size_t of) { line.tell(s, done, of); };
}

int run(arguments& a) {
    output_file ldif(a.out);
    std::optional<output_file> report_file;
    if (!a.report.empty()) report_file.emplace(a.report);
    progress line;
    show_progress(a, line);
    const vmail::nis::report report = vmail::nis::convert(a.maps, a.options, ldif.stream());
    line.clear();
    ldif.commit();
    write_report(a, report, report_file ? report_file->stream() : std::cerr);
    if (report_file) report_file->commit();
    return report.skipped_something() ? 1 : 0;
}

int fail(const vmail::error& e) {
    std::cerr << "nis2ldif: error: " << e.what() << '\n';
    if (!e.hint().empty()) std::cerr << "nis2ldif: hint: " << e.hint() << '\n';
    return vmail::exit_status(e.kind());
}

} // namespace

int main(int argc, char** argv) {
    try {
        auto parsed = parse_arguments(argc, argv);
        if (const int* const status = std::get_if<int>(&parsed)) return *status;
        return run(std::get<arguments>(parsed));
    } catch (const vmail::error& e) {
        return fail(e);
    } catch (const std::exception& e) {
        return fail(vmail::error(vmail::error_kind::internal, fmt::format("{}; this is a bug", vmail::printable(e.what()))));
    }
}
