#pragma once

#include <ostream>
#include <string>

#include <mbox/report.hpp>

#include "arguments.hpp"

namespace mbox2maildir {

/// As lines: the findings, then the folders.
void write_text(std::ostream& out, const vmail::mbox::report& r, bool quiet);

/// One JSON object.
void write_json(std::ostream& out, const vmail::mbox::report& r);

/// To standard error, or whole into the file that the arguments name. Throws error(configuration) where that cannot be written.
void write_report(const arguments& a, const vmail::mbox::report& r);

} // namespace mbox2maildir
