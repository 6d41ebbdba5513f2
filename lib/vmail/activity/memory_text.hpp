#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vmail::activity {

/// Lines of fields, whatever is in them: what a reader remembers.
class memory_writer {
public:
    memory_writer& field(std::string_view text);
    memory_writer& field(std::uint64_t number) { return field(std::string_view(std::to_string(number))); }
    void end_line();
    std::string take() { return std::move(text_); }

private:
    std::string text_{};
    bool is_first_ = true;
};

/// Reads them back. What is malformed throws invalid_value.
class memory_line {
public:
    explicit memory_line(std::string_view line) : rest_(line) {}

    std::string text();
    std::uint64_t number();
    void end() const;

private:
    std::string_view rest_;
    bool is_over_ = false;
};

[[noreturn]] void refuse_memory();

} // namespace vmail::activity
