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

/// In the form that the arguments ask for.
void write_report(std::ostream& out, const arguments& a, const vmail::mbox::report& r);

} // namespace mbox2maildir
