#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vmail::tools {

/// Tells on standard error how far a job has come, in one line that is written again when it changes and goes away in the end. On a terminal only.
class progress_line {
public:
    progress_line();
    progress_line(const progress_line&) = delete;
    progress_line& operator=(const progress_line&) = delete;
    ~progress_line() { clear(); }

    bool is_shown() const noexcept { return shown_; }
    /// "WHAT: N %".
    void tell(std::string_view what, std::uint64_t done, std::uint64_t of);
    void clear();

private:
    bool shown_;
    std::string last_;
};

} // namespace vmail::tools
