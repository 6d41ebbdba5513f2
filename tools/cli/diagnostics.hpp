#pragma once

#include <string>
#include <string_view>

#include <vmail/error.hpp>

namespace vmail::tools {

struct diagnostics_options {
    std::string program;  ///< "mailctl"
    bool json = false;    ///< each line is an object
    bool quiet = false;   ///< no notes
    bool verbose = false; ///< details as well
    bool colour = false;
};

/// Everything a program says beside its data: lines on standard error. Sentences come out on one line, with nothing that a terminal obeys.
class diagnostics {
public:
    explicit diagnostics(diagnostics_options options) : options_(std::move(options)) {}

    /// Worth knowing, no harm done.
    void note(std::string_view sentence) const;
    /// What -v asks for.
    void detail(std::string_view sentence) const;
    /// Something could not be done or read, and the run goes on.
    void warning(std::string_view sentence) const;
    /// The sentence and, on a line of its own, the hint. In JSON the exit status too: that of this failure alone, or the one that the program ends with.
    void failure(const error& e) const;
    void failure(const error& e, int exit_status) const;

    /// More of a program's own, as it is.
    void text(const std::string& text) const;

    /// Whether something could not be written, though there was somebody to read it: not where standard error is closed or its reader has gone.
    bool has_lost_something() const noexcept { return has_lost_something_; }

    const diagnostics_options& options() const noexcept { return options_; }

private:
    void say(std::string_view word, std::string_view colour, std::string_view sentence) const;
    void write(const std::string& text) const;
    void write_line(std::string line) const;
    diagnostics_options options_;
    mutable bool has_lost_something_ = false;
};

} // namespace vmail::tools
