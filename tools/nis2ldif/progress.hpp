#pragma once

#include <cstddef>
#include <string>

#include <nis/options.hpp>

namespace nis2ldif {

/// Tells on standard error how far a conversion has come, in one line that goes away in the end. On a terminal only.
class progress {
public:
    progress();
    progress(const progress&) = delete;
    progress& operator=(const progress&) = delete;
    ~progress() { clear(); }

    bool is_shown() const noexcept { return shown_; }
    void tell(vmail::nis::stage s, std::size_t done, std::size_t of);
    void clear();

private:
    bool shown_;
    std::string last_;
};

} // namespace nis2ldif
