#pragma once

#include <cstddef>
#include <cstdint>

#include "page_allocator.hpp"

namespace vmail::nis {

/// In which line each uid stood first. Open addressing; neighbours stay neighbours, since uids mostly come in sequence.
class uid_table {
public:
    explicit uid_table(std::size_t expected) {
        std::size_t size = 16;
        while (size < expected * 2) size *= 2;
        slots_.assign(size, {});
    }

    /// The line of the first account with this uid, which may be this one. Precondition: lines count from 1, and there are no more than expected.
    std::uint32_t first_line(std::uint32_t uid, std::uint32_t line) noexcept {
        std::size_t i = place(uid);
        while (slots_[i].line != 0 && slots_[i].uid != uid) i = (i + 1) & (slots_.size() - 1);
        if (slots_[i].line == 0) slots_[i] = {uid, line};
        return slots_[i].line;
    }

    void prefetch(std::uint32_t uid) const noexcept { __builtin_prefetch(&slots_[place(uid)]); }

private:
    struct slot {
        std::uint32_t uid = 0;
        std::uint32_t line = 0;
    };

    std::size_t place(std::uint32_t uid) const noexcept {
        constexpr std::uint64_t odd = 0x9E3779B97F4A7C15U;
        return (uid + ((uid >> 10U) * odd >> 20U)) & (slots_.size() - 1);
    }

    page_vector<slot> slots_;
};

} // namespace vmail::nis
