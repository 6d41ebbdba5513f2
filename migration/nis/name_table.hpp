#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <vmail/ascii.hpp>

namespace vmail::nis {

/// Names without regard to ASCII case, each with a number. The names are not copied: what they point to must outlive the table.
/// Open addressing, 24 bytes a slot, at most half full: a million names are looked up in this one structure several times over.
class name_table {
public:
    explicit name_table(std::size_t expected = 0) { rebuild(expected); }

    /// The number that the name has now: the given one, or the one it had before.
    std::uint32_t insert(std::string_view name, std::uint32_t number) {
        if ((size_ + 1) * 2 > slots_.size()) rebuild(size_ + 1);
        slot& s = slots_[place(name)];
        if (s.used) return s.number;
        s = {name, number, true};
        ++size_;
        return number;
    }

    void replace(std::string_view name, std::uint32_t number) {
        insert(name, number);
        slots_[place(name)].number = number;
    }

    std::optional<std::uint32_t> find(std::string_view name) const noexcept {
        const slot& s = slots_[place(name)];
        return s.used ? std::optional(s.number) : std::nullopt;
    }

    bool contains(std::string_view name) const noexcept { return slots_[place(name)].used; }
    std::size_t size() const noexcept { return size_; }

private:
    struct slot {
        std::string_view name{};
        std::uint32_t number = 0;
        bool used = false;
    };

    std::size_t place(std::string_view name) const noexcept {
        const std::size_t mask = slots_.size() - 1;
        const std::size_t hash = ascii::ihash(name);
        std::size_t i = (hash ^ (hash >> 32U)) & mask;
        while (slots_[i].used && !ascii::iequals(slots_[i].name, name)) i = (i + 1) & mask;
        return i;
    }

    void rebuild(std::size_t expected) {
        std::size_t wanted = 16;
        while (wanted < expected * 2 + 2) wanted *= 2;
        std::vector<slot> old(wanted);
        old.swap(slots_);
        for (const slot& s : old)
            if (s.used) slots_[place(s.name)] = s;
    }

    std::vector<slot> slots_;
    std::size_t size_ = 0;
};

} // namespace vmail::nis
