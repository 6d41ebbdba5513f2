#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <vmail/printable.hpp>

namespace vmail::nis {

/// Names for a finding: "a, b, c", or the first of them and how many there are. Safe to print.
class name_list {
public:
    void add(std::string_view name) {
        if (++count_ <= most_named) text_ += (count_ == 1 ? "" : ", ") + printable(name.substr(0, 80));
    }
    bool empty() const noexcept { return count_ == 0; }
    std::string text() const;

private:
    static constexpr std::size_t most_named = 20;

    std::string text_;
    std::size_t count_ = 0;
};

} // namespace vmail::nis
